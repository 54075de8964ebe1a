//! A shop ends a voucher: nobody begins a checkout with it any more. What was begun keeps its price.

use kernel::{ShopScope, UserId, VoucherId};
use sea_orm::DbErr;

use crate::Orders;
use crate::domain::voucher::Voucher;
use crate::store;

/// Ends a voucher; none: the shop has no such voucher. Doing it again changes nothing.
pub async fn end_voucher(
    orders: &Orders,
    scope: ShopScope,
    id: VoucherId,
    ended_by: UserId,
) -> Result<Option<Voucher>, DbErr> {
    let tx = orders.0.database.begin().await?;
    let ended = store::voucher::end(&tx, scope, id, ended_by, orders.0.clock.now()).await?;
    tx.commit().await?;
    Ok(ended)
}
