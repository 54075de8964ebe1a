//! Departures that do not happen, and the orders that they concern.

use kernel::{DepartureId, OrderId, ShopId, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

use super::entities::cancelled_departures::{Column, Entity, Model};
use crate::domain::order::Order;
use crate::domain::ticket_terms::TicketTerms;

/// A departure that does not happen, as catalog told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelledDeparture {
    /// Which.
    pub departure: DepartureId,
    /// Of which shop.
    pub shop: ShopId,
    /// Why; guests read it.
    pub reason: String,
    /// What takes its place, if anything does.
    pub move_to: Option<DepartureId>,
    /// When it was told.
    pub told_at: Timestamp,
}

/// Notes that a departure does not happen; what was told first stays.
pub async fn insert(
    tx: &impl ConnectionTrait,
    cancelled: &CancelledDeparture,
) -> Result<(), DbErr> {
    let row = Model {
        departure_id: cancelled.departure.uuid(),
        shop_id: cancelled.shop.uuid(),
        reason: cancelled.reason.clone(),
        move_to: cancelled.move_to.map(|id| id.uuid()),
        told_at: cancelled.told_at.micros(),
    };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::DepartureId).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A departure that does not happen.
pub async fn by_id(
    db: &impl ConnectionTrait,
    id: DepartureId,
) -> Result<Option<CancelledDeparture>, DbErr> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?.map(cancelled_of))
}

/// Whether one of the departures does not happen.
pub async fn any_cancelled(
    db: &impl ConnectionTrait,
    departures: impl IntoIterator<Item = DepartureId>,
) -> Result<bool, DbErr> {
    let ids = departures.into_iter().map(|id| id.uuid());
    Ok(Entity::find().filter(Column::DepartureId.is_in(ids)).count(db).await? > 0)
}

/// The departures that were told of last.
pub async fn recent(
    db: &impl ConnectionTrait,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<CancelledDeparture>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ToldAt.gte(since.micros()))
        .order_by_desc(Column::ToldAt)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(cancelled_of).collect())
}

/// The terms of an order's first line whose departure does not happen.
pub async fn first_cancelled(
    db: &impl ConnectionTrait,
    order: &Order,
) -> Result<Option<TicketTerms>, DbErr> {
    for terms in order.lines.iter().filter_map(|line| line.ticket.as_ref()) {
        if any_cancelled(db, [terms.departure]).await? {
            return Ok(Some(terms.clone()));
        }
    }
    Ok(None)
}

/// Orders, paid or to be paid, with something left of a departure that does not happen, and nothing
/// done about it yet.
const CONCERNED: &str = "SELECT DISTINCT o.id, l.departure_id FROM orders o
    JOIN order_lines l ON l.order_id = o.id
    JOIN cancelled_departures d ON d.departure_id = l.departure_id
    WHERE o.status IN ('pending', 'paid', 'fulfilled') AND l.cancelled_quantity < l.quantity
    AND NOT EXISTS (SELECT 1 FROM cancelled_lines c
        JOIN ticket_cancellations t ON t.id = c.cancellation_id
        WHERE c.order_line_id = l.id AND t.status = 'started')";

/// Orders for which something must be done because a departure does not happen; not those for which it
/// was tried in vain a short while ago.
pub async fn concerned(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(OrderId, DepartureId)>, DbErr> {
    let now = now.micros();
    let question = format!(
        "{CONCERNED} AND o.id NOT IN (SELECT id FROM postponements WHERE due_at > {now})
         ORDER BY o.id LIMIT {limit}"
    );
    let statement = Statement::from_string(db.get_database_backend(), question);
    let rows = db.query_all_raw(statement).await?;
    rows.into_iter()
        .map(|row| {
            let order = OrderId::from_uuid(row.try_get_by_index(0)?);
            Ok((order, DepartureId::from_uuid(row.try_get_by_index(1)?)))
        })
        .collect()
}

fn cancelled_of(row: Model) -> CancelledDeparture {
    CancelledDeparture {
        departure: DepartureId::from_uuid(row.departure_id),
        shop: ShopId::from_uuid(row.shop_id),
        reason: row.reason,
        move_to: row.move_to.map(DepartureId::from_uuid),
        told_at: Timestamp::from_micros(row.told_at),
    }
}
