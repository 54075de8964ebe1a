//! Refusals of reviews.

use platform::rpc::database_fault;
use proto::Refused;
use proto::common::RefusalCode;
use tonic::Status;

use crate::domain::review::{MAX_RATING, MAX_REASON, MAX_TEXT, ReviewProblem};
use crate::usecases::remove_review::RemoveReviewError;
use crate::usecases::review_product::ReviewProductError;

/// Why a review was not written.
pub fn review_status(error: ReviewProductError) -> Status {
    let refused = match error {
        ReviewProductError::Unknown => Refused::new(RefusalCode::NotFound).at(&["productId"]),
        ReviewProductError::Problem(ReviewProblem::Rating) => {
            range(1, MAX_RATING.into()).at(&["rating"])
        }
        ReviewProductError::Problem(ReviewProblem::TooLong) => {
            Refused::new(RefusalCode::TooLong).at(&["text"]).fact("maximum", MAX_TEXT)
        }
        ReviewProductError::Problem(ReviewProblem::ControlCharacter) => {
            Refused::new(RefusalCode::Invalid).at(&["text"])
        }
        ReviewProductError::NotBought => Refused::new(RefusalCode::NotBought).at(&["productId"]),
        ReviewProductError::OwnProduct => Refused::new(RefusalCode::OwnProduct).at(&["productId"]),
        ReviewProductError::Removed => {
            Refused::new(RefusalCode::StatusConflict).at(&["productId"]).fact("status", "REMOVED")
        }
        ReviewProductError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why a review was not removed.
pub fn remove_review_status(error: RemoveReviewError) -> Status {
    let refused = match error {
        RemoveReviewError::Unknown => Refused::new(RefusalCode::NotFound).at(&["reviewId"]),
        RemoveReviewError::Reason => range(1, MAX_REASON as i64).at(&["reason"]),
        RemoveReviewError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

fn range(least: i64, most: i64) -> Refused {
    Refused::new(RefusalCode::OutOfRange).fact("minimum", least).fact("maximum", most)
}
