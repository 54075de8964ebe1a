//! A person says what the columns of a statement hold. It is kept for the next one of the same shape; a
//! statement of which nothing was taken is read again at once.

use kernel::{StatementId, UserId};
use sea_orm::DbErr;

use super::import_statement::{understood, written};
use crate::Payments;
use crate::providers::statements::table::columns::{Column, DateOrder};
use crate::store;
use crate::store::statement::{Counts, Statement, StatementStatus};

/// What somebody says.
#[derive(Clone, Debug)]
pub struct CorrectStatementColumns {
    /// The statement.
    pub statement: StatementId,
    /// What each of its columns holds.
    pub columns: Vec<Option<Column>>,
    /// In which order dates are written.
    pub date_order: DateOrder,
    /// Who says so.
    pub by: UserId,
}

/// Why it is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CorrectColumnsError {
    /// There is no such statement.
    #[error("there is no such statement")]
    Unknown,
    /// It is no table, or one without a header to know the next one by.
    #[error("the statement is no table with a header")]
    NotATable,
    /// It is being read.
    #[error("the statement is being read")]
    BeingRead,
    /// There are more or fewer columns.
    #[error("the statement has {0} columns")]
    Width(usize),
    /// Two columns hold the same.
    #[error("two columns hold the same")]
    Twice,
    /// Without a date and an amount nothing can be read.
    #[error("a date and an amount are needed")]
    Incomplete,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Takes what somebody says of a statement's columns.
pub async fn correct_statement_columns(
    payments: &Payments,
    said: CorrectStatementColumns,
) -> Result<Statement, CorrectColumnsError> {
    let service = &payments.0;
    let tx = service.database.begin().await?;
    let statement = store::statement::lock(&tx, said.statement).await?;
    let statement = statement.ok_or(CorrectColumnsError::Unknown)?;
    let mapping = statement.mapping.as_deref().and_then(understood);
    let mut mapping = mapping.ok_or(CorrectColumnsError::NotATable)?;
    let shape = mapping.shape().ok_or(CorrectColumnsError::NotATable)?;
    if statement.status == StatementStatus::Waiting {
        return Err(CorrectColumnsError::BeingRead);
    }
    if said.columns.len() != mapping.columns.len() {
        return Err(CorrectColumnsError::Width(mapping.columns.len()));
    }
    let mut named: Vec<Column> = said.columns.iter().flatten().copied().collect();
    named.sort_by_key(|column| *column as u8);
    if named.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(CorrectColumnsError::Twice);
    }
    mapping.columns = said.columns;
    mapping.date_order = said.date_order;
    if !mapping.is_complete() {
        return Err(CorrectColumnsError::Incomplete);
    }
    let kept = written(&mapping);
    store::statement_mapping::put(&tx, &shape, &kept, said.by, service.clock.now()).await?;
    let again = took_nothing(&statement.counts);
    if again {
        store::statement::read_again(&tx, statement.id, &kept).await?;
    }
    let now = store::statement::by_id(&tx, statement.id).await?;
    tx.commit().await?;
    if again {
        service.stated.notify_one();
    }
    now.ok_or(CorrectColumnsError::Unknown)
}

/// Lines that were taken are in the books under an identity made of what was read of them: reading them
/// again in another way would take them twice.
const fn took_nothing(counts: &Counts) -> bool {
    counts.credits_new == 0 && counts.credits_known == 0 && counts.debits == 0
}
