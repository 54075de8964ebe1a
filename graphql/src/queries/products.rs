//! `products`

use async_graphql::{Context, Error, Object};
use proto::catalog::ListProductsRequest;

use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;
use crate::types::{Product, ProductFilter, ProductSort};

#[derive(Default)]
pub struct ProductsQuery;

#[Object]
impl ProductsQuery {
    /// Products that everybody may see.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ProductFilter>,
        #[graphql(desc = "The order.", default_with = "ProductSort::Newest")] sort: ProductSort,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Product>, Error> {
        let scope = Scope::of(ctx);
        let filter = filter.map(|filter| filter.read(scope)).transpose()?;
        let request = ListProductsRequest { filter, sort: sort.number(), page: None };
        list_products(scope, request, first, after).await
    }
}

/// A page of products that everybody may see.
pub async fn list_products(
    scope: &Scope,
    mut request: ListProductsRequest,
    first: i32,
    after: Option<String>,
) -> Result<Connection<Product>, Error> {
    let page = page_request(scope, first, after)?;
    request.page = Some(page.clone());
    let found = scope.answer(scope.catalog.clone().list_products(request).await)?;
    let products = found.products.into_iter().map(|one| Product::of(one.into(), scope.locale));
    Ok(Connection::new(&page, found.page, products))
}
