//! What buyers say of products.

use async_graphql::{ID, Object, SimpleObject};
use proto::catalog::Review as ProtoReview;

use super::moment::Moment;
use super::text::given;
use crate::access::{Requires, auth};

/// What the reviews of a product come to.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ProductRating {
    /// The average, 1 to 5, rounded to hundredths; nothing where there are none.
    average: Option<f64>,
    /// How many there are.
    count: u32,
}

impl ProductRating {
    /// The rating of a product of catalog.
    pub fn of(product: &proto::catalog::Product) -> Self {
        let average = (product.rating_count > 0).then(|| f64::from(product.rating) / 100.0);
        Self { average, count: product.rating_count }
    }
}

/// What a buyer says of a product.
pub struct Review(ProtoReview);

impl Review {
    /// A review of catalog.
    pub const fn of(review: ProtoReview) -> Self {
        Self(review)
    }
}

/// What a buyer says of a product that they got.
#[Object]
impl Review {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The product.
    async fn product_id(&self) -> ID {
        ID(self.0.product_id.clone())
    }

    /// 1 to 5, the best is 5.
    async fn rating(&self) -> u32 {
        self.0.rating
    }

    /// In words: plain text.
    async fn text(&self) -> Option<&str> {
        given(&self.0.text)
    }

    /// Given name of who says it.
    async fn author(&self) -> &str {
        &self.0.author
    }

    /// When it was said.
    async fn created_at(&self) -> Moment {
        Moment::of(self.0.created_at)
    }

    /// When it was changed last.
    async fn updated_at(&self) -> Moment {
        Moment::of(self.0.updated_at)
    }

    /// Why an operator removed it. Nobody sees a removed review but who wrote and who removed it.
    async fn removed_because(&self) -> Option<&str> {
        given(&self.0.removed_because)
    }
}

/// What the caller has said of a product, and may say.
#[derive(SimpleObject)]
#[graphql(directive = auth::apply(Requires::User))]
pub struct OwnReview {
    /// Whether it may be written or changed: the caller bought the product and got it, no shop of theirs
    /// sells it, and nothing that they said of it was removed.
    may_review: bool,
    /// What was said.
    review: Option<Review>,
}

impl OwnReview {
    /// What catalog knows of a buyer and a product.
    pub fn of(own: proto::catalog::OwnReview) -> Self {
        Self { may_review: own.may_review, review: own.review.map(Review) }
    }
}
