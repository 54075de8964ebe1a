//! What payments does, one verb a file.

pub mod cancel_payment;
pub mod charge_orders;
pub mod decide_credits;
pub mod decide_payout;
pub mod decide_refund;
pub mod expire_payments;
pub mod import_statement;
pub mod plan_due_payouts;
pub mod poll_sepay;
pub mod post_payout;
pub mod post_refund;
pub mod process_feed_events;
pub mod recognise_credits;
pub mod record_credits;
pub mod record_debits;
pub mod record_feed_event;
pub mod refund_payment;
pub mod report;
pub mod resolve_bank_credit;
pub mod run_payouts;
pub mod send_transfers;
pub mod start_payment;
