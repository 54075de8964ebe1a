//! A shop counts: more came in, some went bad. Once a key.

use kernel::{ShopScope, VariantId};
use platform::idempotency::{Recalled, recall, remember};
use platform::outbox;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::{MAX_STOCK, Product};
use crate::store;
use crate::store::variant::Quantities;

/// Why stock was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdjustStockError {
    /// The shop has no such variant.
    #[error("the shop has no such variant")]
    Unknown,
    /// The key has 8 to 128 characters.
    #[error("the idempotency key has 8 to 128 characters")]
    Key,
    /// The key was used for another change.
    #[error("the key was used for another change")]
    KeyReused,
    /// The change is nothing, or too large.
    #[error("the change is out of range")]
    OutOfRange,
    /// Only so many can be taken away; the others are held.
    #[error("only {available} can be taken away")]
    Insufficient {
        /// How many.
        available: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What shall be changed.
#[derive(Clone, Debug)]
pub struct StockChange {
    /// Of what.
    pub variant: VariantId,
    /// By how many: +10, -2.
    pub change: i64,
    /// Why.
    pub reason: String,
    /// Names the change.
    pub idempotency_key: String,
}

/// Changes stock.
pub async fn adjust_stock(
    catalog: &Catalog,
    scope: ShopScope,
    change: StockChange,
) -> Result<Product, AdjustStockError> {
    if !(8..=128).contains(&change.idempotency_key.len()) {
        return Err(AdjustStockError::Key);
    }
    if change.change == 0 || change.change.abs() > MAX_STOCK {
        return Err(AdjustStockError::OutOfRange);
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let keys = format!("adjust_stock:{}", scope.shop());
    let body = format!("{}:{}", change.variant, change.change);
    let tx = service.database.begin().await?;
    // The product before its variant, as where imports write both.
    let product = store::variant::product_of(&tx, scope, change.variant)
        .await?
        .ok_or(AdjustStockError::Unknown)?;
    store::product::lock(&tx, scope, product).await?.ok_or(AdjustStockError::Unknown)?;
    let found = store::variant::lock_of_shop(&tx, scope, change.variant)
        .await?
        .ok_or(AdjustStockError::Unknown)?;
    match recall(&tx, &keys, &change.idempotency_key, body.as_bytes()).await? {
        Recalled::New => {}
        Recalled::Same(_) => {
            return store::product::lock(&tx, scope, product)
                .await?
                .ok_or(AdjustStockError::Unknown);
        }
        Recalled::Different => return Err(AdjustStockError::KeyReused),
    }
    if found.variant.available() + change.change < 0 {
        return Err(AdjustStockError::Insufficient { available: found.variant.available() });
    }
    if found.variant.on_hand + change.change > MAX_STOCK {
        return Err(AdjustStockError::OutOfRange);
    }
    let quantities = Quantities::from([(change.variant, change.change)]);
    store::variant::move_stock(&tx, &quantities, 1, 0).await?;
    store::variant::record_movement(&tx, change.variant, change.change, &change.reason, now)
        .await?;
    let changed_product =
        store::product::lock(&tx, scope, product).await?.ok_or(AdjustStockError::Unknown)?;
    remember(&tx, &keys, &change.idempotency_key, body.as_bytes(), &[], now).await?;
    outbox::publish_all(&tx, now, [changed(&changed_product)]).await?;
    tx.commit().await?;
    Ok(changed_product)
}
