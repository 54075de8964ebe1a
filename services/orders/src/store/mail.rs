//! Mails to guests and owners: each once, tried until it left or is given up. When it is over, nothing of a person is
//! kept of it.

use std::collections::BTreeMap;

use kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use crate::domain::mail::{Mail, MailKind};
use mails::{Column, Entity, Model};

/// Table `mails`.
mod mails {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mails")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub key: String,
        pub kind: String,
        pub about: Uuid,
        pub facts: String,
        pub created_at: i64,
        pub tries: i32,
        pub next_try_at: Option<i64>,
        pub sent_at: Option<i64>,
        pub given_up_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Writes mails that are due at once; those whose key is known stay as they are.
pub async fn insert(tx: &impl ConnectionTrait, mails: &[Mail]) -> Result<(), DbErr> {
    if mails.is_empty() {
        return Ok(());
    }
    let rows = mails.iter().map(row_of).collect::<Result<Vec<_>, DbErr>>()?;
    Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::column(Column::Key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Mails that are to be tried now: those that are urgent, and then those that wait longest. A kind that a newer
/// program noted is left to it.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Mail>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::NextTryAt.lte(now.micros()))
        .filter(Column::Kind.is_in(MailKind::ALL.map(MailKind::name)));
    for kind in MailKind::URGENT {
        select = select.order_by_asc(Expr::col(Column::Kind).ne(kind.name()));
    }
    let rows = select.order_by_asc(Column::NextTryAt).limit(limit).all(db).await?;
    rows.into_iter().map(mail_of).collect()
}

/// Notes another try, unless somebody else was quicker: says whether it is ours. Until `next` nobody else
/// tries it.
pub async fn claim(tx: &impl ConnectionTrait, mail: &Mail, next: Timestamp) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Tries, Expr::value(mail.tries.cast_signed() + 1))
        .col_expr(Column::NextTryAt, Expr::value(next.micros()))
        .filter(Column::Id.eq(mail.id))
        .filter(Column::Tries.eq(mail.tries.cast_signed()))
        .filter(Column::NextTryAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes that a mail is over: it left, or it is given up.
pub async fn end(
    tx: &impl ConnectionTrait,
    id: Uuid,
    sent: bool,
    at: Timestamp,
) -> Result<(), DbErr> {
    let over = if sent { Column::SentAt } else { Column::GivenUpAt };
    Entity::update_many()
        .col_expr(over, Expr::value(at.micros()))
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Facts, Expr::value(""))
        .filter(Column::Id.eq(id))
        .filter(Column::NextTryAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives up mails from before then that still wait; says how many.
pub async fn give_up(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::GivenUpAt, Expr::value(now.micros()))
        .col_expr(Column::NextTryAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Facts, Expr::value(""))
        .filter(Column::NextTryAt.is_not_null())
        .filter(Column::CreatedAt.lt(before.micros()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Forgets mails that are over and older; at most so many. Says how many.
pub async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<u64, DbErr> {
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::CreatedAt).lt(before.micros()))
        .and_where(Expr::col(Column::NextTryAt).is_null())
        .limit(limit)
        .to_owned();
    let gone = Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(tx).await?;
    Ok(gone.rows_affected)
}

fn row_of(mail: &Mail) -> Result<Model, DbErr> {
    let facts = if mail.facts.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&mail.facts).map_err(|error| DbErr::Custom(error.to_string()))?
    };
    Ok(Model {
        id: mail.id,
        key: mail.key.clone(),
        kind: mail.kind.name().to_owned(),
        about: mail.about,
        facts,
        created_at: mail.created_at.micros(),
        tries: mail.tries.cast_signed(),
        next_try_at: Some(mail.created_at.micros()),
        sent_at: None,
        given_up_at: None,
    })
}

fn mail_of(row: Model) -> Result<Mail, DbErr> {
    let kind = MailKind::ALL.into_iter().find(|kind| kind.name() == row.kind);
    let facts: BTreeMap<String, String> = match row.facts.as_str() {
        "" => BTreeMap::new(),
        text => serde_json::from_str(text).map_err(|_| corrupt("facts of a mail"))?,
    };
    Ok(Mail {
        id: row.id,
        key: row.key,
        kind: kind.ok_or_else(|| corrupt("a kind of mail"))?,
        about: row.about,
        facts,
        created_at: Timestamp::from_micros(row.created_at),
        tries: row.tries.cast_unsigned(),
    })
}
