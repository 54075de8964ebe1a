//! A shop gives resellers their keys and takes them back.

use kernel::{Currency, Money, ResellerId, ShopScope};
use platform::{ids, secrets};
use sea_orm::{ConnectionTrait, DbErr};

use crate::Orders;
use crate::domain::contact::looks_like_email;
use crate::domain::reseller::Reseller;
use crate::store;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 200;
/// The most resellers of a shop.
pub const MOST_RESELLERS: u64 = 500;
/// What keys begin with, so that people and scanners of leaked secrets know them.
const KEY_PREFIX: &str = "cnr_";

/// Why a reseller is not what was wanted.
#[derive(Debug, thiserror::Error)]
pub enum ResellerError {
    /// The name is missing.
    #[error("the name is missing")]
    NameMissing,
    /// The name is too long.
    #[error("the name has more than {LONGEST_NAME} characters")]
    NameTooLong,
    /// The address is none.
    #[error("the e-mail address is none")]
    EmailInvalid,
    /// The shop has as many as it may.
    #[error("the shop has {MOST_RESELLERS} resellers")]
    TooMany,
    /// The shop has no such reseller.
    #[error("the shop has no such reseller")]
    Unknown,
    /// The key opens nothing.
    #[error("the key opens nothing")]
    WrongKey,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// A reseller and what it was invoiced.
#[derive(Clone, Debug)]
pub struct WithInvoiced {
    /// The reseller.
    pub reseller: Reseller,
    /// Invoiced, less what was taken back.
    pub invoiced: Money,
}

/// Adds a reseller; gives its key, which is kept nowhere.
pub async fn add_reseller(
    orders: &Orders,
    scope: ShopScope,
    name: &str,
    contact_email: &str,
) -> Result<(Reseller, String), ResellerError> {
    let name = kernel::normalize_spaces(name);
    let contact_email = contact_email.trim().to_owned();
    if name.is_empty() {
        return Err(ResellerError::NameMissing);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(ResellerError::NameTooLong);
    }
    if !contact_email.is_empty() && !looks_like_email(&contact_email) {
        return Err(ResellerError::EmailInvalid);
    }
    let key = format!("{KEY_PREFIX}{}", secrets::random_token());
    let reseller = Reseller {
        id: ids::new(),
        shop: scope.shop(),
        name,
        contact_email,
        key_digest: secrets::digest(&key).to_vec(),
        created_at: orders.0.clock.now(),
        revoked_at: None,
    };
    let tx = orders.0.database.begin().await?;
    let known = store::reseller::of_shop(&tx, scope, MOST_RESELLERS).await?;
    if known.len() as u64 >= MOST_RESELLERS {
        return Err(ResellerError::TooMany);
    }
    store::reseller::insert(&tx, &reseller).await?;
    tx.commit().await?;
    Ok((reseller, key))
}

/// Takes a reseller's key back; its bookings stay. Doing it again changes nothing.
pub async fn revoke_reseller(
    orders: &Orders,
    scope: ShopScope,
    id: ResellerId,
) -> Result<WithInvoiced, ResellerError> {
    let tx = orders.0.database.begin().await?;
    if !store::reseller::revoke(&tx, scope, id, orders.0.clock.now()).await? {
        return Err(ResellerError::Unknown);
    }
    let found = store::reseller::by_id(&tx, id).await?.ok_or(ResellerError::Unknown)?;
    tx.commit().await?;
    let mut told = with_invoiced(orders.0.database.reader(), vec![found]).await?;
    told.pop().ok_or(ResellerError::Unknown)
}

/// A shop's resellers with what they were invoiced.
pub async fn list_resellers(
    orders: &Orders,
    scope: ShopScope,
) -> Result<Vec<WithInvoiced>, ResellerError> {
    let db = orders.0.database.reader();
    Ok(with_invoiced(db, store::reseller::of_shop(db, scope, MOST_RESELLERS).await?).await?)
}

/// The reseller whom a key opens the door for.
pub async fn authenticate_reseller(orders: &Orders, key: &str) -> Result<Reseller, ResellerError> {
    let digest = secrets::digest(key);
    // Looked up by its digest: how long that takes tells nothing of the key.
    let found = store::reseller::by_key_digest(orders.0.database.reader(), &digest).await?;
    found.filter(|reseller| reseller.revoked_at.is_none()).ok_or(ResellerError::WrongKey)
}

async fn with_invoiced(
    db: &impl ConnectionTrait,
    resellers: Vec<Reseller>,
) -> Result<Vec<WithInvoiced>, DbErr> {
    let invoiced =
        store::reseller::invoiced(db, resellers.iter().map(|reseller| reseller.id)).await?;
    let with_invoiced_sum = |reseller: Reseller| WithInvoiced {
        invoiced: invoiced.get(&reseller.id).copied().unwrap_or(Money::zero(Currency::Vnd)),
        reseller,
    };
    Ok(resellers.into_iter().map(with_invoiced_sum).collect())
}
