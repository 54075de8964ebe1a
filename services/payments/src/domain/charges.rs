//! What is taken of an order when its payment is accepted: the market's commission, and the taxes
//! that a platform withholds.
//!
//! It decides nothing by itself: the rules of both are dated configuration (`commission`, `tax`).

use kernel::{BasisPoints, Money, MoneyError, ShopId, Timestamp};

use super::commission::{
    self, CommissionLine, CommissionRefused, CommissionRules, PaidBy, Sale, Sold,
};
use super::reversal::{RefundedInTotal, ReversalRefused};
use super::tax::{self, SellerKind, SupplyKind, TaxLine, TaxRefused, TaxTable, TaxedSale};

/// The rules in force.
#[derive(Clone, Debug)]
pub struct Tariff {
    commission: CommissionRules,
    tax: TaxTable,
}

/// Why an order could not be charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChargeRefused {
    /// The commission could not be reckoned.
    #[error(transparent)]
    Commission(#[from] CommissionRefused),
    /// The taxes could not be reckoned.
    #[error(transparent)]
    Tax(#[from] TaxRefused),
    /// The taxes are more than was paid.
    #[error("the taxes of {0} are more than all of it")]
    MoreThanPaid(Money),
    /// The amounts cannot be reckoned with each other.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// An order, as far as charging asks.
#[derive(Clone, Copy, Debug)]
pub struct ChargedSale {
    /// Who sold.
    pub shop: ShopId,
    /// What the seller is to the tax office.
    pub seller: SellerKind,
    /// What was sold.
    pub sold: Sold,
    /// How it was paid.
    pub paid_by: PaidBy,
    /// When the payment was accepted.
    pub accepted_at: Timestamp,
    /// What was paid, gross.
    pub amount: Money,
}

/// Who declares the taxes of a sale whose money the market never had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectTax {
    /// The seller. A platform withholds where it pays the seller (Decree 117/2025/ND-CP, article 4: platforms
    /// with a payment function); of money that it never has it can keep nothing back.
    Seller,
    /// The market, as of any sale: the shop owes it the taxes with the commission.
    Market,
}

/// The rule that is kept with taxes which the seller declares.
pub const SELLER_DECLARES: &str = "direct/seller_declares";

/// What was taken of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charges {
    /// The commission.
    pub commission: CommissionLine,
    /// The taxes.
    pub tax: TaxLine,
}

/// Fee and taxes, as amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The commission.
    pub fee: Money,
    /// Value added tax.
    pub vat: Money,
    /// Personal income tax.
    pub pit: Money,
}

impl Taken {
    /// Their sum.
    pub fn total(self) -> Result<Money, MoneyError> {
        self.fee.checked_add(self.vat)?.checked_add(self.pit)
    }
}

impl Tariff {
    /// Rules as operators write them; the ones that the market begins with where none are given.
    pub fn from_toml(commission: Option<&str>, tax: Option<&str>) -> Result<Self, toml::de::Error> {
        Ok(Self {
            commission: CommissionRules::from_toml(
                commission.unwrap_or(commission::DEFAULT_RULES),
            )?,
            tax: TaxTable::from_toml(tax.unwrap_or(tax::DEFAULT_TABLE))?,
        })
    }

    /// What is taken of an order.
    pub fn charge(&self, sale: &ChargedSale) -> Result<Charges, ChargeRefused> {
        let ChargedSale { shop, seller, sold, paid_by, accepted_at, amount } = *sale;
        let category = None;
        let commission = Sale { shop, category, sold, paid_by, accepted_at, amount };
        let supply = match sold {
            Sold::Goods => SupplyKind::Goods,
            Sold::Tour => SupplyKind::Services,
            Sold::Unknown => SupplyKind::Unknown,
        };
        let tax = self.tax.line_for(TaxedSale { seller, supply, accepted_at, amount })?;
        let mut commission = self.commission.line_for(&commission)?;
        // The taxes come first: the market takes at most what they leave.
        let left = amount.checked_sub(tax.vat.amount)?.checked_sub(tax.pit.amount)?;
        if left.is_negative() {
            return Err(ChargeRefused::MoreThanPaid(amount));
        }
        commission.fee.minor = commission.fee.minor.min(left.minor);
        let charges = Charges { commission, tax };
        Ok(charges)
    }
}

