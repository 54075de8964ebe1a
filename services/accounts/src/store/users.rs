//! Rows of people.

use kernel::{Locale, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{QuerySelect, Set};

use super::corrupt;
use crate::domain::email::{self, Email};
use crate::domain::login::Login;
use crate::domain::phone::Phone;
use crate::domain::user::User;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub locale: String,
    pub operator: bool,
    pub password_hash: String,
    pub created_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What stands where a name was.
const NAMELESS: &str = "—";

impl TryFrom<Model> for User {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let locale: Locale = row
            .locale
            .parse()
            .map_err(|()| corrupt(format!("users.locale holds {:?}", row.locale)))?;
        Ok(Self {
            id: UserId::from_uuid(row.id),
            name: row.name,
            phone: row.phone.map(Phone::stored),
            email: row.email.filter(|email| !is_of_nobody(email)).map(Email::stored),
            locale,
            operator: row.operator,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// A person, with what their password is checked against.
#[derive(Debug)]
pub struct Credentials {
    /// The person.
    pub user: User,
    /// The hash of their password, as a PHC string.
    pub password_hash: String,
}

impl TryFrom<Model> for Credentials {
    type Error = DbErr;

    fn try_from(mut row: Model) -> Result<Self, DbErr> {
        let password_hash = std::mem::take(&mut row.password_hash);
        Ok(Self { user: row.try_into()?, password_hash })
    }
}

/// Adds a person.
pub async fn insert(
    tx: &impl ConnectionTrait,
    user: &User,
    password_hash: String,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(user.id.uuid()),
        name: Set(user.name.clone()),
        phone: Set(user.phone.as_ref().map(|phone| phone.as_str().to_owned())),
        email: Set(user.email.as_ref().map(|email| email.as_str().to_owned())),
        locale: Set(user.locale.tag().to_owned()),
        operator: Set(user.operator),
        password_hash: Set(password_hash),
        created_at: Set(user.created_at.micros()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Which of a phone number and an email address somebody has already: `(phone, email)`.
pub async fn taken(
    connection: &impl ConnectionTrait,
    phone: Option<&Phone>,
    email: Option<&Email>,
) -> Result<(bool, bool), DbErr> {
    let phone = phone.map(Phone::as_str);
    let email = email.map(Email::as_str);
    let mut either = sea_orm::Condition::any();
    if let Some(phone) = phone {
        either = either.add(Column::Phone.eq(phone));
    }
    if let Some(email) = email {
        either = either.add(Column::Email.eq(email));
    }
    let rows = Entity::find().filter(either).limit(2).all(connection).await?;
    Ok((
        rows.iter().any(|row| phone.is_some() && row.phone.as_deref() == phone),
        rows.iter().any(|row| email.is_some() && row.email.as_deref() == email),
    ))
}

/// The person with a login.
pub async fn by_login(
    connection: &impl ConnectionTrait,
    login: &Login,
) -> Result<Option<Credentials>, DbErr> {
    let same = match login {
        Login::Phone(phone) => Column::Phone.eq(phone.as_str()),
        Login::Email(email) => Column::Email.eq(email.as_str()),
    };
    let row = Entity::find().filter(same).one(connection).await?;
    row.map(Credentials::try_from).transpose()
}

/// A person by their id, with what their password is checked against.
pub async fn credentials(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<Credentials>, DbErr> {
    let row = Entity::find_by_id(id.uuid()).one(connection).await?;
    row.map(Credentials::try_from).transpose()
}

/// Writes what a person is called, how they are reached, and in which language.
pub async fn update(tx: &impl ConnectionTrait, user: &User) -> Result<(), DbErr> {
    let phone = user.phone.as_ref().map(|phone| phone.as_str().to_owned());
    let email = user.email.as_ref().map(|email| email.as_str().to_owned());
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(user.name.clone()))
        .col_expr(Column::Phone, Expr::value(phone))
        .col_expr(Column::Email, Expr::value(email))
        .col_expr(Column::Locale, Expr::value(user.locale.tag()))
        .filter(Column::Id.eq(user.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether an email address stands for that of a deleted account: the table demands a way to reach everybody.
fn is_of_nobody(email: &str) -> bool {
    email.rsplit_once('@').is_some_and(|(_, domain)| domain == email::OF_NOBODY)
}

/// Leaves of a person their id, and nothing to sign in with.
pub async fn anonymise(
    tx: &impl ConnectionTrait,
    id: UserId,
    nobodys_hash: String,
) -> Result<(), DbErr> {
    let email = format!("{}@{}", id.uuid().simple(), email::OF_NOBODY);
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(NAMELESS))
        .col_expr(Column::Phone, Expr::value(Option::<String>::None))
        .col_expr(Column::Email, Expr::value(email))
        .col_expr(Column::Locale, Expr::value("vi"))
        .col_expr(Column::PasswordHash, Expr::value(nobodys_hash))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives a person another password, whichever they have.
pub async fn set_password(
    tx: &impl ConnectionTrait,
    id: UserId,
    password_hash: String,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(password_hash))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether a person still has the password with this hash; if so, they keep it until the end of the
/// transaction.
pub async fn keeps_password(
    tx: &impl ConnectionTrait,
    id: UserId,
    password_hash: &str,
) -> Result<bool, DbErr> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::PasswordHash.eq(password_hash))
        .lock_shared()
        .one(tx)
        .await?;
    Ok(row.is_some())
}

/// Gives a person another password, if they still have the old one; says whether they had.
pub async fn replace_password(
    tx: &impl ConnectionTrait,
    id: UserId,
    old_hash: &str,
    new_hash: String,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(new_hash))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::PasswordHash.eq(old_hash))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What a person's password is checked against.
pub async fn password_hash(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<String>, DbErr> {
    Entity::find_by_id(id.uuid())
        .select_only()
        .column(Column::PasswordHash)
        .into_tuple()
        .one(connection)
        .await
}

/// Keeps everybody out who locks or changes a person, and nobody who writes a row that points at one: who
/// invites somebody to a shop, or comes to it, holds the shop by then, and would wait in a circle with who locks
/// a person and then the shop.
const ALONE: LockType = LockType::NoKeyUpdate;

/// The person with an email address, locked until the end of the transaction.
pub async fn lock_by_email(
    tx: &impl ConnectionTrait,
    email: &Email,
) -> Result<Option<User>, DbErr> {
    let row = Entity::find().filter(Column::Email.eq(email.as_str())).lock(ALONE).one(tx).await?;
    row.map(User::try_from).transpose()
}

/// A person, locked until the end of the transaction; nobody, where they deleted their account: whoever asked in
/// their name was slower.
pub async fn lock(tx: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, DbErr> {
    let row = Entity::find_by_id(id.uuid()).lock(ALONE).one(tx).await?;
    let row = row.filter(|row| !row.email.as_deref().is_some_and(is_of_nobody));
    row.map(User::try_from).transpose()
}

/// Whether a person runs the market; `false` for unknown people.
pub async fn is_operator(connection: &impl ConnectionTrait, id: UserId) -> Result<bool, DbErr> {
    let operator: Option<bool> = Entity::find_by_id(id.uuid())
        .select_only()
        .column(Column::Operator)
        .into_tuple()
        .one(connection)
        .await?;
    Ok(operator.unwrap_or(false))
}

/// Makes a person an operator.
pub async fn make_operator(tx: &impl ConnectionTrait, id: UserId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Operator, Expr::value(true))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The people with these ids, in no order; unknown ids are left out.
pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<User>, DbErr> {
    let ids = ids.iter().map(|id| id.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(connection).await?;
    rows.into_iter().map(User::try_from).collect()
}
