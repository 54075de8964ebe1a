//! What persons' decisions taught of payers. Only keyed hashes of accounts and memos are kept.

use std::collections::{BTreeSet, HashMap};

use kernel::{BankCreditId, ShopId, Timestamp};
use platform::secrets;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::bank_credit::BankCredit;
use super::entities::learned_payers::{Column, Entity, Model};
use super::entities::learning_key;
use crate::domain::payer_traits::traits_of;

/// What the hash is for: another use of the key would give others.
const PURPOSE: &str = "payments.payer";

/// The key of the hashes; drawn by who learns first.
async fn key(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    Ok(learning_key::Entity::find_by_id(1).one(db).await?.map(|row| row.secret))
}

async fn key_or_new(tx: &impl ConnectionTrait) -> Result<String, DbErr> {
    if let Some(known) = key(tx).await? {
        return Ok(known);
    }
    let row = learning_key::Model { id: 1, secret: secrets::random_token() };
    learning_key::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(learning_key::Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    key(tx).await?.ok_or_else(|| DbErr::RecordNotFound("learning_key".to_owned()))
}

fn hashes(key: &str, credit: &BankCredit) -> Vec<(&'static str, String)> {
    traits_of(credit.counterparty_account.as_deref(), &credit.memo)
        .into_iter()
        .map(|(seen, text)| {
            let text = format!("{}:{text}", seen.name());
            (seen.name(), secrets::keyed_token(key.as_bytes(), PURPOSE, &text))
        })
        .collect()
}

/// Learns that who sent a credit pays some shops.
pub async fn learn(
    tx: &impl ConnectionTrait,
    credit: &BankCredit,
    shops: &BTreeSet<ShopId>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let key = key_or_new(tx).await?;
    let rows: Vec<_> = hashes(&key, credit)
        .into_iter()
        .flat_map(|(seen, trait_hash)| {
            shops.iter().map(move |shop| {
                Model {
                    trait_hash: trait_hash.clone(),
                    shop_id: shop.uuid(),
                    credit_id: credit.id.uuid(),
                    seen: seen.to_owned(),
                    learned_at: at.micros(),
                }
                .into_active_model()
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let known = [Column::TraitHash, Column::ShopId, Column::CreditId];
    Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(known).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forgets what a credit taught: its match was taken back.
pub async fn unlearn(tx: &impl ConnectionTrait, credit: BankCreditId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::CreditId.eq(credit.uuid())).exec(tx).await?;
    Ok(())
}

/// Forgets all that is known of who sent a credit; gives how much it was.
pub async fn forget(tx: &impl ConnectionTrait, credit: &BankCredit) -> Result<u64, DbErr> {
    let Some(key) = key(tx).await? else { return Ok(0) };
    let hashes = hashes(&key, credit).into_iter().map(|(_, hash)| hash);
    let done = Entity::delete_many().filter(Column::TraitHash.is_in(hashes)).exec(tx).await?;
    Ok(done.rows_affected)
}

/// The shops that the senders of some credits usually pay.
pub async fn shops_of(
    db: &impl ConnectionTrait,
    credits: &[BankCredit],
) -> Result<HashMap<BankCreditId, BTreeSet<ShopId>>, DbErr> {
    let Some(key) = key(db).await? else { return Ok(HashMap::new()) };
    let mut of_hash: HashMap<String, Vec<BankCreditId>> = HashMap::new();
    for credit in credits {
        for (_, hash) in hashes(&key, credit) {
            of_hash.entry(hash).or_default().push(credit.id);
        }
    }
    if of_hash.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find().filter(Column::TraitHash.is_in(of_hash.keys().cloned()));
    let mut shops: HashMap<BankCreditId, BTreeSet<ShopId>> = HashMap::new();
    for row in rows.all(db).await? {
        for credit in of_hash.get(&row.trait_hash).into_iter().flatten() {
            shops.entry(*credit).or_default().insert(ShopId::from_uuid(row.shop_id));
        }
    }
    Ok(shops)
}
