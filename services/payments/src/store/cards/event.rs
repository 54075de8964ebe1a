//! What a card provider told, as it came.

use kernel::{CardEventId, Timestamp};
use platform::ids;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entities::card_events::{Column, Entity, Model};

/// An event that waits to be worked on.
#[derive(Clone, Debug)]
pub struct CardEvent {
    /// Its id here.
    pub id: CardEventId,
    /// The body as it came.
    pub body: Vec<u8>,
    /// How often it was worked on in vain.
    pub tries: u32,
}

/// Stores an event; one that came before is only counted.
pub async fn insert(
    tx: &impl ConnectionTrait,
    provider: &str,
    event_id: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = Model {
        id: ids::new::<CardEventId>().uuid(),
        provider: provider.to_owned(),
        event_id: event_id.to_owned(),
        body: body.to_vec(),
        received_at: now.micros(),
        deliveries: 1,
        tries: 0,
        next_try_at: Some(now.micros()),
        outcome: None,
    };
    let counted = Expr::col((Entity, Column::Deliveries)).add(1);
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([Column::Provider, Column::EventId])
                .value(Column::Deliveries, counted)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Events that are to be worked on now, the oldest first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<CardEvent>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextTryAt.lte(now.micros()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let event = |row: Model| CardEvent {
        id: CardEventId::from_uuid(row.id),
        body: row.body,
        tries: row.tries.cast_unsigned(),
    };
    Ok(rows.into_iter().map(event).collect())
}

/// Notes what became of an event.
pub async fn finish(
    tx: &impl ConnectionTrait,
    id: CardEventId,
    outcome: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Outcome, Expr::value(outcome))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that an event could not be worked on, and when it is tried again.
pub async fn postpone(
    tx: &impl ConnectionTrait,
    id: CardEventId,
    until: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .col_expr(Column::NextTryAt, Expr::value(until.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Outcome.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// What became of each event, with how often it was delivered, by its id at the provider.
#[cfg(test)]
pub async fn outcomes(
    db: &impl ConnectionTrait,
) -> Result<Vec<(String, i64, Option<String>)>, DbErr> {
    let rows = Entity::find().order_by_asc(Column::EventId).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.event_id, row.deliveries, row.outcome)).collect())
}
