//! An operator stops a shop.

use super::decision::{lock_shop, record};
use super::{Failure, ShopDecision};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::domain::shop::Shop;
use crate::service::Context;

/// Suspends a shop that sells, or refuses one that was submitted, with a reason.
pub async fn suspend_shop(cx: &Context, decision: &ShopDecision) -> Result<Shop, Failure> {
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, decision, Right::Operator).await?;
    let changed = shop.suspend(&decision.reason)?;
    record(cx, tx, decision.actor, Action::ShopSuspended, &shop, changed).await
}
