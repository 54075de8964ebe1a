//! Who may act for a shop: its rows, read and written by whoever holds the shop's lock.

use kernel::{ShopId, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Set};

use super::from_word;
use super::shops::member::{ActiveModel, Column, Entity, Model};
use crate::domain::membership::{MOST_MEMBERS, Member, ShopRole};

impl TryFrom<Model> for Member {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            person: UserId::from_uuid(row.user_id),
            role: from_word("memberships.role", ShopRole::ALL, ShopRole::word, &row.role)?,
            since: Timestamp::from_micros(row.created_at),
        })
    }
}

/// A shop's people: its owner first, then by how long they are there. There are never more than fit.
pub async fn of_shop(
    connection: &impl ConnectionTrait,
    shop: ShopId,
) -> Result<Vec<Member>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(shop.uuid()))
        // "OWNER" comes before "STAFF".
        .order_by_asc(Column::Role)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::UserId)
        .limit(MOST_MEMBERS)
        .all(connection)
        .await?;
    rows.into_iter().map(Member::try_from).collect()
}

/// The shops that a person acts for, at most so many.
pub async fn of_person(
    connection: &impl ConnectionTrait,
    person: UserId,
    at_most: u64,
) -> Result<Vec<(ShopId, Member)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(person.uuid()))
        .order_by_asc(Column::ShopId)
        .limit(at_most)
        .all(connection)
        .await?;
    let of_shop = |row: Model| -> Result<(ShopId, Member), DbErr> {
        Ok((ShopId::from_uuid(row.shop_id), Member::try_from(row)?))
    };
    rows.into_iter().map(of_shop).collect()
}

/// How many people a shop has.
pub async fn count(connection: &impl ConnectionTrait, shop: ShopId) -> Result<u64, DbErr> {
    Entity::find().filter(Column::ShopId.eq(shop.uuid())).count(connection).await
}

/// Adds somebody who is none of the shop's people.
pub async fn insert(tx: &impl ConnectionTrait, shop: ShopId, member: &Member) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(member.person.uuid()),
        shop_id: Set(shop.uuid()),
        role: Set(member.role.word().to_owned()),
        created_at: Set(member.since.micros()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives somebody of the shop's people another role; says whether they are one.
pub async fn set_role(
    tx: &impl ConnectionTrait,
    (shop, person): (ShopId, UserId),
    role: ShopRole,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Role, Expr::value(role.word()))
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::UserId.eq(person.uuid()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Takes somebody from the shop's people.
pub async fn remove(tx: &impl ConnectionTrait, shop: ShopId, person: UserId) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::UserId.eq(person.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}
