//! A shop makes a voucher.

use kernel::{ShopScope, UserId};
use platform::database::violated_constraint;
use platform::ids;
use sea_orm::DbErr;

use crate::Orders;
use crate::domain::voucher::{MOST_VOUCHERS, Voucher, VoucherProblem, Wanted, make};
use crate::store;

/// Why no voucher was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateVoucherError {
    /// It is not what a voucher may be.
    #[error("the voucher is wrong")]
    Wrong(Vec<VoucherProblem>),
    /// The shop has one with this code, or had.
    #[error("the shop has the code already")]
    CodeTaken,
    /// The shop has as many as it may.
    #[error("the shop has {MOST_VOUCHERS} vouchers")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Makes a voucher of a shop. Its terms stay as they are: whoever has it in a cart can rely on them
/// until it is ended.
pub async fn create_voucher(
    orders: &Orders,
    scope: ShopScope,
    wanted: &Wanted,
    created_by: UserId,
) -> Result<Voucher, CreateVoucherError> {
    let voucher = make(wanted, ids::new(), scope.shop(), created_by, orders.0.clock.now())
        .map_err(CreateVoucherError::Wrong)?;
    let tx = orders.0.database.begin().await?;
    if store::voucher::count_of_shop(&tx, scope).await? >= MOST_VOUCHERS {
        return Err(CreateVoucherError::TooMany);
    }
    match store::voucher::insert(&tx, &voucher).await {
        Ok(()) => {}
        Err(error) if violated_constraint(&error).is_some() => {
            return Err(CreateVoucherError::CodeTaken);
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    metrics::counter!("vouchers_created_total").increment(1);
    Ok(voucher)
}
