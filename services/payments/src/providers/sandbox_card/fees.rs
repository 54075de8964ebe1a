//! What the sandbox keeps, in whole smallest units of the currency.

use kernel::{Currency, Money};

use super::refusals::Refusal;
use super::settings::SandboxCardTerms;

/// The least and the most that Stripe charges, in đồng; of other currencies 0.50 and 999,999.99.
const VND_BOUNDS: (i64, i64) = (10_000, 99_999_999);

/// A currency as Stripe writes it, if this market knows it.
pub fn currency(code: &str) -> Result<Currency, Refusal> {
    let known = code.to_ascii_uppercase().parse().ok();
    known
        .filter(|_| !code.bytes().any(|byte| byte.is_ascii_uppercase()))
        .ok_or_else(|| Refusal::parameter("currency", format!("Invalid currency: {code}")))
}

/// Checks that an amount can be charged.
pub fn chargeable(parameter: &str, amount: i64, code: &str) -> Result<(), Refusal> {
    let currency = currency(code)?;
    let (least, most) = match currency {
        Currency::Vnd => VND_BOUNDS,
        _ => (50, 99_999_999),
    };
    if amount < least {
        let message = format!(
            "The amount must be greater than or equal to the minimum charge amount allowed: {least}"
        );
        return Err(Refusal::parameter(parameter, message).coded("amount_too_small"));
    }
    if amount > most {
        let message = format!("Amount must be no more than {most}");
        return Err(Refusal::parameter(parameter, message).coded("amount_too_large"));
    }
    Ok(())
}

/// The fee of a charge: a part, rounded half up, and a fixed amount; never more than the charge.
pub fn of_charge(terms: &SandboxCardTerms, amount: i64, currency: Currency) -> i64 {
    let rate = Money::new(amount, currency).fee_rounded_half_up(terms.fee_rate);
    let part = rate.map_or(0, |fee| fee.minor);
    part.saturating_add(fixed(terms.fee_fixed_vnd, 30, currency)).min(amount)
}

/// The fee of a dispute.
pub fn of_dispute(terms: &SandboxCardTerms, currency: Currency) -> i64 {
    fixed(terms.dispute_fee_vnd, 1_500, currency)
}

/// A fixed amount: as configured in đồng, elsewhere so many units.
const fn fixed(vnd: i64, elsewhere: i64, currency: Currency) -> i64 {
    if matches!(currency, Currency::Vnd) { vnd } else { elsewhere }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_of_whole_dong_costs_its_part_rounded_and_the_fixed_amount() {
        let terms = SandboxCardTerms::default();
        // 2.9 % of 100,017 is 2,900.493.
        assert_eq!(of_charge(&terms, 100_017, Currency::Vnd), 2_900 + 7_500);
        assert_eq!(of_charge(&terms, 100_018, Currency::Vnd), 2_901 + 7_500);
        assert_eq!(of_charge(&terms, 1_000, Currency::Usd), 29 + 30);
        assert_eq!(of_charge(&terms, 10, Currency::Usd), 10);
        assert_eq!(of_dispute(&terms, Currency::Vnd), 375_000);
    }

    #[test]
    fn too_little_too_much_and_unknown_money_are_refused() {
        assert_eq!(chargeable("amount", 10_000, "vnd"), Ok(()));
        let code = |amount, currency| chargeable("amount", amount, currency).unwrap_err().code;
        assert_eq!(code(9_999, "vnd").as_deref(), Some("amount_too_small"));
        assert_eq!(code(-1, "usd").as_deref(), Some("amount_too_small"));
        assert_eq!(code(100_000_000, "vnd").as_deref(), Some("amount_too_large"));
        assert_eq!(code(100_000, "xyz"), None);
        assert!(chargeable("amount", 100_000, "VND").is_err());
    }
}
