//! A shop's people, and whom its owner invited.

use kernel::ShopId;

use super::Failure;
use crate::domain::invitation::Invitation;
use crate::domain::membership::Member;
use crate::service::Context;
use crate::store;

/// A shop's people, its owner first.
pub async fn list_shop_members(cx: &Context, shop: ShopId) -> Result<Vec<Member>, Failure> {
    Ok(store::members::of_shop(cx.database.reader(), shop).await?)
}

/// The invitations of a shop that can still be accepted, the newest first.
pub async fn list_shop_invitations(cx: &Context, shop: ShopId) -> Result<Vec<Invitation>, Failure> {
    Ok(store::invitations::open_of_shop(cx.database.reader(), shop, cx.clock.now()).await?)
}
