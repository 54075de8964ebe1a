//! A member asks for a shop's approval.

use super::decision::{lock_shop, record};
use super::{Failure, ShopDecision};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::domain::shop::Shop;
use crate::service::Context;

/// Sends a draft to the operators, or a shop that they refused.
pub async fn submit_shop(cx: &Context, decision: &ShopDecision) -> Result<Shop, Failure> {
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, decision, Right::Member).await?;
    let changed = shop.submit()?;
    record(cx, tx, decision.actor, Action::ShopSubmitted, &shop, changed).await
}
