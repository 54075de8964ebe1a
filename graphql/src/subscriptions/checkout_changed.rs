//! `checkoutChanged`
//!
//! Events only say that something may have changed: what is sent is always read from orders. So
//! it does not matter when an event is missed; every so often it is looked anyway.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, ID};
use async_stream::try_stream;
use futures_util::Stream;
use proto::events::Event;
use proto::events::event::Body;
use proto::orders::CheckoutStatus;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::queries::find_checkout;
use crate::scope::Scope;
use crate::types::Checkout;

/// How long nothing is heard before it is looked anyway.
const LOOK_ANYWAY: Duration = Duration::from_secs(15);

/// What can be listened to.
pub struct Subscription;

/// What can be listened to.
#[async_graphql::Subscription]
impl Subscription {
    /// A checkout as it is now, then each time its status changes, until the status is final.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn checkout_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
        #[graphql(desc = "Its secret, or its cart's.")] token: Option<String>,
    ) -> Result<impl Stream<Item = Result<Checkout, Error>> + use<>, Error> {
        let scope = Arc::clone(Scope::of(ctx));
        let token = token.unwrap_or_default();
        // Listening begins before the first look, so that nothing falls between the two.
        let mut events = scope.events.subscribe();
        let first = find_checkout(&scope, id.0.clone(), token.clone()).await?;
        let mut checkout = first.ok_or_else(|| scope.refuse(Failure::NotFound))?;
        Ok(try_stream! {
            loop {
                let status = checkout.status();
                yield Checkout::opened(checkout, token.clone(), scope.locale);
                if is_final(status) {
                    break;
                }
                checkout = loop {
                    something_happened(&mut events, &id.0, LOOK_ANYWAY).await;
                    // What the last look read, its payment too, may be old by now.
                    scope.loaders.forget();
                    let found = find_checkout(&scope, id.0.clone(), token.clone()).await?;
                    let found = found.ok_or_else(|| scope.refuse(Failure::NotFound))?;
                    if found.status() != status {
                        break found;
                    }
                };
            }
        })
    }
}

const fn is_final(status: CheckoutStatus) -> bool {
    match status {
        CheckoutStatus::Paid
        | CheckoutStatus::Expired
        | CheckoutStatus::Cancelled
        | CheckoutStatus::Refused => true,
        CheckoutStatus::Unspecified
        | CheckoutStatus::Starting
        | CheckoutStatus::AwaitingPayment => false,
    }
}

/// Waits until the checkout may have changed: an event says so, events were missed, or it was
/// quiet for long.
async fn something_happened(events: &mut Receiver<Event>, checkout_id: &str, at_most: Duration) {
    let heard = async {
        loop {
            match events.recv().await {
                Ok(event) if is_about(&event, checkout_id) => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                // Nobody tells any more: only looking is left.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Running out of time is a reason to look, too.
    let _ = tokio::time::timeout(at_most, heard).await;
}

fn is_about(event: &Event, checkout_id: &str) -> bool {
    matches!(&event.body, Some(Body::CheckoutChanged(changed)) if changed.checkout_id == checkout_id)
}

#[cfg(test)]
mod tests {
    use proto::events::CheckoutChanged;
    use tokio::sync::broadcast;

    use super::*;

    /// Long enough to never pass in a test.
    const LONG: Duration = Duration::from_secs(3_600);

    fn about(checkout_id: &str) -> Event {
        let changed = CheckoutChanged { checkout_id: checkout_id.to_owned(), status: 0 };
        Event { body: Some(Body::CheckoutChanged(changed)), ..Event::default() }
    }

    #[tokio::test]
    async fn an_event_of_the_checkout_and_missed_events_are_reasons_to_look() {
        let (sender, mut events) = broadcast::channel(2);
        sender.send(about("chk_2")).unwrap();
        sender.send(about("chk_1")).unwrap();
        something_happened(&mut events, "chk_1", LONG).await;
        for _ in 0..3 {
            sender.send(about("chk_2")).unwrap();
        }
        something_happened(&mut events, "chk_1", LONG).await;
    }

    #[tokio::test]
    async fn it_is_looked_in_the_end_although_nobody_tells() {
        let (sender, mut events) = broadcast::channel(2);
        sender.send(about("chk_2")).unwrap();
        something_happened(&mut events, "chk_1", Duration::ZERO).await;
        drop(sender);
        something_happened(&mut events, "chk_1", Duration::ZERO).await;
    }
}
