//! Rows of sessions, and the one question that is asked with every request.

use kernel::{ShopId, Timestamp, UserId};
use platform::pruning;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Order, Query};
use sea_orm::{FromQueryResult, Iterable, QueryOrder, QueryResult, QuerySelect, Set};

use super::shops::member;
use super::{from_word, users};
use crate::domain::membership::{Membership, ShopRole};
use crate::domain::session::{Actor, Session, SessionRecord};
use crate::domain::user::User;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub token_hash: Vec<u8>,
    pub created_at: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Begins a session.
pub async fn insert(tx: &impl ConnectionTrait, session: &Session) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(session.id.uuid()),
        user_id: Set(session.user_id.uuid()),
        token_hash: Set(session.token_hash.to_vec()),
        created_at: Set(session.created_at.micros()),
        expires_at: Set(session.expires_at.micros()),
        revoked_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Who a session belongs to: one statement. Nobody, when it is unknown, has expired or was revoked.
pub async fn actor(
    connection: &impl ConnectionTrait,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<Actor>, DbErr> {
    use users::Column as UserColumn;
    let select = Query::select()
        .columns(UserColumn::iter().map(|column| column.as_column_ref()))
        .columns(
            [member::Column::ShopId, member::Column::Role].map(|column| column.as_column_ref()),
        )
        .expr_as(Expr::col(Column::CreatedAt.as_column_ref()), "signed_in_at")
        .from(Entity)
        .inner_join(
            users::Entity,
            UserColumn::Id.into_expr().equals(Column::UserId.as_column_ref()),
        )
        .left_join(
            member::Entity,
            member::Column::UserId.into_expr().equals(UserColumn::Id.as_column_ref()),
        )
        .and_where(Column::TokenHash.eq(token_hash.to_vec()))
        .and_where(Column::ExpiresAt.gt(now.micros()))
        .and_where(Column::RevokedAt.is_null())
        .order_by(member::Column::ShopId.as_column_ref(), Order::Asc)
        .to_owned();
    let rows = connection.query_all(&select).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let user = User::try_from(users::Model::from_query_result(first, "")?)?;
    let memberships =
        rows.iter().filter_map(|row| membership(row).transpose()).collect::<Result<_, _>>()?;
    let signed_in_at = Timestamp::from_micros(first.try_get("", "signed_in_at")?);
    Ok(Some(Actor { user, memberships, signed_in_at }))
}

/// The membership in a row; people without shops have one row without.
fn membership(row: &QueryResult) -> Result<Option<Membership>, DbErr> {
    let Some(shop_id) = row.try_get::<Option<Uuid>>("", "shop_id")? else { return Ok(None) };
    let role: String = row.try_get("", "role")?;
    let role = from_word("memberships.role", ShopRole::ALL, ShopRole::word, &role)?;
    Ok(Some(Membership { shop_id: ShopId::from_uuid(shop_id), role }))
}

/// The sessions of a person that are kept, the newest first, at most so many.
pub async fn of_person(
    connection: &impl ConnectionTrait,
    person: UserId,
    at_most: u64,
) -> Result<Vec<SessionRecord>, DbErr> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(person.uuid()))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(at_most)
        .all(connection)
        .await?;
    let record = |row: Model| SessionRecord {
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        revoked_at: row.revoked_at.map(Timestamp::from_micros),
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Ends a session, if it is one.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now.micros()))
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends all sessions of a person that last; says how many.
pub async fn revoke_all(
    tx: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now.micros()))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.micros()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Removes sessions that expired before a moment, at most so many; says how many went.
pub async fn remove_expired(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    let columns = (Column::Id, Column::ExpiresAt);
    pruning::remove_older::<Entity>(tx, columns, before, at_most).await
}

/// Forgets all rows of a person.
pub async fn forget_person(tx: &impl ConnectionTrait, person: UserId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(person.uuid())).exec(tx).await?;
    Ok(())
}
