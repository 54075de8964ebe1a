//! A cart with what it would cost now.

use std::collections::HashMap;

use kernel::CartId;
use proto::catalog::{GetOffersRequest, Offer};
use sea_orm::DbErr;
use tonic::Status;

use crate::Orders;
use crate::domain::cart::{Cart, OnOffer};
use crate::store;

/// Offers by the ids of their variants.
pub type Offers = HashMap<String, Offer>;

/// A cart and what is on offer for its lines.
#[derive(Clone, Debug)]
pub struct PricedCart {
    /// The cart.
    pub cart: Cart,
    /// What is on offer.
    pub offers: Offers,
}

/// Why a cart could not be shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum CartError {
    /// The rules refuse the change.
    #[error(transparent)]
    Refused(#[from] crate::domain::cart::CartRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Catalog could not be asked.
    #[error(transparent)]
    Catalog(#[from] Status),
}

/// Shows a cart.
pub async fn get_cart(orders: &Orders, id: CartId) -> Result<PricedCart, CartError> {
    let cart = store::cart::load(orders.0.database.reader(), id).await?;
    price(orders, cart, None).await
}

/// Asks catalog, once, for all lines of a cart and one more variant.
pub async fn price(
    orders: &Orders,
    cart: Cart,
    more: Option<String>,
) -> Result<PricedCart, CartError> {
    let mut variant_ids: Vec<String> =
        cart.lines.iter().map(|line| line.variant.to_string()).collect();
    variant_ids.extend(more.filter(|id| !variant_ids.contains(id)));
    if variant_ids.is_empty() {
        return Ok(PricedCart { cart, offers: Offers::new() });
    }
    let answer = orders
        .0
        .catalog
        .clone()
        .get_offers(GetOffersRequest { variant_ids, claim_token: String::new() })
        .await?;
    let offers = answer
        .into_inner()
        .offers
        .into_iter()
        .map(|offer| (offer.variant_id.clone(), offer))
        .collect();
    Ok(PricedCart { cart, offers })
}

/// What a cart asks of an offer.
pub fn on_offer(offers: &Offers, variant: &str) -> Option<OnOffer> {
    offers
        .get(variant)
        .map(|offer| OnOffer { for_sale: offer.for_sale, available: offer.available })
}
