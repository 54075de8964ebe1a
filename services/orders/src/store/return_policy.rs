//! For how long buyers may send things back to a shop.

use kernel::{ShopId, ShopScope};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

use super::return_entities::shop_return_policies::{Column, Entity, Model};

/// The days that a shop chose, if it did.
pub async fn days(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<u32>, DbErr> {
    let found = Entity::find_by_id(shop.uuid()).one(db).await?;
    Ok(found.map(|row| row.days.unsigned_abs()))
}

/// Writes the days that a shop chooses.
pub async fn put(tx: &impl ConnectionTrait, scope: ShopScope, days: u32) -> Result<(), DbErr> {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let row = Model { shop_id: scope.shop().uuid(), days };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::ShopId).update_column(Column::Days).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
