//! The tables of payments: the only place that knows the ORM.

pub mod allocation;
pub mod bank_credit;
pub mod bank_debit;
pub mod cards;
pub mod charges;
pub mod counter_sale;
pub mod credit_decision;
pub mod credit_list;
mod entities;
pub mod feed_event;
pub mod learned_payer;
pub mod ledger;
pub mod ledger_closing;
mod ledger_entities;
pub mod match_refusal;
pub mod payee;
pub mod payment;
pub mod payout;
pub mod pending_posting;
pub mod reconciled;
pub mod refund;
pub mod refund_line;
pub mod reversed_charges;
mod settlement_entities;
pub mod shop_line;
pub mod statement;
pub mod statement_mapping;
pub mod write_off;

/// Rows that one statement writes: SQLite takes 32,766 values at once, and no table here has more than
/// twenty columns.
pub(crate) const ROWS_AT_ONCE: usize = 1_000;

/// Cuts rows into as many as one statement writes.
pub(crate) fn in_parts<T>(rows: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let part: Vec<T> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        (!part.is_empty()).then_some(part)
    })
}

/// A row says something that the program never wrote.
pub(crate) fn corrupt(what: &str) -> sea_orm::DbErr {
    sea_orm::DbErr::Custom(format!("the database holds {what} that this program does not know"))
}
