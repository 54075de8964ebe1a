//! Tells the guests of an order what happened to it: the notice stands on their page, and its event has it
//! written to them.

use std::collections::BTreeMap;

use kernel::{Money, Timestamp};
use platform::database::Transaction;
use platform::outbox;
use proto::events::NoticeGiven;
use proto::events::event::Body;
use sea_orm::DbErr;

use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::order::Order;
use crate::store;

/// Writes a notice of an order and tells of it.
pub async fn tell_guests(tx: &Transaction, order: &Order, notice: &Notice) -> Result<(), DbErr> {
    let notice_id = store::notice::insert(tx, order.id, notice).await?;
    let told = NoticeGiven { notice_id: notice_id.to_string(), order_id: order.id.to_string() };
    outbox::publish(tx, notice.at, order.checkout, Body::NoticeGiven(told)).await
}

/// Tells that an order could not be had and how much of it comes back now.
pub async fn tell_of_unsold(
    tx: &Transaction,
    order: &Order,
    back: Money,
    at: Timestamp,
) -> Result<(), DbErr> {
    let facts = BTreeMap::from([
        ("refund".to_owned(), back.minor.to_string()),
        ("currency".to_owned(), back.currency.code().to_owned()),
    ]);
    tell_guests(tx, order, &Notice { kind: NoticeKind::Refunded, at, facts }).await
}
