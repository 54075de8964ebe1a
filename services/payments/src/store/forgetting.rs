//! What is forgotten of feeds and card events: bodies as they came, and rejections. The rows of events stay,
//! for by them the same event is known when it comes again.

use kernel::Timestamp;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::cards::entities::card_events;
use super::entities::{feed_events, feed_rejections};

/// As the index of bodies says it, word by word.
const FEED_BODIES: &str = "processed_at IS NOT NULL AND LENGTH(body) > 0";
/// The same of card events.
const CARD_BODIES: &str = "outcome IS NOT NULL AND LENGTH(body) > 0";

/// Empties bodies of feed events that came before then and are done with; gives how many.
pub async fn empty_feed_bodies(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<u64, DbErr> {
    use feed_events::{Column, Entity};
    let with_body = Entity::find().filter(Expr::cust(FEED_BODIES));
    let old = oldest(with_body, Column::Id, Column::ReceivedAt, before, limit);
    let done = Entity::update_many()
        .col_expr(Column::Body, Expr::value(Vec::<u8>::new()))
        .col_expr(Column::Problem, Expr::value(Option::<String>::None))
        .filter(Column::Id.in_subquery(old))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Empties bodies of card events that came before then and are done with; gives how many.
pub async fn empty_card_bodies(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<u64, DbErr> {
    use card_events::{Column, Entity};
    let with_body = Entity::find().filter(Expr::cust(CARD_BODIES));
    let old = oldest(with_body, Column::Id, Column::ReceivedAt, before, limit);
    let done = Entity::update_many()
        .col_expr(Column::Body, Expr::value(Vec::<u8>::new()))
        .filter(Column::Id.in_subquery(old))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Removes rejections from before then; gives how many.
pub async fn remove_rejections(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<u64, DbErr> {
    use feed_rejections::{Column, Entity};
    let old = oldest(Entity::find(), Column::Id, Column::ReceivedAt, before, limit);
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(tx).await?.rows_affected)
}

/// The ids of those that came first, before then: at most so many.
fn oldest<C: ColumnTrait>(
    those: impl QueryFilter + QuerySelect + QueryOrder + QueryTrait<QueryStatement = SelectStatement>,
    id: C,
    received_at: C,
    before: Timestamp,
    limit: u64,
) -> SelectStatement {
    those
        .select_only()
        .column(id)
        .filter(received_at.lt(before.micros()))
        .order_by_asc(received_at)
        .limit(limit)
        .into_query()
}
