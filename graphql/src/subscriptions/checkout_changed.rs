//! `checkoutChanged`
//!
//! Events only say that something may have changed: what is sent is always read from orders. So
//! it does not matter when an event is missed; every so often it is looked anyway.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, ID};
use async_stream::try_stream;
use futures_util::Stream;
use proto::orders::CheckoutStatus;

use super::Subject;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::queries::{Extent, find_checkout};
use crate::scope::Scope;
use crate::types::Checkout;

/// How long nothing is heard before it is looked anyway.
const LOOK_ANYWAY: Duration = Duration::from_secs(15);

/// What shoppers can listen to.
#[derive(Default)]
pub struct OfCheckouts;

/// What shoppers can listen to.
#[async_graphql::Subscription]
impl OfCheckouts {
    /// A checkout as it is now, then each time its status or its end changes or some of its money came, until the
    /// status is final.
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
        let mut listener = scope.news.listen(Subject::Checkout(id.0.clone()));
        let extent = Extent::asked(ctx);
        let first = find_checkout(&scope, id.0.clone(), token.clone(), extent).await?;
        let mut checkout = first.ok_or_else(|| scope.refuse(Failure::NotFound))?;
        Ok(try_stream! {
            loop {
                let (status, end, parts) = (checkout.status(), checkout.expires_at, listener.parts());
                yield Checkout::opened(checkout, token.clone(), scope.locale);
                if is_final(status) {
                    break;
                }
                checkout = loop {
                    listener.something_happened(LOOK_ANYWAY).await;
                    // What the last look read, its payment too, may be old by now.
                    scope.loaders.forget();
                    let found = find_checkout(&scope, id.0.clone(), token.clone(), extent).await?;
                    let found = found.ok_or_else(|| scope.refuse(Failure::NotFound))?;
                    // Of a part of the money orders knows nothing: it is no other status.
                    if (found.status(), found.expires_at, listener.parts()) != (status, end, parts) {
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
