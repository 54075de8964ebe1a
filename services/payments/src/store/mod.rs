//! The tables of payments: the only place that knows the ORM.

pub mod allocation;
pub mod bank_credit;
mod entities;
pub mod feed_event;
pub mod ledger;
pub mod payment;
pub mod statement;

/// A row says something that the program never wrote.
pub(crate) fn corrupt(what: &str) -> sea_orm::DbErr {
    sea_orm::DbErr::Custom(format!("the database holds {what} that this program does not know"))
}
