//! An operator says whether a shop's money may land in its own account.

use kernel::{ShopScope, UserId};
use platform::outbox;
use sea_orm::DbErr;

use super::set_payment_destination::told;
use crate::Payments;
use crate::domain::payment_destination::PaymentDestination;
use crate::store;
use crate::store::payment_destination::Change;

/// An operator allows a shop to be paid directly, or forbids it: at once.
pub async fn allow_direct_payments(
    payments: &Payments,
    shop: ShopScope,
    allowed: bool,
    by: UserId,
) -> Result<PaymentDestination, DbErr> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let _end = store::ledger::lock(&tx).await?;
    let mut destination = store::payment_destination::of_shop(&tx, shop).await?;
    if destination.allowed_at.is_some() != allowed {
        (destination.allowed_at, destination.changed_at) = (allowed.then_some(now), now);
        store::payment_destination::put(&tx, &destination).await?;
        let change = if allowed { Change::Allowed } else { Change::Forbidden };
        store::payment_destination::note_change(&tx, &destination, change, (by, now)).await?;
        outbox::publish_all(&tx, now, [told(&destination, change)]).await?;
    }
    tx.commit().await?;
    service.destinations.forget().await;
    Ok(destination)
}
