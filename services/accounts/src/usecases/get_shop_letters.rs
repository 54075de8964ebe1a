//! Who gets letters of a shop's orders.

use kernel::{ShopId, UserId};
use sea_orm::DbErr;

use crate::domain::user::User;
use crate::service::Context;
use crate::store;

/// The most readers of one shop: each is a letter.
const MOST_READERS: u64 = 50;

/// Whether a member wants letters of a shop; nobody else does.
pub async fn get_shop_letters(cx: &Context, actor: UserId, shop: ShopId) -> Result<bool, DbErr> {
    let reader = cx.database.reader();
    let member = store::shops::standing(reader, actor, shop).await?.role.is_some();
    Ok(member && !store::letters::is_declined(reader, actor, shop).await?)
}

/// The members who are written to.
pub async fn get_shop_readers(cx: &Context, shop: ShopId) -> Result<Vec<User>, DbErr> {
    store::letters::readers(cx.database.reader(), shop, MOST_READERS).await
}
