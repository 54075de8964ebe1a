//! Has a statement that was given up tried again, from the line to which it was read. What made it fail may
//! be mended by now: an outage, or a fault of ours.

use kernel::StatementId;
use sea_orm::DbErr;

use crate::Payments;
use crate::store;
use crate::store::statement::{Statement, StatementStatus};

/// Why it is not tried again.
#[derive(Debug, thiserror::Error)]
pub enum RetryBankStatementError {
    /// There is no such statement.
    #[error("there is no such statement")]
    Unknown,
    /// It was read to its end.
    #[error("the statement was read to its end")]
    Done,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Has it tried again. One that waits or is being read goes on as it is.
pub async fn retry_bank_statement(
    payments: &Payments,
    id: StatementId,
) -> Result<Statement, RetryBankStatementError> {
    let service = &payments.0;
    let tx = service.database.begin().await?;
    let statement = store::statement::lock(&tx, id).await?;
    let mut statement = statement.ok_or(RetryBankStatementError::Unknown)?;
    match statement.status {
        StatementStatus::Done => return Err(RetryBankStatementError::Done),
        StatementStatus::Waiting => return Ok(statement),
        StatementStatus::Failed => store::statement::try_again(&tx, id).await?,
    }
    tx.commit().await?;
    service.stated.notify_one();
    statement.status = StatementStatus::Waiting;
    Ok(statement)
}
