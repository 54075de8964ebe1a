//! Pages of shops.

use kernel::{Page, PageRequest, ShopId};

use super::Failure;
use crate::domain::shop::{Shop, ShopStatus};
use crate::service::Context;
use crate::store;

/// A page of the shops in a status, or of all, newest first; and how many there are in all.
pub async fn list_shops(
    cx: &Context,
    status: Option<ShopStatus>,
    request: &PageRequest<ShopId>,
) -> Result<(Page<Shop>, u64), Failure> {
    Ok(store::shops::page(cx.database.reader(), status, request).await?)
}
