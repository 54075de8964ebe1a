//! Tax that a platform withholds from households and individuals who sell through it.
//!
//! Rates are dated data (`rules/tax.toml`, each row with its source: Decree 117/2025/ND-CP), never
//! constants. Tax is withheld per transaction when the payment is accepted, VAT and personal income
//! tax (PIT) each by itself, kept in a line that is only read, and reversed by returns in proportion.
//! A sale that the table says nothing about is refused, not taken as free of tax.

use std::fmt;

use kernel::{BasisPoints, Money, MoneyError, Timestamp};
use serde::Deserialize;

use super::reversal::{RefundedInTotal, ReversalRefused, reversed_by};
use super::vietnam_calendar::{ValidDays, VietnamDay};

/// The table that the market begins with.
pub const DEFAULT_TABLE: &str = include_str!("../../rules/tax.toml");

/// What a seller is to the tax office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SellerKind {
    /// A business household.
    Household,
    /// A person who lives in Vietnam.
    ResidentIndividual,
    /// A person who does not.
    NonResidentIndividual,
    /// A company: declares for itself.
    Company,
}

impl SellerKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::Household, Self::ResidentIndividual, Self::NonResidentIndividual, Self::Company];

    /// The name in files and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::ResidentIndividual => "resident_individual",
            Self::NonResidentIndividual => "non_resident_individual",
            Self::Company => "company",
        }
    }
}

/// What is supplied, as the rates tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupplyKind {
    /// Goods.
    Goods,
    /// Services.
    Services,
    /// Transport, and services that come with goods.
    Transport,
    /// Nobody can tell: the seller's highest rates of the day.
    Unknown,
}

impl SupplyKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Goods, Self::Services, Self::Transport, Self::Unknown];

    /// The name in files and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Services => "services",
            Self::Transport => "transport",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for SellerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for SupplyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// Its name; kept with what it decided.
    pub id: String,
    /// Whose sales.
    pub sellers: Vec<SellerKind>,
    /// Of what; never `Unknown`.
    pub supplies: Vec<SupplyKind>,
    /// The first day in force.
    pub valid_from: VietnamDay,
    /// The last day in force, once it is known.
    pub valid_until: Option<VietnamDay>,
    /// VAT on the gross amount.
    pub vat_basis_points: BasisPoints,
    /// PIT on the gross amount.
    pub pit_basis_points: BasisPoints,
    /// Where the law says so.
    pub source: String,
}

/// Why a table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxTableRefused {
    /// Two rows have one name.
    #[error("rate {0:?} is there twice")]
    Twice(String),
    /// A row names no law.
    #[error("rate {0:?} does not say where the law says so")]
    WithoutSource(String),
    /// A row is about nobody, about nothing, about the unknown, or about no day.
    #[error("rate {0:?} can never apply")]
    NeverApplies(String),
    /// Two rows are about the same seller, supply and day.
    #[error("rates {one:?} and {other:?} are about the same sales")]
    Ambiguous {
        /// A row.
        one: String,
        /// A later row.
        other: String,
    },
}

/// The rates with their dates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "UncheckedTable")]
pub struct TaxTable(Vec<TaxRate>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedTable {
    rate: Vec<TaxRate>,
}

impl TryFrom<UncheckedTable> for TaxTable {
    type Error = TaxTableRefused;

    fn try_from(unchecked: UncheckedTable) -> Result<Self, TaxTableRefused> {
        Self::checked(unchecked.rate)
    }
}

/// A sale, as far as tax asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxedSale {
    /// What the seller is.
    pub seller: SellerKind,
    /// What was sold.
    pub supply: SupplyKind,
    /// When the payment was accepted.
    pub accepted_at: Timestamp,
    /// What was paid, gross.
    pub amount: Money,
}

/// One of the two taxes of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldTax {
    /// The row that set the rate.
    pub rule: String,
    /// The rate.
    pub rate: BasisPoints,
    /// What was withheld.
    pub amount: Money,
}

