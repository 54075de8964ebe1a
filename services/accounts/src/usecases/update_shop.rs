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
use crate::store;

/// Changes what is given of a shop. The same again changes nothing, and tells of nothing.
pub async fn update_shop(
    cx: &Context,
    actor: UserId,
    shop: ShopId,
    change: ShopChange,
) -> Result<Shop, Failure> {
    let asked = ShopDecision { actor, shop, reason: String::new() };
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, &asked, Right::Owner).await?;
    let form = change.form(&shop);
    let application = ShopApplication::read(&form).map_err(Failure::Input)?;
    let changed = shop.corrected(application.onto(&shop))?;
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
