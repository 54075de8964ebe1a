//! Shops' own bank accounts, and the keys by which their feeds prove themselves: of a key its SHA-256 only
//! is here, for it is drawn by us, long, and shown once.

use std::collections::HashMap;

use kernel::{ShopId, ShopScope, Timestamp};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::corrupt;
use super::direct_entities::shop_accounts::{Column, Entity, Model};
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payment_destination::ShopAccount;

/// Keeps a shop's account; false if it is another shop's. The bank and the holder are as they were said last.
pub async fn put(
    tx: &impl ConnectionTrait,
    shop: ShopScope,
    account: &PayeeAccount,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let row = Model {
        account_number: account.number().to_owned(),
        shop_id: shop.shop().uuid(),
        bank_bin: account.bank_bin().to_owned(),
        holder: account.holder().to_owned(),
        feed_key_sha256: None,
        heard_at: None,
        created_at: now.micros(),
    };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::AccountNumber).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let said = Entity::update_many()
        .col_expr(Column::BankBin, Expr::value(account.bank_bin()))
        .col_expr(Column::Holder, Expr::value(account.holder()))
        .filter(Column::AccountNumber.eq(account.number()))
        .filter(Column::ShopId.eq(shop.shop().uuid()))
        .exec(tx)
        .await?;
    Ok(said.rows_affected == 1)
}

/// Gives an account's feed another key; who has the one before is not believed any more.
pub async fn set_feed_key(
    tx: &impl ConnectionTrait,
    number: &str,
    key_sha256: [u8; 32],
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::FeedKeySha256, Expr::value(key_sha256.to_vec()))
        // Until the new key is heard, the feed may still send the old one, which is not believed.
        .col_expr(Column::HeardAt, Expr::value(Option::<i64>::None))
        .filter(Column::AccountNumber.eq(number))
        .exec(tx)
        .await?;
    Ok(())
}

/// The account whose feed proves itself by a key.
pub async fn by_feed_key(
    db: &impl ConnectionTrait,
    key_sha256: [u8; 32],
) -> Result<Option<ShopAccount>, DbErr> {
    let row = Entity::find().filter(Column::FeedKeySha256.eq(key_sha256.to_vec())).one(db).await?;
    row.map(account_of).transpose()
}

/// One account.
pub async fn by_number(
    db: &impl ConnectionTrait,
    number: &str,
) -> Result<Option<ShopAccount>, DbErr> {
    Entity::find_by_id(number).one(db).await?.map(account_of).transpose()
}

/// Whose some accounts are; those that are no shop's are missing.
pub async fn owners<'a>(
    db: &impl ConnectionTrait,
    numbers: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, ShopId>, DbErr> {
    let numbers: Vec<&str> = numbers.into_iter().collect();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Model> =
        Entity::find().filter(Column::AccountNumber.is_in(numbers)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.account_number, ShopId::from_uuid(row.shop_id))).collect())
}

/// Notes that an account's feed, or a statement that names it, was heard; the first time counts.
pub async fn note_heard(
    tx: &impl ConnectionTrait,
    number: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::HeardAt, Expr::value(at.micros()))
        .filter(Column::AccountNumber.eq(number))
        .filter(Column::HeardAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Accounts by their numbers.
pub(super) async fn by_numbers(
    db: &impl ConnectionTrait,
    numbers: Vec<String>,
) -> Result<HashMap<String, ShopAccount>, DbErr> {
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find().filter(Column::AccountNumber.is_in(numbers)).all(db).await?;
    rows.into_iter().map(|row| Ok((row.account_number.clone(), account_of(row)?))).collect()
}

fn account_of(row: Model) -> Result<ShopAccount, DbErr> {
    let account = PayeeAccount::new(&row.bank_bin, &row.account_number, &row.holder);
    Ok(ShopAccount {
        shop: ShopId::from_uuid(row.shop_id),
        account: account.map_err(|_| corrupt("a shop's account"))?,
        has_feed_key: row.feed_key_sha256.is_some(),
        heard_at: row.heard_at.map(Timestamp::from_micros),
    })
}
