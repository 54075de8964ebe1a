//! The market's money, for operators: what waits for a person, statements, payouts, refunds, the
//! report. Everything is decided by a form with a reason.

mod credits;
mod overview;
mod report;
mod resolve;
mod statements;
mod transfers;

pub use credits::{credits, unmatch};
pub use overview::show;
pub use report::{report, report_file};
pub use resolve::resolve;
pub use statements::{correct_columns, retry, statement, upload};
pub use transfers::{decide_payout, decide_refund, file, return_card_surplus, run, send};
