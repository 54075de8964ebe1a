//! How persons said that the columns of tables are to be understood, by the shape of the table. What is
//! kept is opaque here: providers read and write it.

use kernel::{Timestamp, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

use super::entities::statement_mappings::{Column, Entity, Model};

/// What was said of a shape.
pub async fn of_shape(db: &impl ConnectionTrait, shape: &str) -> Result<Option<String>, DbErr> {
    Ok(Entity::find_by_id(shape.to_owned()).one(db).await?.map(|row| row.mapping))
}

/// Keeps what somebody says of a shape; the last word counts.
pub async fn put(
    tx: &impl ConnectionTrait,
    shape: &str,
    mapping: &str,
    saved_by: UserId,
    saved_at: Timestamp,
) -> Result<(), DbErr> {
    let row = Model {
        shape: shape.to_owned(),
        mapping: mapping.to_owned(),
        saved_by: saved_by.uuid(),
        saved_at: saved_at.micros(),
    };
    let update = [Column::Mapping, Column::SavedBy, Column::SavedAt];
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Shape).update_columns(update).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
