//! `ownReview`

use async_graphql::{Context, Error, ID, Object};
use proto::catalog::GetOwnReviewRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::OwnReview;

#[derive(Default)]
pub struct OwnReviewQuery;

#[Object]
impl OwnReviewQuery {
    /// What the caller has said of a product, and whether they may say something.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn own_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] product_id: ID,
    ) -> Result<Option<OwnReview>, Error> {
        let scope = Scope::of(ctx);
        if product_id.parse::<kernel::ProductId>().is_err() {
            return Ok(None);
        }
        let actor = scope.actor().await?;
        let request = GetOwnReviewRequest {
            buyer_id: actor.user.id.clone(),
            product_id: product_id.0,
            own_shop_ids: actor.shop_ids(),
        };
        let found = scope.answer(scope.catalog.clone().get_own_review(request).await)?;
        Ok(Some(OwnReview::of(found)))
    }
}
