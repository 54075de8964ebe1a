//! Amounts as Stripe counts them: whole smallest units, a few currencies apart.
//!
//! Source: docs.stripe.com/currencies, "Zero-decimal currencies" and "Three-decimal currencies".

use kernel::{Currency, Money};

use super::objects::Unreadable;
use crate::providers::card::CardRefusal;

/// The units to send. Stripe counts VND, JPY and KRW in whole units as we do; of three-decimal
/// currencies it takes tens of the smallest unit only.
pub(super) fn units(amount: Money) -> Result<i64, CardRefusal> {
    let Money { minor, currency } = amount;
    if currency.exponent() == 3 && minor % 10 != 0 {
        return Err(CardRefusal::NotRepresentable { amount, currency });
    }
    Ok(minor)
}

/// The currency as Stripe writes it.
pub(super) fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

/// An amount that Stripe tells.
pub(super) fn money(units: i64, code: &str) -> Result<Money, Unreadable> {
    Ok(Money::new(units, code.to_ascii_uppercase().parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripe's list of currencies without decimals.
    const ZERO_DECIMAL: [&str; 16] = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV",
        "XAF", "XOF", "XPF",
    ];
    /// And of those with three.
    const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

    #[test]
    fn every_currency_of_ours_has_the_decimals_that_stripe_counts() {
        for currency in Currency::ALL {
            let decimals = match currency.code() {
                code if ZERO_DECIMAL.contains(&code) => 0,
                code if THREE_DECIMAL.contains(&code) => 3,
                _ => 2,
            };
            assert_eq!(currency.exponent(), decimals, "{currency}");
        }
    }

    #[test]
    fn dong_yen_and_won_are_sent_as_they_are_and_never_times_a_hundred() {
        for currency in [Currency::Vnd, Currency::Jpy, Currency::Krw] {
            assert_eq!(units(Money::new(125_000, currency)), Ok(125_000));
        }
        assert_eq!(units(Money::new(1_250, Currency::Usd)), Ok(1_250));
        assert_eq!(code(Currency::Vnd), "vnd");
        assert_eq!(money(125_000, "vnd").unwrap(), Money::vnd(125_000));
    }

    #[test]
    fn dinars_go_by_tens_of_their_smallest_unit() {
        assert_eq!(units(Money::new(5_120, Currency::Kwd)), Ok(5_120));
        let odd = Money::new(5_124, Currency::Kwd);
        let refused = CardRefusal::NotRepresentable { amount: odd, currency: Currency::Kwd };
        assert_eq!(units(odd), Err(refused));
    }

    #[test]
    fn a_currency_that_we_do_not_know_is_not_guessed() {
        assert!(matches!(money(1, "xyz"), Err(Unreadable::Currency(_))));
    }
}
