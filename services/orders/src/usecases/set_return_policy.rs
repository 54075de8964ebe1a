//! A shop says for how many days buyers may send things back.

use std::time::Duration;

use kernel::{ShopId, ShopScope, Timestamp};
use sea_orm::{ConnectionTrait, DbErr};

use crate::Orders;
use crate::store;

/// The most days.
pub const MOST_DAYS: u32 = 365;
/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the days were not written.
#[derive(Debug, thiserror::Error)]
pub enum SetReturnPolicyError {
    /// There are too many.
    #[error("more than {MOST_DAYS} days")]
    OutOfRange,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Writes the days. What was handed over before stays under the days of that moment.
pub async fn set_return_policy(
    orders: &Orders,
    scope: ShopScope,
    days: u32,
) -> Result<(), SetReturnPolicyError> {
    if days > MOST_DAYS {
        return Err(SetReturnPolicyError::OutOfRange);
    }
    let tx = orders.0.database.begin().await?;
    store::return_policy::put(&tx, scope, days).await?;
    tx.commit().await?;
    Ok(())
}

/// The days of a shop: its own, or the market's.
pub async fn return_days(
    orders: &Orders,
    db: &impl ConnectionTrait,
    shop: ShopId,
) -> Result<u32, DbErr> {
    let own = store::return_policy::days(db, shop).await?;
    Ok(own.unwrap_or(orders.0.return_days))
}

/// Until when something that a shop hands over now may be sent back; none: never.
pub async fn returnable_until(
    orders: &Orders,
    db: &impl ConnectionTrait,
    shop: ShopId,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbErr> {
    let days = return_days(orders, db, shop).await?;
    Ok((days > 0).then(|| now.after(DAY * days)))
}
