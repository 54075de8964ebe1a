//! The market's money, for operators: what waits for a person, statements, payouts, refunds, the
//! report. Everything is decided by a form with a reason.

mod cards;
mod credits;
mod debits;
mod overview;
mod payouts;
mod refunds;
mod reopened;
mod report;
mod resolve;
mod statements;
mod transfers;
mod waiting;
mod write_offs;

pub use cards::{card_payouts, disputes};
pub use credits::{credits, forget, unmatch};
pub use debits::{debits, reverse};
pub use overview::show;
pub use payouts::{payouts, settle_payout};
pub use refunds::{fail_refund, refunds};
pub use reopened::reopened;
pub use report::{report, report_file};
pub use resolve::resolve;
pub use statements::{correct_columns, retry, statement, upload};
pub use transfers::{
    decide_payout, decide_refund, file, return_card_surplus, return_surplus_to_bank, run, send,
};
pub use write_offs::{withdraw_write_off, write_off_credit, write_off_debit, write_offs};
