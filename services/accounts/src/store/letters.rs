//! Rows of who of a shop wants no letters of its orders. Who has no row wants them.

use kernel::{ShopId, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{QueryOrder, QuerySelect, Set};

use super::shops::member;
use super::users;
use crate::domain::user::User;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "declined_letters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: Uuid,
    pub declined_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Whether somebody declined letters of a shop.
pub async fn is_declined(
    connection: &impl ConnectionTrait,
    person: UserId,
    shop: ShopId,
) -> Result<bool, DbErr> {
    let row = Entity::find_by_id((person.uuid(), shop.uuid())).one(connection).await?;
    Ok(row.is_some())
}

/// The shops of which somebody wants no letters, at most so many.
pub async fn declined_by(
    connection: &impl ConnectionTrait,
    person: UserId,
    at_most: u64,
) -> Result<Vec<ShopId>, DbErr> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(person.uuid()))
        .order_by_asc(Column::ShopId)
        .limit(at_most)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| ShopId::from_uuid(row.shop_id)).collect())
}

/// Writes that somebody wants no letters of a shop; once.
pub async fn decline(
    tx: &impl ConnectionTrait,
    person: UserId,
    shop: ShopId,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(person.uuid()),
        shop_id: Set(shop.uuid()),
        declined_at: Set(now.micros()),
    };
    let known = OnConflict::columns([Column::UserId, Column::ShopId]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes that somebody wants letters of a shop.
pub async fn want(tx: &impl ConnectionTrait, person: UserId, shop: ShopId) -> Result<(), DbErr> {
    Entity::delete_by_id((person.uuid(), shop.uuid())).exec(tx).await?;
    Ok(())
}

/// The members of a shop who get letters of its orders, at most so many: those with an e-mail address who did not
/// decline them.
pub async fn readers(
    connection: &impl ConnectionTrait,
    shop: ShopId,
    at_most: u64,
) -> Result<Vec<User>, DbErr> {
    let members = Query::select()
        .column(member::Column::UserId)
        .from(member::Entity)
        .and_where(member::Column::ShopId.eq(shop.uuid()))
        .to_owned();
    let declined = Query::select()
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::ShopId.eq(shop.uuid()))
        .to_owned();
    let rows = users::Entity::find()
        .filter(users::Column::Email.is_not_null())
        .filter(users::Column::Id.in_subquery(members))
        .filter(users::Column::Id.not_in_subquery(declined))
        .order_by_asc(users::Column::Id)
        .limit(at_most)
        .all(connection)
        .await?;
    rows.into_iter().map(User::try_from).collect()
}

/// Forgets all rows of a person.
pub async fn forget_person(tx: &impl ConnectionTrait, person: UserId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(person.uuid())).exec(tx).await?;
    Ok(())
}
