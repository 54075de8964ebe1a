//! The rules of payments. Pure: no I/O, no clock of their own.

pub mod ledger;
pub mod memo;
pub mod occurrence;
pub mod payment;
pub mod payment_code;
pub mod reconciliation;
pub mod statement;
mod tlv;
pub mod vietqr;
