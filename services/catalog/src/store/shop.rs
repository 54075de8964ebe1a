//! What catalog knows of shops.

use kernel::ShopId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::entities::shops::{Column, Entity, Model};

/// A shop, as far as catalog needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownShop {
    /// Its id.
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub ward_code: String,
    /// Whether its products may be seen.
    pub approved: bool,
}

/// Writes what is known of a shop.
pub async fn put(tx: &impl ConnectionTrait, shop: &KnownShop) -> Result<(), DbErr> {
    let row = Model {
        id: shop.id.uuid(),
        name: shop.name.clone(),
        ward_code: shop.ward_code.clone(),
        approved: shop.approved,
    };
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(Column::Id)
                .update_columns([Column::Name, Column::WardCode, Column::Approved])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What is known of shops, by their ids.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<KnownShop>, DbErr> {
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(shop_of).collect())
}

/// What is known of a shop, locked so that it does not change before the transaction ends: whether a
/// product is visible is decided by it. A shop of which nothing was heard yet is noted as not approved.
/// Who makes products of a shop is alone: two who write SKUs and addresses in orders of their own would wait
/// for each other. Nobody who looks, holds or sells locks shops.
pub async fn lock(tx: &impl ConnectionTrait, id: ShopId) -> Result<KnownShop, DbErr> {
    if let Some(row) = Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await? {
        return Ok(shop_of(row));
    }
    let unheard =
        Model { id: id.uuid(), name: String::new(), ward_code: String::new(), approved: false };
    Entity::insert(unheard.into_active_model())
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let row = Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?;
    row.map(shop_of).ok_or_else(|| DbErr::RecordNotFound(id.to_string()))
}

fn shop_of(row: Model) -> KnownShop {
    KnownShop {
        id: ShopId::from_uuid(row.id),
        name: row.name,
        ward_code: row.ward_code,
        approved: row.approved,
    }
}
