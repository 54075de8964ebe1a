//! Rows of password resets: who asked for one, how its letter fares, and the digest of the token in it.

use kernel::{Timestamp, UserId};
use platform::pruning;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect, Set};

use crate::domain::login::Login;
use crate::domain::password_reset::{AskedReset, LetterTry};
use crate::domain::user::User;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_resets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub login: String,
    pub user_id: Option<Uuid>,
    pub token_hash: Option<Vec<u8>>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub tries: i32,
    pub next_try_at: Option<i64>,
    pub used_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for AskedReset {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            login: row.login,
            person: row.user_id.map(UserId::from_uuid),
            created_at: Timestamp::from_micros(row.created_at),
            tries: row.tries.cast_unsigned(),
        }
    }
}

/// Notes that somebody asked, with a letter that is due at once; whether anybody has the login, the letter finds
/// out.
pub async fn insert(
    tx: &impl ConnectionTrait,
    id: Uuid,
    login: &Login,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(id),
        login: Set(login.as_str().to_owned()),
        user_id: Set(None),
        token_hash: Set(None),
        created_at: Set(now.micros()),
        expires_at: Set(None),
        tries: Set(0),
        next_try_at: Set(Some(now.micros())),
        used_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Those whose letters are to be tried now, at most so many; those that wait longest come first.
pub async fn due(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    at_most: u64,
) -> Result<Vec<AskedReset>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextTryAt.lte(now.micros()))
        .order_by_asc(Column::NextTryAt)
        .limit(at_most)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(AskedReset::from).collect())
}

/// How many letters a person was to get since a moment.
pub async fn letters_since(
    connection: &impl ConnectionTrait,
    person: UserId,
    since: Timestamp,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(person.uuid()))
        .filter(Column::CreatedAt.gt(since.micros()))
        .count(connection)
        .await
}

/// Notes a try of the letter, unless somebody else was quicker: says whether it is ours.
pub async fn claim(
    tx: &impl ConnectionTrait,
    reset: &AskedReset,
    letter: &LetterTry,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Login, Expr::value(""))
        .col_expr(Column::UserId, Expr::value(letter.person.uuid()))
        .col_expr(Column::TokenHash, Expr::value(letter.token_hash.to_vec()))
        .col_expr(Column::ExpiresAt, Expr::value(letter.expires_at.micros()))
        .col_expr(Column::Tries, Expr::value(reset.tries.cast_signed() + 1))
        .col_expr(Column::NextTryAt, Expr::value(letter.next_try_at.micros()))
        .filter(Column::Id.eq(reset.id))
        .filter(Column::Tries.eq(reset.tries.cast_signed()))
        .filter(Column::NextTryAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes that a letter is over after so many tries: it left, is given up, or has no reader.
pub async fn end_letter(tx: &impl ConnectionTrait, id: Uuid, tries: u32) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Login, Expr::value(""))
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(id))
        .filter(Column::Tries.eq(tries.cast_signed()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whose password a token sets anew; nobody's, when it is unknown, has expired or was used.
pub async fn person_of(
    connection: &impl ConnectionTrait,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<UserId>, DbErr> {
    let row = Entity::find()
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .filter(Column::ExpiresAt.gt(now.micros()))
        .filter(Column::UsedAt.is_null())
        .one(connection)
        .await?;
    Ok(row.and_then(|row| row.user_id).map(UserId::from_uuid))
}

/// Uses a token: says whether it could be used.
pub async fn use_up(
    tx: &impl ConnectionTrait,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.micros()))
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .filter(Column::ExpiresAt.gt(now.micros()))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends all tokens of a person, and letters with them that still wait.
pub async fn end_all(
    tx: &impl ConnectionTrait,
    person: UserId,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.micros()))
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .filter(Column::UserId.eq(person.uuid()))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets what was asked for before a moment, at most so many; says how many went.
pub async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    let columns = (Column::Id, Column::CreatedAt);
    pruning::remove_older::<Entity>(tx, columns, before, at_most).await
}

/// Forgets all rows of a person, and those that name only what they sign in with: whose that is, nobody looked up
/// yet.
pub async fn forget_person(tx: &impl ConnectionTrait, person: &User) -> Result<(), DbErr> {
    let phone = person.phone.as_ref().map(|phone| phone.as_str().to_owned());
    let email = person.email.as_ref().map(|email| email.as_str().to_owned());
    let theirs = Condition::any()
        .add(Column::UserId.eq(person.id.uuid()))
        .add(Column::Login.is_in(phone.into_iter().chain(email)));
    Entity::delete_many().filter(theirs).exec(tx).await?;
    Ok(())
}
