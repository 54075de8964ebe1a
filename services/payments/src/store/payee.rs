//! What shops are to the tax office, as accounts tells of them.

use std::collections::HashMap;

use kernel::{ShopId, Timestamp};
use platform::bulk::is_any;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::corrupt;
use super::settlement_entities::payees::{Column, Entity, Model};
use crate::domain::tax::SellerKind;

/// Keeps what was told of a shop, unless something newer was.
pub async fn put(
    tx: &impl ConnectionTrait,
    shop: ShopId,
    seller: SellerKind,
    told_at: Timestamp,
) -> Result<(), DbErr> {
    let row = Model {
        shop_id: shop.uuid(),
        seller_kind: seller.name().to_owned(),
        told_at: told_at.micros(),
    };
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(Column::ShopId)
                .update_columns([Column::SellerKind, Column::ToldAt])
                .action_and_where(Expr::col((Entity, Column::ToldAt)).lt(told_at.micros()))
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What some shops are; those that nobody told of are missing.
pub async fn sellers(
    db: &impl ConnectionTrait,
    shops: impl IntoIterator<Item = ShopId>,
) -> Result<HashMap<ShopId, SellerKind>, DbErr> {
    let rows = Entity::find()
        .filter(is_any(db, Column::ShopId, shops.into_iter().map(ShopId::uuid).collect()))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((ShopId::from_uuid(row.shop_id), seller_of(&row.seller_kind)?)))
        .collect()
}

/// The kind of a name in the database.
pub fn seller_of(name: &str) -> Result<SellerKind, DbErr> {
    let known = SellerKind::ALL.into_iter().find(|kind| kind.name() == name);
    known.ok_or_else(|| corrupt("a kind of seller"))
}
