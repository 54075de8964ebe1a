//! The rules of payments. Pure: no I/O, no clock of their own.

pub mod card_attempt;
pub mod card_booking;
pub mod card_payout_credit;
pub mod card_return;
pub mod charges;
pub mod commission;
pub mod csv_line;
pub mod dispute;
pub mod ledger;
pub mod memo;
pub mod occurrence;
pub mod payee_account;
pub mod payment;
pub mod payment_code;
pub mod payout;
pub mod reconciliation;
pub mod refund;
pub mod reversal;
pub mod shop_line;
pub mod shop_statement;
pub mod statement;
pub mod tax;
pub mod tax_declaration;
mod tlv;
pub mod transfer_code;
pub mod vietnam_calendar;
pub mod vietqr;
