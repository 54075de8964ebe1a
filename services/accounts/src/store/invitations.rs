//! Rows of invitations to shops: to whom, how the letter fares, and the digest of the token in it.

use kernel::{ShopId, ShopInvitationId, Timestamp, UserId};
use platform::pruning;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{QueryOrder, QuerySelect, Set, UpdateMany};

use super::{corrupt, from_word};
use crate::domain::invitation::Invitation;
use crate::domain::login::Login;
use crate::domain::membership::{MOST_MEMBERS, ShopRole};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shop_invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub shop_id: Uuid,
    pub role: String,
    pub contact: String,
    pub invited_by: Uuid,
    pub token_hash: Option<Vec<u8>>,
    pub created_at: i64,
    pub counts_from: i64,
    pub expires_at: i64,
    pub tries: i32,
    pub next_try_at: Option<i64>,
    pub accepted_by: Option<Uuid>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Invitation {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            id: ShopInvitationId::from_uuid(row.id),
            shop: ShopId::from_uuid(row.shop_id),
            role: from_word("shop_invitations.role", ShopRole::ALL, ShopRole::word, &row.role)?,
            contact: Login::read(&row.contact)
                .ok_or_else(|| corrupt("an open invitation is to nobody"))?,
            invited_by: UserId::from_uuid(row.invited_by),
            created_at: Timestamp::from_micros(row.created_at),
            counts_from: Timestamp::from_micros(row.counts_from),
            expires_at: Timestamp::from_micros(row.expires_at),
            tries: row.tries.cast_unsigned(),
        })
    }
}

/// Adds an invitation: with the digest of a token that was told, or else with a letter that is due at once.
pub async fn insert(
    tx: &impl ConnectionTrait,
    invitation: &Invitation,
    token_hash: Option<[u8; 32]>,
) -> Result<(), DbErr> {
    let now = invitation.created_at.micros();
    let row = ActiveModel {
        id: Set(invitation.id.uuid()),
        shop_id: Set(invitation.shop.uuid()),
        role: Set(invitation.role.word().to_owned()),
        contact: Set(invitation.contact.as_str().to_owned()),
        invited_by: Set(invitation.invited_by.uuid()),
        token_hash: Set(token_hash.map(|hash| hash.to_vec())),
        created_at: Set(now),
        counts_from: Set(invitation.counts_from.micros()),
        expires_at: Set(invitation.expires_at.micros()),
        tries: Set(0),
        next_try_at: Set(token_hash.is_none().then_some(now)),
        accepted_by: Set(None),
        ended_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The open invitations of a shop that can still be accepted, the newest first. There are never more than fit.
pub async fn open_of_shop(
    connection: &impl ConnectionTrait,
    shop: ShopId,
    now: Timestamp,
) -> Result<Vec<Invitation>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.micros()))
        .order_by_desc(Column::Id)
        .limit(MOST_MEMBERS)
        .all(connection)
        .await?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// The open invitation that a token belongs to; it may be too old, or not count yet.
pub async fn by_token(
    connection: &impl ConnectionTrait,
    token_hash: [u8; 32],
) -> Result<Option<Invitation>, DbErr> {
    let row = Entity::find()
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .filter(Column::EndedAt.is_null())
        .one(connection)
        .await?;
    row.map(Invitation::try_from).transpose()
}

/// Uses an invitation up: says whether it was open.
pub async fn use_up(
    tx: &impl ConnectionTrait,
    id: ShopInvitationId,
    by: UserId,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let done = ending(now)
        .col_expr(Column::AcceptedBy, Expr::value(by.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends one invitation of a shop: says whether it was open.
pub async fn end(
    tx: &impl ConnectionTrait,
    (shop, id): (ShopId, ShopInvitationId),
    now: Timestamp,
) -> Result<bool, DbErr> {
    let done = ending(now)
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::ShopId.eq(shop.uuid()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends the open invitations of a shop to any of these contacts.
pub async fn end_to(
    tx: &impl ConnectionTrait,
    shop: ShopId,
    contacts: Vec<String>,
    now: Timestamp,
) -> Result<(), DbErr> {
    ending(now)
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::Contact.is_in(contacts))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends all open invitations of a shop.
pub async fn end_all(tx: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    ending(now).filter(Column::ShopId.eq(shop.uuid())).exec(tx).await?;
    Ok(())
}

/// Ends all open invitations that a person made.
pub async fn end_all_of_inviter(
    tx: &impl ConnectionTrait,
    inviter: UserId,
    now: Timestamp,
) -> Result<(), DbErr> {
    ending(now).filter(Column::InvitedBy.eq(inviter.uuid())).exec(tx).await?;
    Ok(())
}

/// What ends open invitations; of whom they were to, nothing is kept.
fn ending(now: Timestamp) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now.micros()))
        .col_expr(Column::NextTryAt, no_moment())
        .col_expr(Column::Contact, Expr::value(""))
        .filter(Column::EndedAt.is_null())
}

/// Those whose letters are to be tried now, at most so many; those that wait longest come first.
pub async fn due(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    at_most: u64,
) -> Result<Vec<Invitation>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextTryAt.lte(now.micros()))
        .order_by_asc(Column::NextTryAt)
        .limit(at_most)
        .all(connection)
        .await?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Notes a try of the letter with the digest of its token, unless somebody else was quicker or the invitation is
/// over: says whether it is ours.
pub async fn claim(
    tx: &impl ConnectionTrait,
    invitation: &Invitation,
    token_hash: [u8; 32],
    next_try_at: Timestamp,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::TokenHash, Expr::value(token_hash.to_vec()))
        .col_expr(Column::Tries, Expr::value(invitation.tries.cast_signed() + 1))
        .col_expr(Column::NextTryAt, Expr::value(next_try_at.micros()))
        .filter(Column::Id.eq(invitation.id.uuid()))
        .filter(Column::Tries.eq(invitation.tries.cast_signed()))
        .filter(Column::NextTryAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes that a letter is over after so many tries: it left, or is given up.
pub async fn end_letter(
    tx: &impl ConnectionTrait,
    id: ShopInvitationId,
    tries: u32,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextTryAt, no_moment())
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Tries.eq(tries.cast_signed()))
        .exec(tx)
        .await?;
    Ok(())
}

fn no_moment() -> SimpleExpr {
    Expr::value(Option::<i64>::None)
}

/// Forgets those that could be accepted until before a moment, at most so many; says how many went.
pub async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    let columns = (Column::Id, Column::ExpiresAt);
    pruning::remove_older::<Entity>(tx, columns, before, at_most).await
}
