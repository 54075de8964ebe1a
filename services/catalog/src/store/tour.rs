//! What tours are.

use std::collections::HashMap;

use kernel::{ProductId, Timestamp};
use platform::bulk::is_any;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::corrupt;
use super::entities::tours::{Column, Entity, Model};
use crate::domain::tour::Tour;

/// Writes what a tour is, over what was written of it.
pub async fn put(tx: &impl ConnectionTrait, tour: &Tour, now: Timestamp) -> Result<(), DbErr> {
    let row = Model {
        product_id: tour.product.uuid(),
        shop_id: tour.shop.uuid(),
        content: serde_json::to_string(tour).map_err(|_| corrupt("a tour"))?,
        updated_at: now.micros(),
    };
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(Column::ProductId)
                .update_columns([Column::Content, Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether it was written what a product is as a tour.
pub async fn is_written(db: &impl ConnectionTrait, product: ProductId) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id(product.uuid()).count(db).await? > 0)
}

/// Tours by their products.
pub async fn of_products(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<HashMap<ProductId, Tour>, DbErr> {
    let ids: Vec<_> = ids.into_iter().map(ProductId::uuid).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find().filter(is_any(db, Column::ProductId, ids)).all(db).await?;
    rows.into_iter()
        .map(|row| {
            let tour = serde_json::from_str(&row.content).map_err(|_| corrupt("a tour"))?;
            Ok((ProductId::from_uuid(row.product_id), tour))
        })
        .collect()
}
