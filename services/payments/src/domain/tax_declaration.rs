//! What the market declares to the tax office for a month: tax withheld, less tax given back.
//!
//! A sale counts in the month in which its payment was accepted, a return in the month in which it
//! was refunded (Decree 117/2025/ND-CP: the tax of a return is set off against other transactions of
//! the period). Months are Vietnam's. It declares what the lines say and reckons no tax itself.

use std::collections::BTreeMap;

use kernel::{Currency, Money, MoneyError, ShopId, Timestamp};

use super::csv_line::{Cell, csv_line};
use super::tax::{SellerKind, SupplyKind, TaxLine, TaxReversal, TaxedSale};
use super::vietnam_calendar::VietnamMonth;

/// Who is taxed, as the shop gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxpayer {
    /// The shop.
    pub shop: ShopId,
    /// Name of the household's owner, or of the person.
    pub name: String,
    /// Tax code, or the number of the identity card or passport that stands for it.
    pub tax_code: String,
    /// Address.
    pub address: String,
}

/// What happened to a shop's tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaxEvent {
    /// Tax was withheld of a sale.
    Withheld {
        /// Whose sale.
        shop: ShopId,
        /// What was withheld.
        line: TaxLine,
    },
    /// Tax was given back with a refund.
    Returned {
        /// Whose sale it was.
        shop: ShopId,
        /// The sale.
        sale: TaxedSale,
        /// What was given back.
        reversal: TaxReversal,
        /// When it was refunded.
        refunded_at: Timestamp,
    },
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclaredFor {
    /// The shop.
    pub shop: ShopId,
    /// What its owner is.
    pub seller: SellerKind,
    /// What was sold.
    pub supply: SupplyKind,
    /// In which currency.
    pub currency: Currency,
}

/// The sums of a row, or of all rows in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredSums {
    /// Sales whose payment was accepted in the month.
    pub sold: Money,
    /// What was refunded in the month.
    pub returned: Money,
    /// VAT withheld of the sales.
    pub vat_withheld: Money,
    /// VAT given back with the refunds.
    pub vat_returned: Money,
    /// PIT withheld of the sales.
    pub pit_withheld: Money,
    /// PIT given back with the refunds.
    pub pit_returned: Money,
}

impl DeclaredSums {
    fn nothing(currency: Currency) -> Self {
        let nothing = Money::zero(currency);
        Self {
            sold: nothing,
            returned: nothing,
            vat_withheld: nothing,
            vat_returned: nothing,
            pit_withheld: nothing,
            pit_returned: nothing,
        }
    }

    fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            sold: self.sold.checked_add(other.sold)?,
            returned: self.returned.checked_add(other.returned)?,
            vat_withheld: self.vat_withheld.checked_add(other.vat_withheld)?,
            vat_returned: self.vat_returned.checked_add(other.vat_returned)?,
            pit_withheld: self.pit_withheld.checked_add(other.pit_withheld)?,
            pit_returned: self.pit_returned.checked_add(other.pit_returned)?,
        })
    }

    /// VAT to pay; below zero where returns gave back more than was withheld.
    pub fn vat_due(&self) -> Result<Money, MoneyError> {
        self.vat_withheld.checked_sub(self.vat_returned)
    }

    /// PIT to pay; below zero where returns gave back more than was withheld.
    pub fn pit_due(&self) -> Result<Money, MoneyError> {
        self.pit_withheld.checked_sub(self.pit_returned)
    }
}

/// A month's declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyDeclaration {
    /// The month.
    pub month: VietnamMonth,
    /// Per shop, seller's kind, supply and currency, in that order.
    pub rows: BTreeMap<DeclaredFor, DeclaredSums>,
}

