//! Rows of letters about how people are reached: where each goes until it is over, and the digest of its token.

use kernel::{Timestamp, UserId};
use platform::pruning;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect, Set, UpdateMany};

use super::from_word;
use crate::domain::contact_letter::{ContactLetter, News};
use crate::domain::email::Email;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_letters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub news: String,
    pub address: String,
    pub token_hash: Option<Vec<u8>>,
    pub created_at: i64,
    pub counts_from: i64,
    pub expires_at: i64,
    pub tries: i32,
    pub next_try_at: Option<i64>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ContactLetter {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.id,
            person: UserId::from_uuid(row.user_id),
            news: from_word("contact_letters.news", News::ALL, News::word, &row.news)?,
            address: Email::stored(row.address),
            created_at: Timestamp::from_micros(row.created_at),
            counts_from: Timestamp::from_micros(row.counts_from),
            expires_at: Timestamp::from_micros(row.expires_at),
            tries: row.tries.cast_unsigned(),
        })
    }
}

/// Adds a letter that is due at once.
pub async fn insert(tx: &impl ConnectionTrait, letter: &ContactLetter) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(letter.id),
        user_id: Set(letter.person.uuid()),
        news: Set(letter.news.word().to_owned()),
        address: Set(letter.address.as_str().to_owned()),
        token_hash: Set(None),
        created_at: Set(letter.created_at.micros()),
        counts_from: Set(letter.counts_from.micros()),
        expires_at: Set(letter.expires_at.micros()),
        tries: Set(0),
        next_try_at: Set(Some(letter.created_at.micros())),
        ended_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Those that are to be tried now, at most so many; those that wait longest come first.
pub async fn due(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    at_most: u64,
) -> Result<Vec<ContactLetter>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextTryAt.lte(now.micros()))
        .order_by_asc(Column::NextTryAt)
        .limit(at_most)
        .all(connection)
        .await?;
    rows.into_iter().map(ContactLetter::try_from).collect()
}

/// Notes a try, with the digest of the token in it if it has one, unless somebody else was quicker or it is over:
/// says whether it is ours.
pub async fn claim(
    tx: &impl ConnectionTrait,
    letter: &ContactLetter,
    token_hash: Option<[u8; 32]>,
    next_try_at: Timestamp,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::TokenHash, Expr::value(token_hash.map(|hash| hash.to_vec())))
        .col_expr(Column::Tries, Expr::value(letter.tries.cast_signed() + 1))
        .col_expr(Column::NextTryAt, Expr::value(next_try_at.micros()))
        .filter(Column::Id.eq(letter.id))
        .filter(Column::Tries.eq(letter.tries.cast_signed()))
        .filter(Column::NextTryAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes that a letter left after so many tries, and that its link is waited for.
pub async fn left(tx: &impl ConnectionTrait, id: Uuid, tries: u32) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(id))
        .filter(Column::Tries.eq(tries.cast_signed()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that a letter is over after so many tries: there is nothing to wait for.
pub async fn over(
    tx: &impl ConnectionTrait,
    id: Uuid,
    tries: u32,
    now: Timestamp,
) -> Result<(), DbErr> {
    ending(now)
        .filter(Column::Id.eq(id))
        .filter(Column::Tries.eq(tries.cast_signed()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The letter that a token belongs to, unless it is over; it may be too old, or not count yet.
pub async fn by_token(
    connection: &impl ConnectionTrait,
    token_hash: [u8; 32],
) -> Result<Option<ContactLetter>, DbErr> {
    let row = Entity::find()
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .filter(Column::EndedAt.is_null())
        .one(connection)
        .await?;
    row.map(ContactLetter::try_from).transpose()
}

/// The address that a person wants and that nobody confirmed yet.
pub async fn awaited(
    connection: &impl ConnectionTrait,
    person: UserId,
    now: Timestamp,
) -> Result<Option<Email>, DbErr> {
    let row = Entity::find()
        .filter(Column::UserId.eq(person.uuid()))
        .filter(Column::News.eq(News::Confirm.word()))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.micros()))
        .one(connection)
        .await?;
    Ok(row.map(|row| Email::stored(row.address)))
}

/// Uses a letter's link up: says whether it could be.
pub async fn use_up(tx: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<bool, DbErr> {
    let done = ending(now).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(done.rows_affected == 1)
}

/// Ends what waits for a person to confirm an address.
pub async fn end_awaited(
    tx: &impl ConnectionTrait,
    person: UserId,
    now: Timestamp,
) -> Result<(), DbErr> {
    ending(now)
        .filter(Column::UserId.eq(person.uuid()))
        .filter(Column::News.eq(News::Confirm.word()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What ends letters; of where they went, nothing is kept.
fn ending(now: Timestamp) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now.micros()))
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Address, Expr::value(""))
        .filter(Column::EndedAt.is_null())
}

/// Forgets those whose link counted until before a moment, at most so many; says how many went.
pub async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    let columns = (Column::Id, Column::ExpiresAt);
    pruning::remove_older::<Entity>(tx, columns, before, at_most).await
}

/// Forgets the rows of a person, but for a letter that is still to leave to an address that theirs is no more: only
/// there somebody who was robbed can read of it. Like all, it is forgotten a day later.
pub async fn forget_person(tx: &impl ConnectionTrait, person: UserId) -> Result<(), DbErr> {
    let goes = Condition::any()
        .add(Column::News.ne(News::EmailChanged.word()))
        .add(Column::EndedAt.is_not_null());
    Entity::delete_many().filter(Column::UserId.eq(person.uuid())).filter(goes).exec(tx).await?;
    Ok(())
}
