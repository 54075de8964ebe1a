//! The tables of payments: the only place that knows the ORM.

pub mod ahead;
pub mod allocation;
pub mod bank_credit;
pub mod bank_debit;
pub mod cards;
mod charge_columns;
pub mod charges;
pub mod counter_sale;
pub mod credit_decision;
pub mod credit_list;
pub mod credit_telling;
mod direct_entities;
mod entities;
pub mod feed_event;
pub mod feed_poll;
pub mod forgetting;
pub mod fulfilled;
pub mod learned_payer;
pub mod ledger;
pub mod ledger_closing;
mod ledger_entities;
pub mod match_refusal;
pub mod part_payment;
pub mod payee;
pub mod payment;
pub mod payment_destination;
pub mod payout;
pub mod pending_posting;
pub mod reconciled;
pub mod refund;
pub mod refund_line;
pub mod reseller_bill;
mod reseller_entities;
pub mod reseller_invoice;
pub mod reversed_charges;
mod settlement_entities;
pub mod shop_account;
pub mod shop_line;
pub mod shop_sums;
pub mod standing;
pub mod stated;
pub mod statement;
pub mod statement_mapping;
pub mod write_off;

/// How many rows one statement names by their ids: databases bound the number of values.
pub(crate) const NAMED_AT_ONCE: usize = 5_000;

/// A row says something that the program never wrote.
pub(crate) fn corrupt(what: &str) -> sea_orm::DbErr {
    sea_orm::DbErr::Custom(format!("the database holds {what} that this program does not know"))
}
