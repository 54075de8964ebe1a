//! Takes a bank's statement in: kept as it came, to be worked on (`process_statements.rs`). What cannot be
//! opened at all, or is not what its bringer says, is refused and not kept.

use kernel::{ShopId, ShopScope};
use platform::ids;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use super::check_statement::{self, Said};
use crate::Payments;
use crate::providers::statements::table::columns::ColumnMapping;
use crate::store;
use crate::store::statement::{Statement, StatementStatus};

/// The most bytes of a statement: about half a million lines.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Why a statement was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportStatementError {
    /// It is empty.
    #[error("the statement is empty")]
    Empty,
    /// It is too large.
    #[error("the statement has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// It is in no format that can be read; the text says why, in English.
    #[error("{0}")]
    Unreadable(String),
    /// It is of another format than was said: of this one.
    #[error("the statement is of format {0}")]
    OtherFormat(&'static str),
    /// The market has no such account.
    #[error("the market has no such account")]
    UnknownAccount,
    /// It tells of another account than was said: of this one.
    #[error("the statement is of account {0}")]
    OtherAccount(String),
    /// The shop named no account of its own.
    #[error("the shop named no account of its own")]
    NoAccount,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Reading it broke off.
    #[error(transparent)]
    Reading(#[from] tokio::task::JoinError),
}

/// Takes a statement of the market's account. The same bytes again are the same statement.
pub async fn import_statement(
    payments: &Payments,
    file_name: &str,
    body: Vec<u8>,
    imported_by: &str,
) -> Result<Statement, ImportStatementError> {
    import_said_statement(payments, file_name, body, imported_by, Said::default()).await
}

/// The same, if it is what somebody says that it is. Of one account, lines of any other are not read.
pub async fn import_said_statement(
    payments: &Payments,
    file_name: &str,
    body: Vec<u8>,
    imported_by: &str,
    said: Said,
) -> Result<Statement, ImportStatementError> {
    let own = &payments.0.receiving_account.account;
    if said.account.as_ref().is_some_and(|account| account != own) {
        return Err(ImportStatementError::UnknownAccount);
    }
    take(payments, file_name, body, imported_by, None, said).await
}

/// Takes a statement of a shop's own account, of which it tells and of no other. The same bytes of the same
/// account again are the same statement.
pub async fn import_shop_statement(
    payments: &Payments,
    shop: ShopScope,
    file_name: &str,
    body: Vec<u8>,
    imported_by: &str,
) -> Result<Statement, ImportStatementError> {
    let db = payments.0.database.reader();
    let account = store::payment_destination::of_shop(db, shop).await?.account;
    let account = account.ok_or(ImportStatementError::NoAccount)?;
    let of_shop = (shop.shop(), account.account.number().to_owned());
    take(payments, file_name, body, imported_by, Some(of_shop), Said::default()).await
}

async fn take(
    payments: &Payments,
    file_name: &str,
    body: Vec<u8>,
    imported_by: &str,
    of_shop: Option<(ShopId, String)>,
    said: Said,
) -> Result<Statement, ImportStatementError> {
    if body.is_empty() {
        return Err(ImportStatementError::Empty);
    }
    if body.len() > MAX_BYTES {
        return Err(ImportStatementError::TooLarge);
    }
    // What cannot be opened at all is refused at once, and not kept.
    let only_account = said.account.clone();
    let (opened, body) = tokio::task::spawn_blocking(move || (opened(&body, &said), body)).await?;
    let (format, guessed) = opened?;
    let service = &payments.0;
    let mapping = match guessed {
        Some(guessed) => Some(as_corrected(payments, guessed).await?),
        None => None,
    };
    let statement = store::statement::NewStatement {
        id: ids::new(),
        file_name: file_name.replace('\0', ""),
        sha256: hash_of(&body, of_shop.as_ref(), only_account.as_deref()),
        body,
        imported_by: imported_by.to_owned(),
        format: format.to_owned(),
        mapping: mapping.as_ref().map(written),
        created_at: service.clock.now(),
        of_shop,
        only_account,
    };
    let tx = service.database.begin().await?;
    let mut kept = store::statement::insert(&tx, statement).await?;
    if kept.status == StatementStatus::Failed {
        // Whoever brings it again has it tried again: what made it fail may be mended.
        store::statement::try_again(&tx, kept.id).await?;
        kept.status = StatementStatus::Waiting;
    }
    tx.commit().await?;
    service.stated.notify_one();
    Ok(kept)
}

/// By what a statement is known again: its bytes; of a shop's, also the account, for what one shop brought is
/// not told to another that brings the same. Of one account it is another than of all that it tells of.
fn hash_of(body: &[u8], of_shop: Option<&(ShopId, String)>, only_account: Option<&str>) -> Vec<u8> {
    let mut hash = Sha256::new();
    if let Some(account) = only_account {
        hash.update(format!("only:{account}:"));
    }
    if let Some((shop, number)) = of_shop {
        hash.update(format!("{shop}:{number}:"));
    }
    hash.update(body);
    hash.finalize().to_vec()
}

/// The format of a statement, and how its columns are guessed.
fn opened(
    body: &[u8],
    said: &Said,
) -> Result<(&'static str, Option<ColumnMapping>), ImportStatementError> {
    let opened = check_statement::opened(body, said)?;
    Ok((opened.format, opened.mapping))
}

/// What was guessed, with the columns as a person said of tables of this shape, if one did.
async fn as_corrected(payments: &Payments, guessed: ColumnMapping) -> Result<ColumnMapping, DbErr> {
    let Some(shape) = guessed.shape() else { return Ok(guessed) };
    let db = payments.0.database.reader();
    let said = store::statement_mapping::of_shape(db, &shape).await?;
    let said = said.as_deref().and_then(understood);
    Ok(match said {
        Some(said) => guessed.understood_as(&said),
        None => guessed,
    })
}

/// A mapping as it is kept.
pub fn written(mapping: &ColumnMapping) -> String {
    serde_json::to_string(mapping).unwrap_or_default()
}

/// A kept mapping; none of statements that were taken before mappings were kept.
pub fn understood(kept: &str) -> Option<ColumnMapping> {
    serde_json::from_str(kept).ok()
}
