//! What payments does, one verb a file.

pub mod cancel_payment;
pub mod decide_credits;
pub mod expire_payments;
pub mod import_statement;
pub mod process_feed_events;
pub mod recognise_credits;
pub mod record_credits;
pub mod record_feed_event;
pub mod start_payment;