/// Why a declaration could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationRefused {
    /// Nobody said who is taxed for a shop.
    #[error("nobody said who is taxed for {0}")]
    UnknownTaxpayer(ShopId),
    /// A sum is too large to be written.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl MonthlyDeclaration {
    /// The sums of what happened in a month, in one go; what happened in others is left out. Companies declare
    /// for themselves and have no rows. The order of the events does not matter.
    #[cfg(test)]
    pub fn of<'a>(
        month: VietnamMonth,
        events: impl IntoIterator<Item = &'a TaxEvent>,
    ) -> Result<Self, MoneyError> {
        let mut declaration = Self::nothing(month);
        for event in events {
            declaration.add(event)?;
        }
        Ok(declaration)
    }

    /// A month of which nothing is known yet.
    pub const fn nothing(month: VietnamMonth) -> Self {
        Self { month, rows: BTreeMap::new() }
    }

    /// Adds what happened, if it happened in the month.
    pub fn add(&mut self, event: &TaxEvent) -> Result<(), MoneyError> {
        let (happened_at, declared_for, sums) = event.declared();
        let declared = VietnamMonth::of(happened_at) == self.month
            && declared_for.seller != SellerKind::Company;
        if declared {
            let nothing = || DeclaredSums::nothing(declared_for.currency);
            let row = self.rows.entry(declared_for).or_insert_with(nothing);
            *row = row.plus(sums)?;
        }
        Ok(())
    }

    /// The sums of all rows, per currency.
    pub fn totals(&self) -> Result<BTreeMap<Currency, DeclaredSums>, MoneyError> {
        let mut totals = BTreeMap::new();
        for (declared_for, sums) in &self.rows {
            let currency = declared_for.currency;
            let total = totals.entry(currency).or_insert_with(|| DeclaredSums::nothing(currency));
            *total = total.plus(*sums)?;
        }
        Ok(totals)
    }

    /// The declaration as CSV: a line of names, then a line per row with who is taxed.
    pub fn to_csv(&self, taxpayers: &[Taxpayer]) -> Result<String, DeclarationRefused> {
        let by_shop: BTreeMap<ShopId, &Taxpayer> =
            taxpayers.iter().map(|taxpayer| (taxpayer.shop, taxpayer)).collect();
        let mut text = csv_line(&COLUMNS.map(Cell::text));
        for (declared_for, sums) in &self.rows {
            let shop = declared_for.shop;
            let taxpayer = by_shop.get(&shop).ok_or(DeclarationRefused::UnknownTaxpayer(shop))?;
            text += &csv_line(&[
                Cell::text(self.month.to_string()),
                Cell::text(&taxpayer.tax_code),
                Cell::text(&taxpayer.name),
                Cell::text(&taxpayer.address),
                Cell::text(declared_for.seller.name()),
                Cell::text(declared_for.supply.name()),
                Cell::text(declared_for.currency.code()),
                Cell::Amount(sums.sold),
                Cell::Amount(sums.returned),
                Cell::Amount(sums.vat_withheld),
                Cell::Amount(sums.vat_returned),
                Cell::Amount(sums.vat_due()?),
                Cell::Amount(sums.pit_withheld),
                Cell::Amount(sums.pit_returned),
                Cell::Amount(sums.pit_due()?),
                Cell::text(shop.to_string()),
            ]);
        }
        Ok(text)
    }
}

/// Names of the columns, for programs as for people.
const COLUMNS: [&str; 16] = [
    "month",
    "tax_code",
    "taxpayer_name",
    "taxpayer_address",
    "seller_kind",
    "supply_kind",
    "currency",
    "sold",
    "returned",
    "vat_withheld",
    "vat_returned",
    "vat_due",
    "pit_withheld",
    "pit_returned",
    "pit_due",
    "shop",
];