/// What was withheld of a sale. Made once, then only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxLine {
    /// The sale.
    pub sale: TaxedSale,
    /// Value added tax.
    pub vat: WithheldTax,
    /// Personal income tax.
    pub pit: WithheldTax,
}

/// What of the two taxes goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxReversal {
    /// Of the sale: what the refund gave back.
    pub amount: Money,
    /// Of the VAT.
    pub vat: Money,
    /// Of the PIT.
    pub pit: Money,
}

/// Why no tax could be reckoned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxRefused {
    /// The table says nothing about such a sale.
    #[error("there is no tax rate for {supply} sold by a {seller} on {day}")]
    NoRate {
        /// What the seller is.
        seller: SellerKind,
        /// What was sold.
        supply: SupplyKind,
        /// When it was paid.
        day: VietnamDay,
    },
    /// A sale of nothing, or less, is not taxed.
    #[error("{0} is no amount of a sale")]
    NothingSold(Money),
    /// The tax is too large to be written.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl TaxTable {
    /// A table, if each row can apply and no two rows are about the same sales.
    pub fn checked(rates: Vec<TaxRate>) -> Result<Self, TaxTableRefused> {
        for (place, rate) in rates.iter().enumerate() {
            let id = || rate.id.clone();
            if rate.source.trim().is_empty() {
                return Err(TaxTableRefused::WithoutSource(id()));
            }
            if rate.never_applies() {
                return Err(TaxTableRefused::NeverApplies(id()));
            }
            for earlier in &rates[..place] {
                if earlier.id == rate.id {
                    return Err(TaxTableRefused::Twice(id()));
                }
                if earlier.is_ambiguous_with(rate) {
                    let one = earlier.id.clone();
                    return Err(TaxTableRefused::Ambiguous { one, other: id() });
                }
            }
        }
        Ok(Self(rates))
    }

    /// Reads a table as operators write it.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// What is withheld of a sale.
    pub fn line_for(&self, sale: TaxedSale) -> Result<TaxLine, TaxRefused> {
        if !sale.amount.is_positive() {
            return Err(TaxRefused::NothingSold(sale.amount));
        }
        let day = VietnamDay::of(sale.accepted_at);
        let rates = || self.0.iter().filter(|rate| rate.applies_to(sale.seller, sale.supply, day));
        // A known supply has one row. Of the unknown, each tax takes the highest there is; of equal
        // rates the first row is named.
        let highest = |points: fn(&TaxRate) -> BasisPoints| {
            rates().reduce(|one, other| if points(other) > points(one) { other } else { one })
        };
        let no_rate = || TaxRefused::NoRate { seller: sale.seller, supply: sale.supply, day };
        let vat = highest(|rate| rate.vat_basis_points).ok_or_else(no_rate)?;
        let pit = highest(|rate| rate.pit_basis_points).ok_or_else(no_rate)?;
        Ok(TaxLine {
            sale,
            vat: withheld_rounded_half_up(sale.amount, vat, vat.vat_basis_points)?,
            pit: withheld_rounded_half_up(sale.amount, pit, pit.pit_basis_points)?,
        })
    }
}

/// One tax of an amount, half a unit rounded up.
fn withheld_rounded_half_up(
    amount: Money,
    row: &TaxRate,
    rate: BasisPoints,
) -> Result<WithheldTax, MoneyError> {
    Ok(WithheldTax { rule: row.id.clone(), rate, amount: amount.fee_rounded_half_up(rate)? })
}

impl TaxRate {
    fn valid_days(&self) -> ValidDays {
        ValidDays { from: Some(self.valid_from), until: self.valid_until }
    }

    fn applies_to(&self, seller: SellerKind, supply: SupplyKind, day: VietnamDay) -> bool {
        self.sellers.contains(&seller)
            && (supply == SupplyKind::Unknown || self.supplies.contains(&supply))
            && self.valid_days().contain(day)
    }

    fn never_applies(&self) -> bool {
        self.sellers.is_empty()
            || self.supplies.is_empty()
            || self.supplies.contains(&SupplyKind::Unknown)
            || self.valid_days().are_none()
    }

