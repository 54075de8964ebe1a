//! `removeReview`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::RemoveReviewRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Review;

/// A review that nobody shall see any more.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveReviewInput {
    /// The review.
    review_id: ID,
    /// Why; who wrote it reads this.
    reason: String,
}

payload! {
    /// What came of removing a review.
    RemoveReviewPayload {
        /// The review as it is now.
        review: Review
    }
}

#[derive(Default)]
pub struct RemoveReview;

#[Object]
impl RemoveReview {
    /// Removes a review: it is shown to nobody and counts no more. Who removed it, when and why is kept.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn remove_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: RemoveReviewInput,
    ) -> Result<RemoveReviewPayload, Error> {
        let scope = Scope::of(ctx);
        let request = RemoveReviewRequest {
            operator_id: scope.actor().await?.user.id.clone(),
            review_id: input.review_id.0,
            reason: input.reason,
        };
        let outcome = scope.outcome(scope.catalog.clone().remove_review(request).await)?;
        Ok(RemoveReviewPayload::of(outcome.map(Review::of)))
    }
}
