//! What guests are told of their orders.

use std::collections::{BTreeMap, HashMap};

use kernel::{OrderId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::corrupt;
use super::entities::notices::{Column, Entity, Model};
use crate::domain::notice::{Notice, NoticeKind};

/// Writes a notice of an order; gives its id.
pub async fn insert(
    tx: &impl ConnectionTrait,
    order: OrderId,
    notice: &Notice,
) -> Result<Uuid, DbErr> {
    let facts = serde_json::to_string(&notice.facts);
    let id = Uuid::now_v7();
    let row = Model {
        id,
        order_id: order.uuid(),
        kind: notice.kind.name().to_owned(),
        facts: facts.map_err(|error| DbErr::Custom(error.to_string()))?,
        at: notice.at.micros(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(id)
}

/// A notice, and whose it is.
pub async fn by_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<(OrderId, Notice)>, DbErr> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(Some((OrderId::from_uuid(row.order_id), notice_of(row)?)))
}

/// The notices of orders, the oldest first.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<HashMap<OrderId, Vec<Notice>>, DbErr> {
    let rows = Entity::find()
        .filter(Column::OrderId.is_in(orders.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let mut found: HashMap<OrderId, Vec<Notice>> = HashMap::new();
    for row in rows {
        found.entry(OrderId::from_uuid(row.order_id)).or_default().push(notice_of(row)?);
    }
    Ok(found)
}

fn notice_of(row: Model) -> Result<Notice, DbErr> {
    let kind = NoticeKind::ALL.into_iter().find(|kind| kind.name() == row.kind);
    let facts: BTreeMap<String, String> =
        serde_json::from_str(&row.facts).map_err(|_| corrupt("facts of a notice"))?;
    Ok(Notice {
        kind: kind.ok_or_else(|| corrupt("a kind of notice"))?,
        at: Timestamp::from_micros(row.at),
        facts,
    })
}
