//! `product`

use async_graphql::{Context, Error, ID, Object};
use proto::catalog::GetProductBySlugRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Product;

#[derive(Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// A product that everybody may see, by its id or its slug.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<ID>,
        #[graphql(desc = "Or its slug.")] slug: Option<String>,
    ) -> Result<Option<Product>, Error> {
        let scope = Scope::of(ctx);
        let product = match (id, slug) {
            (Some(id), _) => visible_product(scope, &id).await?,
            (None, Some(slug)) => {
                let request = GetProductBySlugRequest { slug };
                let found = scope.catalog.clone().get_product_by_slug(request).await;
                scope.found(found)?.map(|product| Product::of(product.into(), scope.locale))
            }
            (None, None) => None,
        };
        Ok(product)
    }
}

/// A product that everybody may see, by its id.
pub async fn visible_product(scope: &Scope, id: &str) -> Result<Option<Product>, Error> {
    if id.parse::<kernel::ProductId>().is_err() {
        return Ok(None);
    }
    let product = scope.loaders.products.get(id).await.map_err(|status| scope.failed(&status))?;
    Ok(product.map(|product| Product::of(product, scope.locale)))
}
