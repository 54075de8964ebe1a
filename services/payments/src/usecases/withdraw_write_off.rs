//! Takes back what waits for a second person to give it up. Only who asked for it may; it stays on record,
//! and the money waits as before.

use kernel::{UserId, WriteOffId};
use sea_orm::DbErr;

use crate::Payments;
use crate::store;
use crate::store::write_off::WriteOff;

/// Why nothing is taken back.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawWriteOffError {
    /// There is no such write-off, or another person asked for it.
    #[error("this person asked for no such write-off")]
    Unknown,
    /// It is done.
    #[error("it is written off")]
    Done,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Takes a write-off back that `by` asked for. Doing it again changes nothing.
pub async fn withdraw_write_off(
    payments: &Payments,
    id: WriteOffId,
    by: UserId,
) -> Result<WriteOff, WithdrawWriteOffError> {
    let service = &payments.0;
    let tx = service.database.begin().await?;
    let one = store::write_off::lock_by_id(&tx, id)
        .await?
        .filter(|one| one.requested_by == by)
        .ok_or(WithdrawWriteOffError::Unknown)?;
    if one.done_at.is_some() {
        return Err(WithdrawWriteOffError::Done);
    }
    if one.withdrawn_at.is_some() {
        return Ok(one);
    }
    let withdrawn = WriteOff { withdrawn_at: Some(service.clock.now()), ..one };
    store::write_off::update(&tx, &withdrawn).await?;
    tx.commit().await?;
    Ok(withdrawn)
}
