//! Rows of what people agreed to.

use kernel::{Locale, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QueryOrder, QuerySelect, Set};

use super::from_word;
use crate::domain::terms::Consent;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    pub locale: String,
    pub given_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The most consents of one person that are told: there is one a version.
const AT_MOST: u64 = 100;

impl TryFrom<Model> for Consent {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let locales = [Locale::Vi, Locale::En];
        Ok(Self {
            version: row.version,
            locale: from_word("consents.locale", locales, Locale::tag, &row.locale)?,
            given_at: Timestamp::from_micros(row.given_at),
        })
    }
}

/// Notes that a person agreed to a text. The first time counts.
pub async fn insert(
    tx: &impl ConnectionTrait,
    person: UserId,
    consent: &Consent,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(person.uuid()),
        version: Set(consent.version.clone()),
        locale: Set(consent.locale.tag().to_owned()),
        given_at: Set(consent.given_at.micros()),
    };
    let known = OnConflict::columns([Column::UserId, Column::Version]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// What a person agreed to, the newest first.
pub async fn of_person(
    connection: &impl ConnectionTrait,
    person: UserId,
) -> Result<Vec<Consent>, DbErr> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(person.uuid()))
        .order_by_desc(Column::GivenAt)
        .order_by_desc(Column::Version)
        .limit(AT_MOST)
        .all(connection)
        .await?;
    rows.into_iter().map(Consent::try_from).collect()
}
