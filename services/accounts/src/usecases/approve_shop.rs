//! An operator lets a shop sell.

use super::decision::{lock_shop, record};
use super::{Failure, ShopDecision};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::domain::shop::Shop;
use crate::service::Context;

/// Approves a submitted shop, or a suspended one again.
pub async fn approve_shop(cx: &Context, decision: &ShopDecision) -> Result<Shop, Failure> {
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, decision, Right::Operator).await?;
    let changed = shop.approve(cx.clock.now())?;
    record(cx, tx, decision.actor, Action::ShopApproved, &shop, changed).await
}
