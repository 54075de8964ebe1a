//! How a shop's people change: the event and the audit entry of it, in the transaction of the change.

use kernel::{Timestamp, UserId};
use platform::database::Transaction;
use platform::{ids, outbox};
use sea_orm::DbErr;
use serde_json::Value;

use crate::domain::audit::{Action, AuditRecord};
use crate::domain::shop::Shop;
use crate::events::{self, MemberChange};
use crate::store;

/// Tells that somebody came to a shop's people or went from them. `shop` is the shop as it was before.
pub async fn tell(
    tx: &Transaction,
    shop: &Shop,
    person: UserId,
    change: MemberChange,
    effective_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    let of = (shop.id, shop.owner_id);
    let told = events::shop_member_changed(of, person, change, effective_at);
    outbox::publish(tx, now, shop.id, told).await
}

/// Notes in the audit log what somebody did with a shop's people. The detail has ids and roles only.
pub async fn note(
    tx: &Transaction,
    shop: &Shop,
    (actor, action): (UserId, Action),
    detail: &Value,
    now: Timestamp,
) -> Result<(), DbErr> {
    let subject_id = shop.id.to_string();
    let record = AuditRecord { actor: Some(actor), action, subject_id, detail: detail.to_string() };
    store::audit::append(tx, ids::new(), now, record).await
}
