//! `counterPaymentChanged`
//!
//! As with checkouts, events only say that something may have changed: what is sent is always read
//! from payments.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, ID};
use async_stream::try_stream;
use futures_util::Stream;
use proto::payments::{CounterPaymentRequest, PaymentStatus};

use super::Subject;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::scope::Scope;
use crate::types::CounterPayment;

/// How long nothing is heard before it is looked anyway: people stand at the counter.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);

/// What counters can listen to.
#[derive(Default)]
pub struct OfCounters;

/// What counters can listen to.
#[async_graphql::Subscription]
impl OfCounters {
    /// A payment at a counter as it is now, then each time that a part of it came, and at last when it was
    /// paid, cancelled or expired.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn counter_payment_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<impl Stream<Item = Result<CounterPayment, Error>> + use<>, Error> {
        let scope = Arc::clone(Scope::of(ctx));
        // Listening begins before the first look, so that nothing falls between the two.
        let mut listener = scope.news.listen(Subject::CounterPayment(id.0.clone()));
        let mut found = find(&scope, &id).await?;
        Ok(try_stream! {
            loop {
                let (status, received) = (status_of(&found), received_of(&found));
                yield CounterPayment::of(found, scope.locale);
                if status != PaymentStatus::Pending {
                    break;
                }
                found = loop {
                    listener.something_happened(LOOK_ANYWAY).await;
                    let now = find(&scope, &id).await?;
                    if (status_of(&now), received_of(&now)) != (status, received) {
                        break now;
                    }
                };
            }
        })
    }
}

/// The payment, if it is at a counter of the viewer's; for operators, at any.
async fn find(scope: &Scope, id: &ID) -> Result<proto::payments::CounterPayment, Error> {
    // Anew each time: who is let go, or signs out, hears no more.
    let actor = scope.actor_now().await?;
    let request = CounterPaymentRequest { payment_id: id.0.clone(), shop_id: String::new() };
    let found = scope.found(scope.payments.clone().get_counter_payment(request).await)?;
    found
        .filter(|one| actor.is_operator() || actor.is_member_of(&one.shop_id))
        .ok_or_else(|| scope.refuse(Failure::NotFound))
}

fn status_of(found: &proto::payments::CounterPayment) -> PaymentStatus {
    found.payment.as_ref().map_or(PaymentStatus::Unspecified, proto::payments::Payment::status)
}

/// What came of it and does not pay it, in minor units.
fn received_of(found: &proto::payments::CounterPayment) -> i64 {
    let part = found.payment.as_ref().and_then(|payment| payment.part_payment.as_ref());
    part.and_then(|part| part.received.as_ref()).map_or(0, |received| received.minor)
}
