//! The rules of payments. Pure: no I/O, no clock of their own.

pub mod ledger;
pub mod matching;
pub mod payment;
pub mod payment_code;
mod tlv;
pub mod vietqr;
