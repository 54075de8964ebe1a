//! Postings that are announced, and how they ended. Written once, both of them.

use std::collections::HashMap;

use kernel::{Money, PendingPostingId, PostingId, Timestamp};
use platform::bulk;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::ledger_entities::{pending, resolutions};
use super::payment::money_of;
use crate::domain::ledger::PostingKind;
use crate::domain::pending_posting::{PendingPosting, Resolution};

/// Announces postings.
pub async fn insert(tx: &impl ConnectionTrait, new: &[PendingPosting]) -> Result<(), DbErr> {
    let rows = new.iter().map(|one| pending::Model {
        id: one.id.uuid(),
        kind: one.kind.name().to_owned(),
        subject: one.subject.clone(),
        idempotency_key: one.idempotency_key.clone(),
        debit_account: one.debit.to_string(),
        credit_account: one.credit.to_string(),
        amount_minor: one.amount.minor,
        currency: one.amount.currency.code().to_owned(),
        created_at: one.created_at.micros(),
        expires_at: one.expires_at.map(Timestamp::micros),
    });
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// Keys that one statement asks for: SQLite takes 32,766 values at once.
const KEYS_AT_ONCE: usize = 1_000;

/// Announced postings by their keys, with how they ended; locked.
pub async fn lock_by_keys(
    tx: &impl ConnectionTrait,
    keys: &[String],
) -> Result<HashMap<String, PendingPosting>, DbErr> {
    let mut found = HashMap::with_capacity(keys.len());
    for part in keys.chunks(KEYS_AT_ONCE) {
        let rows = pending::Entity::find()
            .filter(pending::Column::IdempotencyKey.is_in(part.iter().map(String::as_str)))
            .order_by_asc(pending::Column::Id)
            .lock_exclusive()
            .all(tx)
            .await?;
        for one in with_resolutions(tx, rows).await? {
            found.insert(one.idempotency_key.clone(), one);
        }
    }
    Ok(found)
}

/// Whether the time of any announced posting has gone by; it may have ended otherwise.
pub async fn any_overdue(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    let ended =
        Query::select().column(resolutions::Column::PendingId).from(resolutions::Entity).to_owned();
    let overdue = pending::Entity::find()
        .filter(pending::Column::ExpiresAt.lt(now.micros()))
        .filter(pending::Column::Id.not_in_subquery(ended));
    Ok(overdue.limit(1).count(db).await? > 0)
}

/// Announced postings that have not ended and whose time has gone by, locked.
pub async fn lock_overdue(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<PendingPosting>, DbErr> {
    let ended =
        Query::select().column(resolutions::Column::PendingId).from(resolutions::Entity).to_owned();
    let rows = pending::Entity::find()
        .filter(pending::Column::ExpiresAt.lt(now.micros()))
        .filter(pending::Column::Id.not_in_subquery(ended))
        .order_by_asc(pending::Column::Id)
        .limit(limit)
        .lock_exclusive()
        .all(tx)
        .await?;
    with_resolutions(tx, rows).await
}

/// Writes how announced postings ended; `postings` are those of the posted ones.
pub async fn resolve(
    tx: &impl ConnectionTrait,
    ended: &[(PendingPosting, Option<PostingId>)],
    at: Timestamp,
) -> Result<(), DbErr> {
    let rows = ended.iter().filter_map(|(one, posting)| {
        let resolution = one.resolution?;
        let row = resolutions::Model {
            pending_id: one.id.uuid(),
            amount_minor: one.amount.minor,
            currency: one.amount.currency.code().to_owned(),
            outcome: resolution.name().to_owned(),
            posted_minor: match resolution {
                Resolution::Posted(amount) => amount.minor,
                Resolution::Voided | Resolution::Expired => 0,
            },
            posting_id: posting.map(PostingId::uuid),
            resolved_at: at.micros(),
        };
        Some(row)
    });
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// What is announced to leave an account and has not ended, in minor units of a currency.
pub async fn announced_of(
    db: &impl ConnectionTrait,
    account: &str,
    currency: kernel::Currency,
) -> Result<Money, DbErr> {
    use pending::Column;
    let ended =
        Query::select().column(resolutions::Column::PendingId).from(resolutions::Entity).to_owned();
    let sum: SimpleExpr = Func::sum(Expr::col(Column::AmountMinor)).into();
    let select = Query::select()
        .expr_as(sum.cast_as("bigint"), "announced")
        .from(pending::Entity)
        .and_where(Expr::col(Column::DebitAccount).eq(account))
        .and_where(Expr::col(Column::Currency).eq(currency.code()))
        .and_where(Expr::col(Column::Id).not_in_subquery(ended))
        .to_owned();
    let minor = match db.query_one(&select).await? {
        Some(row) => row.try_get::<Option<i64>>("", "announced")?.unwrap_or(0),
        None => 0,
    };
    Ok(Money::new(minor, currency))
}

async fn with_resolutions(
    db: &impl ConnectionTrait,
    rows: Vec<pending::Model>,
) -> Result<Vec<PendingPosting>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let ended = resolutions::Entity::find()
        .filter(resolutions::Column::PendingId.is_in(ids))
        .all(db)
        .await?;
    let mut ended: HashMap<Uuid, resolutions::Model> =
        ended.into_iter().map(|row| (row.pending_id, row)).collect();
    rows.into_iter()
        .map(|row| {
            let resolution = ended.remove(&row.id).map(resolution_of).transpose()?;
            let kind = PostingKind::ALL.into_iter().find(|kind| kind.name() == row.kind);
            let account = |text: &str| text.parse().map_err(|_| corrupt("an account"));
            Ok(PendingPosting {
                id: PendingPostingId::from_uuid(row.id),
                kind: kind.ok_or_else(|| corrupt("a kind of posting"))?,
                subject: row.subject,
                idempotency_key: row.idempotency_key,
                debit: account(&row.debit_account)?,
                credit: account(&row.credit_account)?,
                amount: money_of(row.amount_minor, &row.currency)?,
                created_at: Timestamp::from_micros(row.created_at),
                expires_at: row.expires_at.map(Timestamp::from_micros),
                resolution,
            })
        })
        .collect()
}

fn resolution_of(row: resolutions::Model) -> Result<Resolution, DbErr> {
    Ok(match row.outcome.as_str() {
        "posted" => Resolution::Posted(money_of(row.posted_minor, &row.currency)?),
        "voided" => Resolution::Voided,
        "expired" => Resolution::Expired,
        _ => return Err(corrupt("an end of an announced posting")),
    })
}
