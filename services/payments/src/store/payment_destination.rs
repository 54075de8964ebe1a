//! Where shops want their money, and who changed it.

use std::collections::HashMap;

use kernel::{AuditEntryId, ShopId, ShopScope, Timestamp, UserId};
use platform::ids;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::direct_entities::payment_destination_changes as changes;
use super::direct_entities::payment_destinations::{Column, Entity, Model};
use super::{corrupt, shop_account};
use crate::domain::payment_destination::{Destination, PaymentDestination};

/// Changes of one shop that are told.
const MOST_CHANGES: u64 = 20;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// An operator allowed it.
    Allowed,
    /// An operator forbade it.
    Forbidden,
    /// Another account was named.
    Account,
    /// The account's feed got another key.
    Key,
    /// The shop wants its money in its own account.
    ShopAccount,
    /// The shop wants its money in the market's account.
    Marketplace,
}

impl Change {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Forbidden => "forbidden",
            Self::Account => "account",
            Self::Key => "key",
            Self::ShopAccount => "shop_account",
            Self::Marketplace => "marketplace",
        }
    }
}

/// A change as it is kept.
#[derive(Clone, Debug)]
pub struct KeptChange {
    /// What it was: the name of a [`Change`].
    pub what: String,
    /// The account that it is about.
    pub account_number: Option<String>,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A shop's destination; that of a shop of which nothing was said is the market's.
pub async fn of_shop(
    db: &impl ConnectionTrait,
    shop: ShopScope,
) -> Result<PaymentDestination, DbErr> {
    let row = Entity::find_by_id(shop.shop().uuid()).one(db).await?;
    let found = with_accounts(db, row.into_iter().collect()).await?.pop();
    Ok(found.unwrap_or_else(|| PaymentDestination::untold(shop.shop())))
}

/// Every shop that wants its money in its own account and may.
pub async fn wanting(db: &impl ConnectionTrait) -> Result<Vec<PaymentDestination>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Destination.eq(Destination::ShopAccount.name()))
        .filter(Column::AllowedAt.is_not_null())
        .all(db)
        .await?;
    with_accounts(db, rows).await
}

/// Keeps a destination.
pub async fn put(tx: &impl ConnectionTrait, destination: &PaymentDestination) -> Result<(), DbErr> {
    let account = destination.account.as_ref();
    let row = Model {
        shop_id: destination.shop.uuid(),
        allowed_at: destination.allowed_at.map(Timestamp::micros),
        destination: destination.wanted.name().to_owned(),
        account_number: account.map(|own| own.account.number().to_owned()),
        effective_at: destination.effective_at.micros(),
        changed_at: destination.changed_at.micros(),
    };
    let columns = [
        Column::AllowedAt,
        Column::Destination,
        Column::AccountNumber,
        Column::EffectiveAt,
        Column::ChangedAt,
    ];
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::ShopId).update_columns(columns).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Notes a change, for ever.
pub async fn note_change(
    tx: &impl ConnectionTrait,
    destination: &PaymentDestination,
    what: Change,
    (by, at): (UserId, Timestamp),
) -> Result<(), DbErr> {
    let row = changes::Model {
        id: ids::new::<AuditEntryId>().uuid(),
        shop_id: destination.shop.uuid(),
        what: what.name().to_owned(),
        account_number: destination.account.as_ref().map(|own| own.account.number().to_owned()),
        changed_by: by.uuid(),
        changed_at: at.micros(),
    };
    changes::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// What was changed of a shop's destination last, the newest first.
pub async fn changes_of(
    db: &impl ConnectionTrait,
    shop: ShopScope,
) -> Result<Vec<KeptChange>, DbErr> {
    let rows = changes::Entity::find()
        .filter(changes::Column::ShopId.eq(shop.shop().uuid()))
        .order_by_desc(changes::Column::Id)
        .limit(MOST_CHANGES)
        .all(db)
        .await?;
    let change_of = |row: changes::Model| KeptChange {
        what: row.what,
        account_number: row.account_number,
        by: UserId::from_uuid(row.changed_by),
        at: Timestamp::from_micros(row.changed_at),
    };
    Ok(rows.into_iter().map(change_of).collect())
}

async fn with_accounts(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<PaymentDestination>, DbErr> {
    let numbers = rows.iter().filter_map(|row| row.account_number.clone()).collect();
    let mut accounts: HashMap<String, _> = shop_account::by_numbers(db, numbers).await?;
    rows.into_iter()
        .map(|row| {
            let wanted = Destination::ALL.into_iter().find(|one| one.name() == row.destination);
            Ok(PaymentDestination {
                shop: ShopId::from_uuid(row.shop_id),
                allowed_at: row.allowed_at.map(Timestamp::from_micros),
                wanted: wanted.ok_or_else(|| corrupt("a destination"))?,
                account: row.account_number.and_then(|number| accounts.remove(&number)),
                effective_at: Timestamp::from_micros(row.effective_at),
                changed_at: Timestamp::from_micros(row.changed_at),
            })
        })
        .collect()
}