    fn is_ambiguous_with(&self, other: &Self) -> bool {
        self.sellers.iter().any(|seller| other.sellers.contains(seller))
            && self.supplies.iter().any(|supply| other.supplies.contains(supply))
            && self.valid_days().overlap(other.valid_days())
    }
}

impl TaxLine {
    /// What one refund gives back of both taxes; below zero where a refund came back.
    pub fn reversed_by(&self, refunded: RefundedInTotal) -> Result<TaxReversal, ReversalRefused> {
        Ok(TaxReversal {
            amount: refunded.after.checked_sub(refunded.before)?,
            vat: reversed_by(self.vat.amount, self.sale.amount, refunded)?,
            pit: reversed_by(self.pit.amount, self.sale.amount, refunded)?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::vietnam_calendar::tests::{day, moment};

    pub fn table() -> TaxTable {
        TaxTable::from_toml(DEFAULT_TABLE).unwrap()
    }

    pub fn sale(seller: SellerKind, supply: SupplyKind, amount: i64) -> TaxedSale {
        let accepted_at = moment("2025-11-20T03:00:00Z");
        TaxedSale { seller, supply, accepted_at, amount: Money::vnd(amount) }
    }

    #[test]
    fn the_rates_are_those_of_the_decree() {
        use SellerKind::{Company, Household, NonResidentIndividual, ResidentIndividual};
        use SupplyKind::{Goods, Services, Transport, Unknown};
        for (seller, supply, vat, pit) in [
            (Household, Goods, 10_000, 5_000),
            (Household, Services, 50_000, 20_000),
            (Household, Transport, 30_000, 15_000),
            (Household, Unknown, 50_000, 20_000),
            (ResidentIndividual, Goods, 10_000, 5_000),
            (ResidentIndividual, Services, 50_000, 20_000),
            (ResidentIndividual, Transport, 30_000, 15_000),
            (ResidentIndividual, Unknown, 50_000, 20_000),
            (NonResidentIndividual, Goods, 10_000, 10_000),
            (NonResidentIndividual, Services, 50_000, 50_000),
            (NonResidentIndividual, Transport, 30_000, 20_000),
            (NonResidentIndividual, Unknown, 50_000, 50_000),
            (Company, Goods, 0, 0),
            (Company, Services, 0, 0),
            (Company, Transport, 0, 0),
            (Company, Unknown, 0, 0),
        ] {
            let line = table().line_for(sale(seller, supply, 1_000_000)).unwrap();
            let withheld = (line.vat.amount, line.pit.amount);
            assert_eq!(withheld, (Money::vnd(vat), Money::vnd(pit)), "{supply} of a {seller}");
        }
    }

    #[test]
    fn the_rates_begin_with_july_in_vietnam() {
        let at = |accepted_at| TaxedSale {
            accepted_at: moment(accepted_at),
            ..sale(SellerKind::Household, SupplyKind::Goods, 100)
        };
        assert!(table().line_for(at("2025-06-30T17:00:00Z")).is_ok());
        assert_eq!(
            table().line_for(at("2025-06-30T16:59:59Z")),
            Err(TaxRefused::NoRate {
                seller: SellerKind::Household,
                supply: SupplyKind::Goods,
                day: day("2025-06-30"),
            })
        );
    }

    #[test]
    fn a_new_row_takes_over_on_its_first_day() {
        let mut rates = table().0;
        rates[0].valid_until = Some(day("2025-12-31"));
        let next = TaxRate {
            id: "next".to_owned(),
            valid_from: day("2026-01-01"),
            valid_until: None,
            vat_basis_points: BasisPoints::new(150).unwrap(),
            ..rates[0].clone()
        };
        rates.push(next);
        let table = TaxTable::checked(rates).unwrap();
        for (accepted_at, rule, vat) in [
            ("2025-12-31T16:59:59Z", "nd117-goods-resident", 1),
            ("2025-12-31T17:00:00Z", "next", 2),
        ] {
            let sale = TaxedSale {
                accepted_at: moment(accepted_at),
                ..sale(SellerKind::Household, SupplyKind::Goods, 100)
            };
            let line = table.line_for(sale).unwrap();
            assert_eq!((line.vat.rule.as_str(), line.vat.amount), (rule, Money::vnd(vat)));
        }
    }

    #[test]
    fn vat_and_pit_are_rounded_each_by_itself() {
        // 1 % of 150 is 1.5, 0.5 % is 0.75: 2 and 1, although 1.5 % of it would be 2.
        let line = table().line_for(sale(SellerKind::Household, SupplyKind::Goods, 150)).unwrap();
        assert_eq!((line.vat.amount, line.pit.amount), (Money::vnd(2), Money::vnd(1)));
        let nothing = sale(SellerKind::Household, SupplyKind::Goods, 0);
        assert_eq!(table().line_for(nothing), Err(TaxRefused::NothingSold(Money::vnd(0))));
    }

    #[test]
    fn a_table_that_can_be_read_in_two_ways_is_refused() {
        type Change = fn(&mut Vec<TaxRate>);
        type Refused = fn(String) -> TaxTableRefused;
        let cases: [(Change, Refused); 6] = [
            (
                |rates| rates[1].id = rates[0].id.clone(),
                |_| TaxTableRefused::Twice("nd117-goods-resident".to_owned()),
            ),
            (|rates| rates[1].source = " ".to_owned(), TaxTableRefused::WithoutSource),
            (|rates| rates[1].sellers.clear(), TaxTableRefused::NeverApplies),
            (|rates| rates[1].supplies.push(SupplyKind::Unknown), TaxTableRefused::NeverApplies),
            (|rates| rates[1].valid_until = Some(day("2025-06-30")), TaxTableRefused::NeverApplies),
            (
                |rates| rates[1].supplies.push(SupplyKind::Goods),
                |other| TaxTableRefused::Ambiguous {
                    one: "nd117-goods-resident".to_owned(),
                    other,
                },
            ),
        ];
        for (change, refused) in cases {
            let mut rates = table().0;
            change(&mut rates);
            let expected = refused("nd117-services-resident".to_owned());
            assert_eq!(TaxTable::checked(rates), Err(expected));
        }
    }

    #[test]
    fn names_are_those_of_the_table() {
        #[derive(Deserialize)]
        struct Names {
            sellers: Vec<SellerKind>,
            supplies: Vec<SupplyKind>,
        }
        let quoted = |names: Vec<&str>| {
            names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(",")
        };
        let text = format!(
            "sellers=[{}]\nsupplies=[{}]",
            quoted(SellerKind::ALL.map(SellerKind::name).to_vec()),
            quoted(SupplyKind::ALL.map(SupplyKind::name).to_vec()),
        );
        let names: Names = toml::from_str(&text).unwrap();
        assert_eq!(names.sellers, SellerKind::ALL);
        assert_eq!(names.supplies, SupplyKind::ALL);
    }

    proptest! {
        #[test]
        fn returns_in_any_steps_reverse_both_taxes_exactly(
            steps in proptest::collection::vec(1i64..5_000_000, 1..8), seller in 0usize..4, supply in 0usize..4,
        ) {
            let whole = steps.iter().sum();
            let line = table().line_for(sale(SellerKind::ALL[seller], SupplyKind::ALL[supply], whole)).unwrap();
            let mut before = Money::vnd(0);
            let (mut vat, mut pit) = (0, 0);
            for step in steps {
                let after = before.checked_add(Money::vnd(step)).unwrap();
                let reversal = line.reversed_by(RefundedInTotal { before, after }).unwrap();
                prop_assert_eq!(reversal.amount, Money::vnd(step));
                vat += reversal.vat.minor;
                pit += reversal.pit.minor;
                prop_assert!(vat <= line.vat.amount.minor && pit <= line.pit.amount.minor);
                before = after;
            }
            prop_assert_eq!((vat, pit), (line.vat.amount.minor, line.pit.amount.minor));
        }
    }
}
