//! The owner ends a shop.

use super::decision::{lock_shop, record};
use super::{Failure, ShopDecision};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::domain::shop::Shop;
use crate::service::Context;

/// Closes a shop for good.
pub async fn close_shop(cx: &Context, decision: &ShopDecision) -> Result<Shop, Failure> {
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, decision, Right::Owner).await?;
    let changed = shop.close(&decision.reason)?;
    record(cx, tx, decision.actor, Action::ShopClosed, &shop, changed).await
}
