//! What a sweeper tried in vain. It waits longer each time, so that the others have their turn.

use std::time::Duration;

use kernel::Timestamp;
use sea_orm::sea_query::{OnConflict, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::entities::postponements::{Column, Entity, Model};

/// How long the second attempt waits; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// The longest wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// What was not tried again for so long is done, or nobody asks any more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// Lets something wait that failed.
pub async fn put(tx: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<(), DbErr> {
    let known = Entity::find_by_id(id).one(tx).await?;
    // Before its own row is written: two who hold one each and forget the other's would wait for each other.
    Entity::delete_many()
        .filter(Column::DueAt.lt(now.before(FORGOTTEN_AFTER).micros()))
        .exec(tx)
        .await?;
    let attempts = known.map_or(0, |row| row.attempts) + 1;
    let doublings = u32::try_from(attempts - 1).unwrap_or(u32::MAX).min(10);
    let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
    let row = Model { id, attempts, due_at: now.after(pause).micros() };
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(Column::Id)
                .update_columns([Column::Attempts, Column::DueAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The ids of what waits.
pub fn waiting(now: Timestamp) -> SelectStatement {
    Query::select().column(Column::Id).from(Entity).and_where(Column::DueAt.gt(now.micros())).take()
}
