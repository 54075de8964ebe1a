//! A cart with what it would cost now.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use kernel::{CartId, Money, MoneyError, ShopId, Timestamp, VariantId};
use proto::catalog::{GetOffersRequest, Offer};
use proto::parse_money;
use sea_orm::DbErr;
use tonic::Status;

use crate::Orders;
use crate::domain::cart::{Cart, ClaimDigest, OnOffer};
use crate::domain::voucher::{Discounted, Voucher, discounts};
use crate::store;

/// Offers by the ids of their variants.
pub type Offers = HashMap<String, Offer>;

/// A cart and what is on offer for its lines.
#[derive(Clone, Debug)]
pub struct PricedCart {
    /// The cart.
    pub cart: Cart,
    /// What is on offer: of its lines, and perhaps of more.
    pub offers: Arc<Offers>,
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
    price(orders, cart).await
}

/// Asks catalog for the lines of a cart.
pub async fn price(orders: &Orders, cart: Cart) -> Result<PricedCart, CartError> {
    let variants = cart.lines.iter().map(|line| line.variant).collect();
    let offers = offers_of(orders, variants, cart.claim).await?;
    Ok(PricedCart { cart, offers: Arc::new(offers) })
}

/// Asks catalog, once, for variants. Seats that are kept for who claims them count as free.
pub async fn offers_of(
    orders: &Orders,
    variants: BTreeSet<VariantId>,
    claim: Option<ClaimDigest>,
) -> Result<Offers, CartError> {
    if variants.is_empty() {
        return Ok(Offers::new());
    }
    let variant_ids = variants.iter().map(ToString::to_string).collect();
    let claim_digest = claim.map(|claim| claim.0.to_vec()).unwrap_or_default();
    let request = GetOffersRequest { variant_ids, claim_digest, ..GetOffersRequest::default() };
    let answer = orders.0.catalog.clone().get_offers(request).await?;
    let offers = answer.into_inner().offers.into_iter();
    Ok(offers.map(|offer| (offer.variant_id.clone(), offer)).collect())
}

/// What a cart asks of an offer.
pub fn on_offer(offers: &Offers, variant: &str) -> Option<OnOffer> {
    offers
        .get(variant)
        .map(|offer| OnOffer { for_sale: offer.for_sale, available: offer.available })
}

/// What the lines of a cart cost now, by shop. What catalog no longer knows costs nothing.
pub fn lines_by_shop(priced: &PricedCart) -> Vec<(ShopId, Money)> {
    let line = |line: &crate::domain::cart::CartLine| {
        let offer = priced.offers.get(&line.variant.to_string())?;
        let price = parse_money(offer.price.as_ref()).ok()?;
        Some((offer.shop_id.parse().ok()?, price.checked_mul(line.quantity).ok()?))
    };
    priced.cart.lines.iter().filter_map(line).collect()
}

/// What the vouchers of a cart take off now, or why they do not.
pub fn discounts_of(
    priced: &PricedCart,
    now: Timestamp,
) -> Result<Vec<(Voucher, Discounted)>, MoneyError> {
    let vouchers = &priced.cart.vouchers;
    if vouchers.is_empty() {
        return Ok(Vec::new());
    }
    // One that is over must not make the others leave too little.
    let counting: Vec<Voucher> =
        vouchers.iter().filter(|one| one.check(now).is_ok()).cloned().collect();
    let mut found = discounts(&lines_by_shop(priced), &counting)?.into_iter();
    let told = vouchers.iter().map(|voucher| {
        let discount = match voucher.check(now) {
            Ok(()) => found.next().unwrap_or(Ok(Money::zero(voucher.minimum.currency))),
            Err(refused) => Err(refused),
        };
        (voucher.clone(), discount)
    });
    Ok(told.collect())
}
