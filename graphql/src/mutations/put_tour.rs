//! `putTour`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::tours::PutTourRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{Tour, TourInput};

/// What a product of kind `TOUR` is besides a product.
#[derive(Clone, Debug, InputObject)]
pub struct PutTourInput {
    /// Whose it is.
    shop_id: ID,
    /// The product.
    product_id: ID,
    /// All of it: what is left out is gone.
    tour: TourInput,
}

payload! {
    /// What came of describing a tour.
    PutTourPayload {
        /// The tour as it is now.
        tour: Tour
    }
}

#[derive(Default)]
pub struct PutTour;

#[Object]
impl PutTour {
    /// Says what a product of kind `TOUR` is besides a product. What was sold stays as it was sold.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn put_tour(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tour.")] input: PutTourInput,
    ) -> Result<PutTourPayload, Error> {
        let PutTourInput { shop_id, product_id, tour } = input;
        Ok(PutTourPayload::of(put_tour(Scope::of(ctx), shop_id.0, product_id.0, tour).await?))
    }
}

/// Describes the tour of a product of a shop.
pub async fn put_tour(
    scope: &Scope,
    shop_id: String,
    product_id: String,
    tour: TourInput,
) -> Result<Outcome<Tour>, Error> {
    let tour = match tour.read(product_id, shop_id.clone(), "tour", scope.locale) {
        Ok(tour) => tour,
        Err(errors) => return Ok(Err(errors)),
    };
    let request = PutTourRequest { shop_id, tour: Some(tour) };
    let outcome = scope.outcome(scope.catalog.clone().put_tour(request).await)?;
    scope.loaders.forget();
    Ok(outcome.map(|tour| Tour::of(tour.into(), scope.locale)))
}
