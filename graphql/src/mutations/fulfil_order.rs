//! `fulfilOrder`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::OrderOfShop;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Order;

/// An order of a shop.
#[derive(Clone, Debug, InputObject)]
pub struct FulfilOrderInput {
    /// The shop.
    shop_id: ID,
    /// The order.
    order_id: ID,
}

payload! {
    /// What came of handing an order over.
    FulfilOrderPayload {
        /// The order as it is now.
        order: Order
    }
}

#[derive(Default)]
pub struct FulfilOrder;

#[Object]
impl FulfilOrder {
    /// Says that a paid order was handed over.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn fulfil_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: FulfilOrderInput,
    ) -> Result<FulfilOrderPayload, Error> {
        let scope = Scope::of(ctx);
        let request = OrderOfShop { shop_id: input.shop_id.0, order_id: input.order_id.0 };
        let outcome = scope.outcome(scope.orders.clone().fulfil_order(request).await)?;
        Ok(FulfilOrderPayload::of(outcome.map(|one| Order::of(one.into(), scope.locale))))
    }
}
