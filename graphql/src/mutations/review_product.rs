//! `reviewProduct`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::ReviewProductRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Review;

/// What a buyer says of a product.
#[derive(Clone, Debug, InputObject)]
pub struct ReviewProductInput {
    /// The product.
    product_id: ID,
    /// 1 to 5, the best is 5.
    rating: u32,
    /// In words, at most 2,000 characters of plain text.
    text: Option<String>,
}

payload! {
    /// What came of reviewing a product.
    ReviewProductPayload {
        /// The review as it is now.
        review: Review
    }
}

#[derive(Default)]
pub struct ReviewProduct;

#[Object]
impl ReviewProduct {
    /// Says what a product is like that the caller bought, signed in, and got, and that no shop
    /// of theirs sells. Once; saying it again changes it. Under it stands the given name of the caller.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn review_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which product, and what.")] input: ReviewProductInput,
    ) -> Result<ReviewProductPayload, Error> {
        let scope = Scope::of(ctx);
        let actor = scope.actor().await?;
        let request = ReviewProductRequest {
            buyer_id: actor.user.id.clone(),
            buyer_name: actor.user.name.clone(),
            product_id: input.product_id.0,
            rating: input.rating,
            text: input.text.unwrap_or_default(),
            own_shop_ids: actor.shop_ids(),
        };
        let outcome = scope.outcome(scope.catalog.clone().review_product(request).await)?;
        Ok(ReviewProductPayload::of(outcome.map(Review::of)))
    }
}
