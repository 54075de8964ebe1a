//! Payments: what shoppers are asked for, what the bank says came, and the ledger of both.
//!
//! It owns payments, bank credits and their matching, and the ledger. It knows orders and shops by
//! their ids only, and refuses to believe a webhook that is not signed.

mod consumers;
mod doctor;
mod domain;
mod grpc;
mod providers;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod usecases;
mod webhooks;

pub use doctor::doctor;
pub use domain::occurrence::Occurrences;
pub use domain::payment_code::PaymentCode;
pub use domain::reconciliation;
pub use domain::statement::{StatementLine, UnreadableLine, UnreadableReason};
pub use domain::sub_account::{NotAPrefix, SubAccountPrefix};
pub use domain::vietqr::{Oddity, ReadRefused, Service, VietQr, WriteRefused};
pub use domain::{
    charges, commission, dispute, payee_account, payout, refund, reversal, tax, tax_declaration,
    transfer_code, vietnam_calendar,
};
pub use providers::feeds::casso::CassoSecret;
pub use providers::feeds::payos::PayosChecksumKey;
pub use providers::feeds::sepay::SepayCredentials;
pub use providers::feeds::sepay_polling::SepayPollingParts;
pub use providers::{card, payout_file, sandbox_card, statements};
pub use service::{
    CardParts, Payments, PaymentsParts, ReceivingAccount, RetentionTerms, SandboxBankParts,
    SettlementTerms,
};
pub use store::standing;
pub use store::statement::{Counts, Statement, StatementStatus};
pub use usecases::import_statement::ImportStatementError;
