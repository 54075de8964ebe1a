//! `reviews`

use async_graphql::{Context, Error, ID, Object};
use proto::catalog::{GetProductBySlugRequest, ListReviewsRequest};

use super::product::visible_product;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;
use crate::types::Review;

#[derive(Default)]
pub struct ReviewsQuery;

#[Object]
impl ReviewsQuery {
    /// What buyers say of a product that everybody may see, the newest first; nothing of any other.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product's id.")] product_id: Option<ID>,
        #[graphql(desc = "Or its slug.")] slug: Option<String>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Option<Connection<Review>>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let product_id = match (product_id, slug) {
            (Some(id), _) => visible_product(scope, &id).await?.map(|_| id.0),
            (None, Some(slug)) => {
                let request = GetProductBySlugRequest { slug };
                let found = scope.catalog.clone().get_product_by_slug(request).await;
                scope.found(found)?.map(|product| product.id)
            }
            (None, None) => None,
        };
        let Some(product_id) = product_id else { return Ok(None) };
        let request = ListReviewsRequest { product_id, page: Some(page.clone()) };
        let found = scope.answer(scope.catalog.clone().list_reviews(request).await)?;
        let reviews = found.reviews.into_iter().map(Review::of);
        Ok(Some(Connection::new(&page, found.page, reviews)))
    }
}
