//! The tables of payments: the only place that knows the ORM.

pub mod allocation;
pub mod bank_credit;
pub mod bank_debit;
pub mod charges;
pub mod credit_decision;
mod entities;
pub mod feed_event;
pub mod ledger;
pub mod payee;
pub mod payment;
pub mod payout;
pub mod reconciled;
pub mod refund;
mod settlement_entities;
pub mod shop_line;
pub mod statement;

/// A row says something that the program never wrote.
pub(crate) fn corrupt(what: &str) -> sea_orm::DbErr {
    sea_orm::DbErr::Custom(format!("the database holds {what} that this program does not know"))
}
