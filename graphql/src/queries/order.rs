//! `order`

use async_graphql::{Context, Error, ID, Object};
use proto::orders::GetOrdersRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Order;

/// A number is never longer.
const MAX_NUMBER: usize = 40;

#[derive(Default)]
pub struct OrderQuery;

#[Object]
impl OrderQuery {
    /// An order by its id or its number: one's own, one of one's shops, any for an operator.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<ID>,
        #[graphql(desc = "Or its number: `CN-7K2M-Q4PD`.")] number: Option<String>,
    ) -> Result<Option<Order>, Error> {
        let scope = Scope::of(ctx);
        match (id, number) {
            (Some(id), _) => order_of_viewer(scope, &id).await,
            (None, Some(number)) if number.len() <= MAX_NUMBER => {
                let actor = scope.actor().await?;
                let request = GetOrdersRequest {
                    ids: Vec::new(),
                    numbers: vec![number],
                    buyer_id: actor.user.id.clone(),
                    shop_ids: actor.shop_ids(),
                    operator: actor.is_operator(),
                };
                let found = scope.found(scope.orders.clone().get_orders(request).await)?;
                let order = found.and_then(|found| found.orders.into_iter().next());
                Ok(order.map(|order| Order::of(order.into(), scope.locale)))
            }
            _ => Ok(None),
        }
    }
}

/// An order that the session may see, by its id.
pub async fn order_of_viewer(scope: &Scope, id: &str) -> Result<Option<Order>, Error> {
    if id.parse::<kernel::OrderId>().is_err() {
        return Ok(None);
    }
    let order = scope.loaders.orders.get(id).await.map_err(|status| scope.failed(&status))?;
    Ok(order.map(|order| Order::of(order, scope.locale)))
}
