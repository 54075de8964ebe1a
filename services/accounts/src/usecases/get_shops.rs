//! Shops by their ids or slug.

use std::collections::HashMap;

use kernel::ShopId;

use super::Failure;
use crate::domain::shop::Shop;
use crate::service::Context;
use crate::store;

/// The most shops that are asked for at once.
const MAXIMUM: usize = 500;

/// Shops in the order of the ids; unknown ids are left out.
pub async fn get_shops(cx: &Context, ids: &[ShopId]) -> Result<Vec<Shop>, Failure> {
    if ids.len() > MAXIMUM {
        return Err(Failure::TooManyIds { maximum: MAXIMUM });
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = store::shops::by_ids(cx.database.reader(), ids).await?;
    let found: HashMap<ShopId, Shop> = found.into_iter().map(|shop| (shop.id, shop)).collect();
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// The shop with a slug.
pub async fn get_shop_by_slug(cx: &Context, slug: &str) -> Result<Shop, Failure> {
    let shop = store::shops::by_slug(cx.database.reader(), slug).await?;
    shop.ok_or(Failure::UnknownShop)
}