impl Charges {
    /// What was taken.
    pub const fn taken(&self) -> Taken {
        Taken { fee: self.commission.fee, vat: self.tax.vat.amount, pit: self.tax.pit.amount }
    }

    /// The same of a sale whose taxes the seller declares: none is withheld.
    #[must_use]
    pub fn declared_by_seller(mut self) -> Self {
        for tax in [&mut self.tax.vat, &mut self.tax.pit] {
            tax.rule = SELLER_DECLARES.to_owned();
            tax.rate = BasisPoints::ZERO;
            tax.amount = Money::zero(tax.amount.currency);
        }
        self
    }

    /// Whether its taxes are the market's to declare.
    pub fn tax_is_ours(&self) -> bool {
        self.tax.vat.rule != SELLER_DECLARES
    }

    /// What is left for the shop.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.commission.base.checked_sub(self.taken().total()?)
    }

    /// What a refund gives back of fee and taxes; below zero where a refund came back.
    pub fn given_back(&self, refunded: RefundedInTotal) -> Result<Taken, ReversalRefused> {
        let tax = self.tax.reversed_by(refunded)?;
        Ok(Taken { fee: self.commission.reversed_by(refunded)?, vat: tax.vat, pit: tax.pit })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::vietnam_calendar::tests::moment;

    fn sale(seller: SellerKind, amount: i64) -> ChargedSale {
        ChargedSale {
            shop: ShopId::from_uuid(Uuid::from_u128(1)),
            seller,
            sold: Sold::Goods,
            paid_by: PaidBy::BankTransfer,
            accepted_at: moment("2026-11-24T03:00:00Z"),
            amount: Money::vnd(amount),
        }
    }

    #[test]
    fn a_household_pays_commission_and_both_taxes_and_a_company_commission_only() {
        let tariff = Tariff::from_toml(None, None).unwrap();
        let household = tariff.charge(&sale(SellerKind::Household, 200_000)).unwrap();
        let taken = household.taken();
        assert_eq!(
            [taken.fee, taken.vat, taken.pit, household.net().unwrap()],
            [6_000, 2_000, 1_000, 191_000].map(Money::vnd)
        );
        let company = tariff.charge(&sale(SellerKind::Company, 200_000)).unwrap();
        assert_eq!(company.net().unwrap(), Money::vnd(194_000));
    }

    #[test]
    fn a_tour_is_a_service_and_what_nobody_knows_is_taxed_as_the_highest() {
        let tariff = Tariff::from_toml(None, None).unwrap();
        let household = sale(SellerKind::Household, 200_000);
        // Commission by kind; 5 % VAT and 2 % PIT of services, which are a household's highest rates.
        for (sold, fee) in [(Sold::Tour, 16_000), (Sold::Unknown, 6_000)] {
            let taken = tariff.charge(&ChargedSale { sold, ..household }).unwrap().taken();
            assert_eq!([taken.fee, taken.vat, taken.pit], [fee, 10_000, 4_000].map(Money::vnd));
        }
        let company = ChargedSale { sold: Sold::Unknown, ..sale(SellerKind::Company, 200_000) };
        assert_eq!(tariff.charge(&company).unwrap().taken().vat, Money::vnd(0));
    }

    #[test]
    fn a_fee_and_taxes_above_the_price_leave_nothing_below_zero() {
        let tariff = Tariff::from_toml(None, None).unwrap();
        for amount in 1..3_000 {
            let charges = tariff.charge(&sale(SellerKind::Household, amount)).unwrap();
            assert!(!charges.net().unwrap().is_negative(), "{amount}");
        }
    }

    #[test]
    fn a_full_refund_gives_all_of_it_back() {
        let charges = Tariff::from_toml(None, None)
            .unwrap()
            .charge(&sale(SellerKind::Household, 199_999))
            .unwrap();
        let whole = RefundedInTotal { before: Money::vnd(0), after: Money::vnd(199_999) };
        assert_eq!(charges.given_back(whole).unwrap(), charges.taken());
    }
}
