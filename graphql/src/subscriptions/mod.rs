//! What can be listened to, one a file.

mod checkout_changed;
mod counter_payment_changed;
mod listening;

use async_graphql::MergedSubscription;

pub use listening::{News, Subject};

/// What can be listened to.
#[derive(Default, MergedSubscription)]
pub struct Subscription(checkout_changed::OfCheckouts, counter_payment_changed::OfCounters);
