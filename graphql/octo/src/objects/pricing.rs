//! Prices, of the capability `octo/pricing`.

use kernel::Currency;
use proto::common::Money;
use serde::Serialize;

use crate::failure::Failure;

/// A price in whole minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pricing {
    /// Before any reduction.
    pub original: i64,
    /// What the guest pays.
    pub retail: i64,
    /// What the reseller owes the shop.
    pub net: i64,
    /// ISO 4217.
    pub currency: &'static str,
    /// Decimals of the currency: đồng has none.
    pub currency_precision: u32,
    /// Taxes are not shown apart.
    pub included_taxes: [(); 0],
}

/// The price of a unit, among those of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitPricing {
    /// The unit.
    pub unit_id: String,
    /// Its price.
    #[serde(flatten)]
    pub pricing: Pricing,
}

impl Pricing {
    /// A price of a message.
    pub fn of(price: Option<&Money>) -> Result<Self, Failure> {
        let read = |price: &Money| {
            let currency: Currency = price.currency.parse().ok()?;
            Some(Self::new(price.minor, currency))
        };
        price.and_then(read).ok_or_else(|| {
            tracing::error!(?price, "a price is missing or of an unknown currency");
            Failure::Fault
        })
    }

    const fn new(minor: i64, currency: Currency) -> Self {
        Self {
            original: minor,
            retail: minor,
            net: minor,
            currency: currency.code(),
            currency_precision: currency.exponent(),
            included_taxes: [],
        }
    }

    /// So many of this and that together; `None` where that is no amount, or there is nothing.
    pub fn total<'a>(parts: impl IntoIterator<Item = (&'a Self, u32)>) -> Option<Self> {
        let mut total: Option<Self> = None;
        for (part, quantity) in parts {
            let amount = part.retail.checked_mul(i64::from(quantity))?;
            let before = total.as_ref().map_or(0, |total| total.retail);
            if total.as_ref().is_some_and(|total| total.currency != part.currency) {
                return None;
            }
            let retail = before.checked_add(amount)?;
            total = Some(Self { original: retail, retail, net: retail, ..part.clone() });
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_the_sum_of_its_parts_or_nothing_where_it_is_no_amount() {
        let dong = |minor| Pricing::new(minor, Currency::Vnd);
        assert_eq!(Pricing::total([(&dong(250_000), 2), (&dong(0), 3)]), Some(dong(500_000)));
        assert_eq!(Pricing::total([]), None);
        assert_eq!(Pricing::total([(&dong(i64::MAX), 2)]), None);
        assert_eq!(Pricing::total([(&dong(1), 1), (&Pricing::new(1, Currency::Usd), 1)]), None);
    }

    #[test]
    fn a_price_says_how_many_decimals_its_currency_has() {
        let price = |currency: &str| Money { minor: 5, currency: currency.to_owned() };
        assert_eq!(Pricing::of(Some(&price("VND"))).unwrap().currency_precision, 0);
        assert_eq!(Pricing::of(Some(&price("USD"))).unwrap().currency_precision, 2);
        assert_eq!(Pricing::of(Some(&price("XXX"))), Err(Failure::Fault));
        assert_eq!(Pricing::of(None), Err(Failure::Fault));
    }
}
