//! `checkout`

use async_graphql::{Context, Error, ID, Object};
use proto::orders::GetCheckoutRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Checkout;

#[derive(Default)]
pub struct CheckoutQuery;

#[Object]
impl CheckoutQuery {
    /// A checkout: of who is signed in, or one that its token or its cart's token opens.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn checkout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
        #[graphql(desc = "Its secret, or its cart's.")] token: Option<String>,
    ) -> Result<Option<Checkout>, Error> {
        let scope = Scope::of(ctx);
        let token = token.unwrap_or_default();
        let found = find_checkout(scope, id.0, token.clone(), Extent::asked(ctx)).await?;
        Ok(found.map(|checkout| Checkout::opened(checkout, token, scope.locale)))
    }
}

/// How much of a checkout is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The checkout alone.
    Itself,
    /// Its orders, too.
    WithOrders,
}

impl Extent {
    /// What a query for a checkout asks for.
    pub fn asked(ctx: &Context<'_>) -> Self {
        let asked = ctx.look_ahead();
        if asked.field("orders").exists() || asked.field("tickets").exists() {
            Self::WithOrders
        } else {
            Self::Itself
        }
    }
}

/// A checkout, as far as the session or the token may see it.
pub async fn find_checkout(
    scope: &Scope,
    checkout_id: String,
    token: String,
    extent: Extent,
) -> Result<Option<proto::orders::Checkout>, Error> {
    let viewer = scope.viewer().await?;
    let request = GetCheckoutRequest {
        checkout_id,
        token,
        without_orders: extent == Extent::Itself,
        operator: viewer.as_ref().is_some_and(|actor| actor.is_operator()),
        buyer_id: viewer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
    };
    scope.found(scope.orders.clone().get_checkout(request).await)
}
