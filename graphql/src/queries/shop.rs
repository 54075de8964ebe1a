//! `shop`

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use proto::accounts::{GetShopBySlugRequest, ShopStatus};

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Shop;

#[derive(Default)]
pub struct ShopQuery;

#[Object]
impl ShopQuery {
    /// A shop that may sell, by its id or its slug.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<ID>,
        #[graphql(desc = "Or its slug.")] slug: Option<String>,
    ) -> Result<Option<Shop>, Error> {
        let scope = Scope::of(ctx);
        match (id, slug) {
            (Some(id), _) => approved_shop(scope, &id).await,
            (None, Some(slug)) => {
                let request = GetShopBySlugRequest { slug };
                let found = scope.found(scope.accounts.clone().get_shop_by_slug(request).await)?;
                Ok(found.and_then(|shop| if_approved(scope, Arc::new(shop))))
            }
            (None, None) => Ok(None),
        }
    }
}

/// A shop that may sell, by its id.
pub async fn approved_shop(scope: &Scope, id: &str) -> Result<Option<Shop>, Error> {
    if id.parse::<kernel::ShopId>().is_err() {
        return Ok(None);
    }
    let shop = scope.loaders.shops.get(id).await.map_err(|status| scope.failed(&status))?;
    Ok(shop.and_then(|shop| if_approved(scope, shop)))
}

fn if_approved(scope: &Scope, shop: Arc<proto::accounts::Shop>) -> Option<Shop> {
    (shop.status() == ShopStatus::Approved).then(|| Shop::of(shop, scope.locale))
}
