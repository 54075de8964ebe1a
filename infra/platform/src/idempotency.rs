//! Answers that were given before: the same key with the same body gets the same answer.

use kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr, DeriveIden};
use sha2::{Digest, Sha256};

use crate::database::Transaction;

#[derive(DeriveIden)]
enum Idempotency {
    Table,
    Scope,
    Key,
    BodyHash,
    Answer,
    CreatedAt,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Nothing: do the work, then [`remember`] the answer in the same transaction.
    New,
    /// The same request was answered with this.
    Same(Vec<u8>),
    /// The key was used for another request: refuse.
    Different,
}

/// Looks a key up. `scope` keeps the keys of different owners and commands apart.
pub async fn recall(
    tx: &Transaction,
    scope: &str,
    key: &str,
    body: &[u8],
) -> Result<Recalled, DbErr> {
    let select = Query::select()
        .columns([Idempotency::BodyHash, Idempotency::Answer])
        .from(Idempotency::Table)
        .and_where(Expr::col(Idempotency::Scope).eq(scope))
        .and_where(Expr::col(Idempotency::Key).eq(key))
        .to_owned();
    let Some(row) = tx.query_one(&select).await? else { return Ok(Recalled::New) };
    let hash: Vec<u8> = row.try_get("", "body_hash")?;
    if hash == Sha256::digest(body).as_slice() {
        Ok(Recalled::Same(row.try_get("", "answer")?))
    } else {
        Ok(Recalled::Different)
    }
}

/// Keeps the answer to a request. Two requests with one key at the same time: the second violates
/// the primary key, is undone, and finds the first's answer when it is sent again.
pub async fn remember(
    tx: &Transaction,
    scope: &str,
    key: &str,
    body: &[u8],
    answer: &[u8],
    now: Timestamp,
) -> Result<(), DbErr> {
    let insert = Query::insert()
        .into_table(Idempotency::Table)
        .columns([
            Idempotency::Scope,
            Idempotency::Key,
            Idempotency::BodyHash,
            Idempotency::Answer,
            Idempotency::CreatedAt,
        ])
        .values_panic([
            scope.into(),
            key.into(),
            Sha256::digest(body).to_vec().into(),
            answer.to_vec().into(),
            now.micros().into(),
        ])
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}
