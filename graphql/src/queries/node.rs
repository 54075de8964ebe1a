//! `node` and `nodes`

use async_graphql::{Context, Error, ID, Object};
use futures_util::future::try_join_all;

use super::order::order_of_viewer;
use super::product::visible_product;
use super::shop::approved_shop;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::scope::Scope;
use crate::types::Node;

/// Ids in one question at most.
const MAX_IDS: usize = 100;

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// A product, a shop or an order by its id, as far as the caller may see it.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Node>, Error> {
        find(Scope::of(ctx), &id).await
    }

    /// Several things by their ids, in the order of the ids; nothing for what is not there.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        let scope = Scope::of(ctx);
        if ids.len() > MAX_IDS {
            let text = format!("ids has at most {MAX_IDS} ids, not {}", ids.len());
            return Err(scope.refuse(Failure::BadInput(text)));
        }
        try_join_all(ids.iter().map(|id| find(scope, id))).await
    }
}

async fn find(scope: &Scope, id: &str) -> Result<Option<Node>, Error> {
    Ok(match id.split_once('_').map(|(prefix, _)| prefix) {
        Some(kernel::ProductId::PREFIX) => visible_product(scope, id).await?.map(Node::Product),
        Some(kernel::ShopId::PREFIX) => approved_shop(scope, id).await?.map(Node::Shop),
        Some(kernel::OrderId::PREFIX) => order_of_viewer(scope, id).await?.map(Node::Order),
        _ => None,
    })
}
