//! What can be listened to, one a file.

mod checkout_changed;

pub use checkout_changed::Subscription;
