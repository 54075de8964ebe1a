//! What was taken of an order, as the columns that three tables have alike.

use kernel::{BasisPoints, Money, Timestamp};
use sea_orm::DbErr;

use super::corrupt;
use super::payee::seller_of;
use super::payment::money_of;
use crate::domain::charges::Charges;
use crate::domain::commission::CommissionLine;
use crate::domain::tax::{SupplyKind, TaxLine, TaxedSale, WithheldTax};

/// The columns.
pub(super) struct ChargeColumns {
    pub(super) base_minor: i64,
    pub(super) currency: String,
    pub(super) seller_kind: String,
    pub(super) supply_kind: String,
    pub(super) fee_rule: String,
    pub(super) fee_rule_version: i32,
    pub(super) fee_minor: i64,
    pub(super) vat_rule: String,
    pub(super) vat_basis_points: i32,
    pub(super) vat_minor: i64,
    pub(super) pit_rule: String,
    pub(super) pit_basis_points: i32,
    pub(super) pit_minor: i64,
    pub(super) accepted_at: i64,
}

/// A row with these columns and those of its own, and back: the columns of a row.
macro_rules! with_charge_columns {
    ($from:ident => $to:ident { $($own:tt)* }) => {
        $to {
            base_minor: $from.base_minor,
            currency: $from.currency,
            seller_kind: $from.seller_kind,
            supply_kind: $from.supply_kind,
            fee_rule: $from.fee_rule,
            fee_rule_version: $from.fee_rule_version,
            fee_minor: $from.fee_minor,
            vat_rule: $from.vat_rule,
            vat_basis_points: $from.vat_basis_points,
            vat_minor: $from.vat_minor,
            pit_rule: $from.pit_rule,
            pit_basis_points: $from.pit_basis_points,
            pit_minor: $from.pit_minor,
            accepted_at: $from.accepted_at,
            $($own)*
        }
    };
}

pub(super) use with_charge_columns;

impl From<&Charges> for ChargeColumns {
    fn from(Charges { commission, tax }: &Charges) -> Self {
        Self {
            base_minor: commission.base.minor,
            currency: commission.base.currency.code().to_owned(),
            seller_kind: tax.sale.seller.name().to_owned(),
            supply_kind: tax.sale.supply.name().to_owned(),
            fee_rule: commission.rule.clone(),
            fee_rule_version: commission.rule_version.cast_signed(),
            fee_minor: commission.fee.minor,
            vat_rule: tax.vat.rule.clone(),
            vat_basis_points: tax.vat.rate.get().cast_signed(),
            vat_minor: tax.vat.amount.minor,
            pit_rule: tax.pit.rule.clone(),
            pit_basis_points: tax.pit.rate.get().cast_signed(),
            pit_minor: tax.pit.amount.minor,
            accepted_at: tax.sale.accepted_at.micros(),
        }
    }
}

impl ChargeColumns {
    /// What was taken.
    pub(super) fn charges(self) -> Result<Charges, DbErr> {
        let base = money_of(self.base_minor, &self.currency)?;
        let part = |minor: i64| Money::new(minor, base.currency);
        let rate =
            |points: i32| BasisPoints::new(points.cast_unsigned()).ok_or_else(|| corrupt("a rate"));
        let supply = SupplyKind::ALL.into_iter().find(|kind| kind.name() == self.supply_kind);
        Ok(Charges {
            commission: CommissionLine {
                rule: self.fee_rule,
                rule_version: self.fee_rule_version.cast_unsigned(),
                base,
                fee: part(self.fee_minor),
            },
            tax: TaxLine {
                sale: TaxedSale {
                    seller: seller_of(&self.seller_kind)?,
                    supply: supply.ok_or_else(|| corrupt("a kind of supply"))?,
                    accepted_at: Timestamp::from_micros(self.accepted_at),
                    amount: base,
                },
                vat: WithheldTax {
                    rule: self.vat_rule,
                    rate: rate(self.vat_basis_points)?,
                    amount: part(self.vat_minor),
                },
                pit: WithheldTax {
                    rule: self.pit_rule,
                    rate: rate(self.pit_basis_points)?,
                    amount: part(self.pit_minor),
                },
            },
        })
    }
}
