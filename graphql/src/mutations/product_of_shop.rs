//! What the changes of one product have in common.

use async_graphql::{Error, ID, InputObject};
use proto::catalog::{Product as ProtoProduct, ProductOfShop};
use tonic::{Response, Status};

use crate::scope::{Outcome, Scope};
use crate::types::Product;

/// A product of a shop.
#[derive(Clone, Debug, InputObject)]
pub struct ProductOfShopInput {
    /// The shop.
    shop_id: ID,
    /// The product.
    product_id: ID,
}

impl From<ProductOfShopInput> for ProductOfShop {
    fn from(input: ProductOfShopInput) -> Self {
        Self { shop_id: input.shop_id.0, product_id: input.product_id.0 }
    }
}

/// The product after a change.
pub fn changed(
    scope: &Scope,
    answer: Result<Response<ProtoProduct>, Status>,
) -> Result<Outcome<Product>, Error> {
    let outcome = scope.outcome(answer)?;
    Ok(outcome.map(|product| Product::of(product.into(), scope.locale)))
}
