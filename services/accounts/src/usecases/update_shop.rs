//! An owner corrects what is said of a shop.

use kernel::{ShopId, UserId};
use serde_json::json;

use super::decision::{lock_shop, tell};
use super::{Failure, ShopDecision};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::domain::shop::Shop;
use crate::domain::shop_application::ShopApplication;
use crate::domain::shop_change::ShopChange;
use crate::service::Context;
use crate::{store, throttle};

/// Changes what is given of a shop. The same again changes nothing, and tells of nothing.
pub async fn update_shop(
    cx: &Context,
    actor: UserId,
    shop: ShopId,
    change: ShopChange,
) -> Result<Shop, Failure> {
    let asked = ShopDecision { actor, shop, reason: String::new() };
    count_rename(cx, &asked, &change).await?;
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, &asked, Right::Owner).await?;
    let changed = with_change(&shop, change)?;
    if changed == shop {
        return Ok(shop);
    }
    store::shops::update(&tx, &changed).await?;
    // The names of the fields only: what stood in them may have to be erased one day.
    let detail = json!({ "fields": ShopChange::fields_between(&shop, &changed) });
    tell(&tx, cx.clock.now(), actor, Action::ShopUpdated, &changed, &detail).await?;
    tx.commit().await?;
    Ok(changed)
}

/// The shop as it becomes.
fn with_change(shop: &Shop, change: ShopChange) -> Result<Shop, Failure> {
    let form = change.form(shop);
    let application = ShopApplication::read_again(&form, shop).map_err(Failure::Input)?;
    Ok(shop.corrected(application.onto(shop))?)
}

/// Counts another name, before anything is locked. Only an owner's, who gave nothing wrong: nobody else uses up how
/// often a shop may be renamed.
async fn count_rename(
    cx: &Context,
    asked: &ShopDecision,
    change: &ShopChange,
) -> Result<(), Failure> {
    if change.name.is_none() {
        return Ok(());
    }
    let db = cx.database.reader();
    let Some(shop) = store::shops::by_ids(db, &[asked.shop]).await?.pop() else { return Ok(()) };
    let standing = store::shops::standing(db, asked.actor, shop.id).await?;
    let renames = with_change(&shop, change.clone()).is_ok_and(|after| after.name != shop.name);
    if renames && standing.require(Right::Owner).is_ok() {
        throttle::rename_shop(&cx.limiter, shop.id).await?;
    }
    Ok(())
}
