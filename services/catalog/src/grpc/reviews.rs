//! Reviews. It decides nothing.

use kernel::{Page, PageRequest, ProductId, ReviewId, ShopId, UserId};
use proto::common::{PageInfo, PageRequest as PageMessage, RefusalCode};
use proto::{Refused, catalog as contract, parse_id};
use tonic::{Response, Status};

use super::{Answer, Grpc};
use crate::domain::review::Review;
use crate::messages::review_message;
use crate::refusals::{fault, remove_review_status, review_status};
use crate::requests::product_id;
use crate::store;
use crate::usecases::remove_review::{RemoveReviewError, remove_review};
use crate::usecases::review_product::{Reviewer, review_product};

impl Grpc {
    pub(super) async fn product_reviewed(
        &self,
        request: contract::ReviewProductRequest,
    ) -> Answer<contract::Review> {
        let buyer = parse_id::<UserId>(&request.buyer_id)?;
        let id = product_id(&request.product_id)?;
        let shops = shops_of(&request.own_shop_ids)?;
        let reviewer = Reviewer { id: buyer, name: &request.buyer_name, shops: &shops };
        let written = review_product(&self.0, reviewer, id, request.rating, &request.text).await;
        Ok(Response::new(review_message(&written.map_err(review_status)?)))
    }

    pub(super) async fn review_removed(
        &self,
        request: contract::RemoveReviewRequest,
    ) -> Answer<contract::Review> {
        let operator = parse_id::<UserId>(&request.operator_id)?;
        let unknown = |_| remove_review_status(RemoveReviewError::Unknown);
        let id: ReviewId = request.review_id.parse().map_err(unknown)?;
        let removed = remove_review(&self.0, operator, id, &request.reason).await;
        Ok(Response::new(review_message(&removed.map_err(remove_review_status)?)))
    }

    pub(super) async fn reviews_listed(
        &self,
        request: contract::ListReviewsRequest,
    ) -> Answer<contract::ReviewPage> {
        let page = page_of(request.page)?;
        let id = product_id(&request.product_id)?;
        let found = store::review::standing(self.reader(), id, &page).await.map_err(fault)?;
        Ok(Response::new(page_message(&page, found)))
    }

    pub(super) async fn reviews_of_buyer(
        &self,
        request: contract::ListBuyerReviewsRequest,
    ) -> Answer<contract::ReviewPage> {
        let page = page_of(request.page)?;
        let buyer = parse_id::<UserId>(&request.buyer_id)?;
        let found = store::review::page_of_buyer(self.reader(), buyer, &page).await;
        Ok(Response::new(page_message(&page, found.map_err(fault)?)))
    }

    pub(super) async fn own_review(
        &self,
        request: contract::GetOwnReviewRequest,
    ) -> Answer<contract::OwnReview> {
        let buyer = parse_id::<UserId>(&request.buyer_id)?;
        let id = product_id(&request.product_id)?;
        let db = self.reader();
        let got = store::review::may_write(db, buyer, id).await.map_err(fault)?;
        let review = store::review::of_buyer(db, buyer, id).await.map_err(fault)?;
        let sells = self.is_sold_by(id, &shops_of(&request.own_shop_ids)?).await?;
        let may_review =
            got && !sells && review.as_ref().is_none_or(|review| review.removal.is_none());
        let review = review.as_ref().map(review_message);
        Ok(Response::new(contract::OwnReview { may_review, review }))
    }

    /// Whether one of these shops sells a product. Most people act for none.
    async fn is_sold_by(&self, id: ProductId, shops: &[ShopId]) -> Result<bool, Status> {
        if shops.is_empty() {
            return Ok(false);
        }
        let found = store::product::without_variants(self.reader(), [id]).await.map_err(fault)?;
        Ok(found.iter().any(|product| shops.contains(&product.shop)))
    }
}

/// The shops that somebody acts for.
fn shops_of(ids: &[String]) -> Result<Vec<ShopId>, Status> {
    ids.iter().map(|id| Ok(parse_id::<ShopId>(id)?)).collect()
}

/// Which page of reviews is asked for.
fn page_of(asked: Option<PageMessage>) -> Result<PageRequest<ReviewId>, Status> {
    let asked = asked.unwrap_or_default();
    let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&["after"]));
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(text.parse::<ReviewId>().map_err(|_| invalid())?),
    };
    Ok(PageRequest::new(if asked.first == 0 { 20 } else { asked.first }, after))
}

fn page_message(asked: &PageRequest<ReviewId>, found: Vec<Review>) -> contract::ReviewPage {
    let found = Page::from_rows(asked, found);
    let cursors = found.items.iter().map(|review| review.id.to_string()).collect();
    let info = PageInfo { has_next: found.has_next, cursors, total: -1 };
    let reviews = found.items.iter().map(review_message).collect();
    contract::ReviewPage { reviews, page: Some(info) }
}
