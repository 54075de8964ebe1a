//! How far the asking of a feed for what it told of came.

use kernel::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

use super::entities::feed_polls::{Column, Entity, Model};

/// How far asking came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PollProgress {
    /// When the last round began that was asked to its end.
    pub complete_at: Option<Timestamp>,
    /// The round that is under way.
    pub round: Option<Round>,
}

/// A round under way: what of it was not asked for yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// When it began.
    pub begun_at: Timestamp,
    /// Booked at this moment or later.
    pub from: Timestamp,
    /// Booked at this moment or earlier.
    pub until: Option<Timestamp>,
}

/// How far the asking of a feed came, if it ever began.
pub async fn of(db: &impl ConnectionTrait, feed: &str) -> Result<Option<PollProgress>, DbErr> {
    let row = Entity::find_by_id(feed.to_owned()).one(db).await?;
    Ok(row.map(|row| PollProgress {
        complete_at: row.complete_at.map(Timestamp::from_micros),
        round: row.begun_at.zip(row.window_from).map(|(begun_at, from)| Round {
            begun_at: Timestamp::from_micros(begun_at),
            from: Timestamp::from_micros(from),
            until: row.window_until.map(Timestamp::from_micros),
        }),
    }))
}

/// Keeps how far it came.
pub async fn put(
    tx: &impl ConnectionTrait,
    feed: &str,
    progress: &PollProgress,
) -> Result<(), DbErr> {
    let row = Model {
        feed: feed.to_owned(),
        complete_at: progress.complete_at.map(Timestamp::micros),
        begun_at: progress.round.map(|round| round.begun_at.micros()),
        window_from: progress.round.map(|round| round.from.micros()),
        window_until: progress.round.and_then(|round| round.until).map(Timestamp::micros),
    };
    let changed = [Column::CompleteAt, Column::BegunAt, Column::WindowFrom, Column::WindowUntil];
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Feed).update_columns(changed).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