impl TaxEvent {
    /// When it counts, for whom, and what it adds.
    fn declared(&self) -> (Timestamp, DeclaredFor, DeclaredSums) {
        let (shop, sale) = match self {
            Self::Withheld { shop, line } => (*shop, line.sale),
            Self::Returned { shop, sale, .. } => (*shop, *sale),
        };
        let currency = sale.amount.currency;
        let declared_for = DeclaredFor { shop, seller: sale.seller, supply: sale.supply, currency };
        let nothing = DeclaredSums::nothing(currency);
        match self {
            Self::Withheld { line, .. } => {
                let (vat_withheld, pit_withheld) = (line.vat.amount, line.pit.amount);
                let sums =
                    DeclaredSums { sold: sale.amount, vat_withheld, pit_withheld, ..nothing };
                (sale.accepted_at, declared_for, sums)
            }
            Self::Returned { reversal, refunded_at, .. } => {
                let sums = DeclaredSums {
                    returned: reversal.amount,
                    vat_returned: reversal.vat,
                    pit_returned: reversal.pit,
                    ..nothing
                };
                (*refunded_at, declared_for, sums)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::csv_line::tests::read;
    use crate::domain::reversal::RefundedInTotal;
    use crate::domain::tax::tests::{sale, table};
    use crate::domain::vietnam_calendar::tests::moment;

    const NOVEMBER: VietnamMonth = VietnamMonth { year: 2025, month: 11 };

    fn shop(number: u128) -> ShopId {
        ShopId::from_uuid(Uuid::from_u128(number))
    }

    fn withheld(shop_number: u128, seller: SellerKind, amount: i64, accepted_at: &str) -> TaxEvent {
        let accepted_at = moment(accepted_at);
        let sale = TaxedSale { accepted_at, ..sale(seller, SupplyKind::Goods, amount) };
        TaxEvent::Withheld { shop: shop(shop_number), line: table().line_for(sale).unwrap() }
    }

    fn returned(event: &TaxEvent, amount: i64, refunded_at: &str) -> TaxEvent {
        let TaxEvent::Withheld { shop, line } = event else { panic!("only sales are returned") };
        let refunded = RefundedInTotal { before: Money::vnd(0), after: Money::vnd(amount) };
        let reversal = line.reversed_by(refunded).unwrap();
        let refunded_at = moment(refunded_at);
        TaxEvent::Returned { shop: *shop, sale: line.sale, reversal, refunded_at }
    }

    #[test]
    fn sales_count_when_accepted_and_returns_when_refunded_in_months_of_vietnam() {
        use SellerKind::{Company, Household};
        let of_october = withheld(1, Household, 1_000_000, "2025-10-31T16:59:59Z");
        let of_november = withheld(1, Household, 200_000, "2025-10-31T17:00:00Z");
        let events = [
            returned(&of_october, 500_000, "2025-11-03T00:00:00Z"),
            returned(&of_november, 200_000, "2025-11-30T17:00:00Z"),
            withheld(2, Company, 900_000, "2025-11-03T00:00:00Z"),
            of_october,
            of_november,
        ];
        let declaration = MonthlyDeclaration::of(NOVEMBER, &events).unwrap();
        let sums = declaration.rows.values().copied().collect::<Vec<_>>();
        let expected = DeclaredSums {
            sold: Money::vnd(200_000),
            returned: Money::vnd(500_000),
            vat_withheld: Money::vnd(2_000),
            vat_returned: Money::vnd(5_000),
            pit_withheld: Money::vnd(1_000),
            pit_returned: Money::vnd(2_500),
        };
        assert_eq!(sums, [expected]);
        assert_eq!(expected.vat_due(), Ok(Money::vnd(-3_000)));
        assert_eq!(expected.pit_due(), Ok(Money::vnd(-1_500)));
    }

    #[test]
    fn a_line_names_the_taxpayer_and_no_name_becomes_a_formula() {
        let sale = withheld(1, SellerKind::Household, 150_000, "2025-11-03T00:00:00Z");
        let events = [returned(&sale, 50_000, "2025-11-04T00:00:00Z"), sale];
        let declaration = MonthlyDeclaration::of(NOVEMBER, &events).unwrap();
        let unknown = DeclarationRefused::UnknownTaxpayer(shop(1));
        assert_eq!(declaration.to_csv(&[]), Err(unknown));
        let taxpayer = Taxpayer {
            shop: shop(1),
            name: "=HYPERLINK(\"x\")".to_owned(),
            tax_code: "092080001234".to_owned(),
            address: "12 Hai Bà Trưng, Ninh Kiều".to_owned(),
        };
        let lines = read(&declaration.to_csv(&[taxpayer]).unwrap());
        assert_eq!(lines[0], COLUMNS);
        let shop = shop(1).to_string();
        assert_eq!(
            lines[1],
            [
                "2025-11",
                "092080001234",
                "'=HYPERLINK(\"x\")",
                "12 Hai Bà Trưng, Ninh Kiều",
                "household",
                "goods",
                "VND",
                "150000",
                "50000",
                "1500",
                "500",
                "1000",
                "750",
                "250",
                "500",
                &shop,
            ]
        );
        assert_eq!(lines.len(), 2);
    }

    proptest! {
        #[test]
        fn rows_in_any_order_of_events_are_the_same_and_sum_to_the_total(
            sales in proptest::collection::vec((1u128..4, 0usize..3, 1i64..10_000_000), 1..20), turn in any::<prop::sample::Index>(),
        ) {
            let mut events: Vec<TaxEvent> = sales.iter().map(|(shop, seller, amount)| {
                withheld(*shop, SellerKind::ALL[*seller], *amount, "2025-11-03T00:00:00Z")
            }).collect();
            let declaration = MonthlyDeclaration::of(NOVEMBER, &events).unwrap();
            let turn = turn.index(events.len());
            events.rotate_left(turn);
            prop_assert_eq!(MonthlyDeclaration::of(NOVEMBER, &events).unwrap(), declaration.clone());
            let sold: i64 = sales.iter().map(|(_, _, amount)| amount).sum();
            let vat: i64 = events.iter().map(|event| event.declared().2.vat_withheld.minor).sum();
            let total = declaration.totals().unwrap()[&Currency::Vnd];
            prop_assert_eq!((total.sold, total.vat_due().unwrap()), (Money::vnd(sold), Money::vnd(vat)));
        }
    }
}
