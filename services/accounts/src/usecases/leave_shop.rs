//! Somebody does not want to work for a shop any more.

use kernel::{ShopId, UserId};
use serde_json::json;

use super::decision::lock_shop;
use super::{Failure, ShopDecision, members};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::events::MemberChange;
use crate::service::Context;
use crate::store;

/// Takes somebody from a shop's people, as they wish. Its owner hands it over first.
pub async fn leave_shop(cx: &Context, actor: UserId, shop: ShopId) -> Result<(), Failure> {
    let now = cx.clock.now();
    let asked = ShopDecision { actor, shop, reason: String::new() };
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, &asked, Right::Member).await?;
    store::shops::standing(&tx, actor, shop.id).await?.going()?;
    store::members::remove(&tx, shop.id, actor).await?;
    members::tell(&tx, &shop, actor, MemberChange::Left, now, now).await?;
    let detail = json!({ "member": actor.to_string() });
    members::note(&tx, &shop, (actor, Action::MemberLeft), &detail, now).await?;
    tx.commit().await?;
    Ok(())
}
