//! What bank feeds delivered, as it came, and what was refused.

use std::collections::BTreeMap;

use kernel::{FeedEventId, Timestamp};
use platform::bulk::{self, is_any};
use platform::database::Database;
use platform::ids;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::{feed_events, feed_rejections};
use feed_events::Column;

/// Rows of one statement: every database allows so many values in it.
const ROWS_AT_ONCE: usize = 100;

/// An event that waits to be worked on.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// Its id here.
    pub id: FeedEventId,
    /// Which feed it came by.
    pub feed: String,
    /// Its id at the provider.
    pub provider_id: String,
    /// The body as it came.
    pub body: Vec<u8>,
    /// When it came first.
    pub received_at: Timestamp,
    /// How often working on it failed.
    pub tries: i32,
}

/// An event that a feed delivers.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which feed it came by.
    pub feed: &'static str,
    /// Its id at the provider.
    pub provider_id: String,
    /// The body as it came.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Stores events in a transaction of their own; those that came before, or come twice, are only counted.
pub async fn insert(database: &Database, deliveries: &[Delivery]) -> Result<(), DbErr> {
    let mut rows: BTreeMap<(&str, &str), feed_events::Model> = BTreeMap::new();
    for delivery in deliveries {
        let row = rows.entry((delivery.feed, &delivery.provider_id));
        row.and_modify(|row| row.deliveries += 1).or_insert_with(|| feed_events::Model {
            id: ids::new::<FeedEventId>().uuid(),
            feed: delivery.feed.to_owned(),
            provider_id: delivery.provider_id.clone(),
            body: delivery.body.clone(),
            received_at: delivery.received_at.micros(),
            deliveries: 1,
            processed_at: None,
            outcome: None,
            tries: 0,
            next_try_at: None,
            problem: None,
        });
    }
    let end = "ON CONFLICT (feed, provider_id)
        DO UPDATE SET deliveries = feed_events.deliveries + excluded.deliveries";
    bulk::upsert_alone(database, rows.into_values(), end).await
}

/// Stores events that were asked for, but for those that came before by whatever way; gives how many
/// are new. Their deliveries are none, until the feed itself delivers them.
pub async fn insert_missing(
    tx: &impl ConnectionTrait,
    feed: &str,
    mut found: Vec<(String, Vec<u8>)>,
    received_at: Timestamp,
) -> Result<u64, DbErr> {
    let mut new = 0;
    // In the order in which webhooks store theirs: else two could wait for each other.
    found.sort_unstable();
    for part in found.chunks(ROWS_AT_ONCE) {
        let rows = part.iter().map(|(provider_id, body)| {
            let id: FeedEventId = ids::new();
            feed_events::Model {
                id: id.uuid(),
                feed: feed.to_owned(),
                provider_id: provider_id.clone(),
                body: body.clone(),
                received_at: received_at.micros(),
                deliveries: 0,
                processed_at: None,
                outcome: None,
                tries: 0,
                next_try_at: None,
                problem: None,
            }
            .into_active_model()
        });
        let known = OnConflict::columns([Column::Feed, Column::ProviderId]).do_nothing().to_owned();
        new += feed_events::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(new)
}

/// Notes that something unsigned or forged came; its body is not kept.
pub async fn reject(
    tx: &impl ConnectionTrait,
    feed: &str,
    reason: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = feed_rejections::Model {
        id: Uuid::now_v7(),
        feed: feed.to_owned(),
        reason: reason.to_owned(),
        received_at: at.micros(),
    };
    feed_rejections::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The oldest events that wait and whose time has come, or `only` that one.
pub async fn waiting(
    tx: &impl ConnectionTrait,
    only: Option<FeedEventId>,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<FeedEvent>, DbErr> {
    let mut select = feed_events::Entity::find()
        .filter(Column::ProcessedAt.is_null())
        .filter(Column::NextTryAt.is_null().or(Column::NextTryAt.lte(now.micros())))
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(only) = only {
        select = select.filter(Column::Id.eq(only.uuid()));
    }
    let event = |row: feed_events::Model| FeedEvent {
        id: FeedEventId::from_uuid(row.id),
        feed: row.feed,
        provider_id: row.provider_id,
        body: row.body,
        received_at: Timestamp::from_micros(row.received_at),
        tries: row.tries,
    };
    Ok(select.all(tx).await?.into_iter().map(event).collect())
}

/// Whether any event waits whose time has come.
pub async fn any_waiting(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    let waiting = feed_events::Entity::find()
        .filter(Column::ProcessedAt.is_null())
        .filter(Column::NextTryAt.is_null().or(Column::NextTryAt.lte(now.micros())));
    Ok(waiting.limit(1).count(db).await? > 0)
}

/// When the event came that waits since longest, whether its time has come or not.
pub async fn waiting_since(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    let first: Option<Option<i64>> = feed_events::Entity::find()
        .select_only()
        .column_as(Column::ReceivedAt.min(), "first")
        .filter(Column::ProcessedAt.is_null())
        .into_tuple()
        .one(db)
        .await?;
    Ok(first.flatten().map(Timestamp::from_micros))
}

/// The longest text of a problem.
const LONGEST_PROBLEM: usize = 500;

/// Notes that working on an event failed, and when it is tried again.
pub async fn note_failure(
    tx: &impl ConnectionTrait,
    event: &FeedEvent,
    problem: &str,
    next_try_at: Timestamp,
) -> Result<(), DbErr> {
    // PostgreSQL keeps no NUL.
    let problem: String =
        problem.chars().filter(|letter| *letter != '\0').take(LONGEST_PROBLEM).collect();
    feed_events::Entity::update_many()
        .col_expr(Column::Tries, Expr::value(event.tries + 1))
        .col_expr(Column::NextTryAt, Expr::value(next_try_at.micros()))
        .col_expr(Column::Problem, Expr::value(problem))
        .filter(Column::Id.eq(event.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes what became of events.
pub async fn mark(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = FeedEventId>,
    outcome: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    feed_events::Entity::update_many()
        .col_expr(Column::ProcessedAt, Expr::value(at.micros()))
        .col_expr(Column::Outcome, Expr::value(outcome))
        .filter(is_any(tx, Column::Id, ids.into_iter().map(|id| id.uuid()).collect()))
        .exec(tx)
        .await?;
    Ok(())
}

/// How often events were delivered in all, and how many were rejected: for tests and metrics.
#[cfg(test)]
pub async fn counts(db: &impl ConnectionTrait) -> Result<(u64, u64), DbErr> {
    let events = feed_events::Entity::find().count(db).await?;
    Ok((events, feed_rejections::Entity::find().count(db).await?))
}

/// What became of each event, by feed and id at the provider, with how often it was delivered.
#[cfg(test)]
pub async fn outcomes(
    db: &impl ConnectionTrait,
) -> Result<Vec<(String, String, i64, Option<String>)>, DbErr> {
    let rows = feed_events::Entity::find()
        .order_by_asc(Column::Feed)
        .order_by_asc(Column::ProviderId)
        .all(db)
        .await?;
    let told = |row: feed_events::Model| (row.feed, row.provider_id, row.deliveries, row.outcome);
    Ok(rows.into_iter().map(told).collect())
}
