//! How a shop changes: seen by who may, decided by the domain, written with its event and its audit
//! entry in one transaction.

use kernel::{ShopId, Timestamp, UserId};
use platform::database::Transaction;
use platform::{ids, outbox};
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::Failure;
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::membership::Right;
use crate::domain::shop::{Shop, ShopStatus};
use crate::service::Context;
use crate::{events, store};

/// What somebody decides of a shop.
#[derive(Clone, Debug)]
pub struct ShopDecision {
    /// Who decides.
    pub actor: UserId,
    /// Of which shop.
    pub shop: ShopId,
    /// Why; may be empty where no reason is needed.
    pub reason: String,
}

/// The shop of a decision, locked, once it is sure that the actor has the right to decide.
pub async fn lock_shop(
    tx: &Transaction,
    decision: &ShopDecision,
    right: Right,
) -> Result<Shop, Failure> {
    let shop = store::shops::lock(tx, decision.shop).await?.ok_or(Failure::UnknownShop)?;
    store::shops::standing(tx, decision.actor, shop.id).await?.require(right)?;
    Ok(shop)
}

/// Writes a changed shop, and tells of it.
pub async fn record(
    cx: &Context,
    tx: Transaction,
    actor: UserId,
    action: Action,
    before: &Shop,
    changed: Shop,
) -> Result<Shop, Failure> {
    store::shops::update_status(&tx, &changed).await?;
    announce(&tx, cx.clock.now(), actor, action, Some(before.status), &changed).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Puts the event of a changed shop in the outbox and an entry in the audit log.
pub async fn announce(
    tx: &Transaction,
    now: Timestamp,
    actor: UserId,
    action: Action,
    from: Option<ShopStatus>,
    shop: &Shop,
) -> Result<(), DbErr> {
    let detail = json!({ "from": from.map(ShopStatus::word), "to": shop.status.word() });
    tell(tx, now, actor, action, shop, &detail).await?;
    if let Some(decision) = decision_of(action, from) {
        outbox::publish(tx, now, shop.id, events::shop_decided(shop.id, decision)).await?;
    }
    Ok(())
}

/// What operators decided, as the shop's owner is told of it; what the shop's own people do is no news to them.
fn decision_of(action: Action, from: Option<ShopStatus>) -> Option<&'static str> {
    match (action, from) {
        (Action::ShopApproved, _) => Some("approved"),
        (Action::ShopSuspended, Some(ShopStatus::Submitted)) => Some("refused"),
        (Action::ShopSuspended, _) => Some("suspended"),
        _ => None,
    }
}

/// As [`announce`], of a change that is another one than of its status.
pub async fn tell(
    tx: &Transaction,
    now: Timestamp,
    actor: UserId,
    action: Action,
    shop: &Shop,
    detail: &Value,
) -> Result<(), DbErr> {
    outbox::publish(tx, now, shop.id, events::shop_changed(shop, now)).await?;
    let subject_id = shop.id.to_string();
    let record = AuditRecord { actor: Some(actor), action, subject_id, detail: detail.to_string() };
    store::audit::append(tx, ids::new(), now, record).await
}
