//! Which formats of statements told of what: a line that another format told of is known again by it.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{BankCreditId, BankDebitId, StatementId};
use platform::bulk::is_any;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};
use uuid::Uuid;

use super::bank_credit::{self, BankCredit, Bucket, SOURCES, bytes_of, is_near, number_of};
use super::bank_debit::{self, BankDebit};
use super::entities::{bank_credits, credit_aliases, statements};
use super::settlement_entities::{bank_debits, debit_aliases};
use crate::domain::statement::Format;

/// The feed of a credit's identities on statements of further formats, among its aliases.
const STATEMENT: &str = "statement";
/// Microseconds of a day.
const DAY: i64 = 24 * 3_600_000_000;

/// Whether statements of other formats may have told of some accounts.
pub async fn is_beside_others(
    tx: &impl ConnectionTrait,
    format: Format,
    accounts: BTreeSet<&str>,
) -> Result<bool, DbErr> {
    use statements::{Column, Entity};
    let others = Format::ALL.into_iter().filter(|other| *other != format);
    // One that was brought for no account may tell of any.
    let of_accounts = Column::AccountNumber.is_null().or(is_any(
        tx,
        Column::AccountNumber,
        accounts.into_iter().collect(),
    ));
    let found: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Format.is_in(others.map(Format::name)))
        .filter(of_accounts)
        .limit(1)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.is_some())
}

/// Whether another statement waits or is worked on.
pub async fn is_other_waiting(tx: &impl ConnectionTrait, id: StatementId) -> Result<bool, DbErr> {
    use statements::{Column, Entity};
    let found: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        // As the index of those that wait says it.
        .filter(Expr::cust("status = 'waiting'"))
        .filter(Column::Id.ne(id.uuid()))
        .limit(1)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.is_some())
}

/// Notes on credits that are known by some identities that a format told of them, and gives those of the others by which
/// credits are known that another format told of first.
pub async fn note_known_credits(
    tx: &impl ConnectionTrait,
    format: Format,
    known: &HashSet<u128>,
    others: &[u128],
) -> Result<HashSet<u128>, DbErr> {
    use bank_credits::Column;
    let by_name: HashMap<String, u128> =
        others.iter().map(|identity| (format!("{identity:032x}"), *identity)).collect();
    let mut aliases: Vec<(String, Uuid)> = Vec::new();
    if !by_name.is_empty() {
        aliases = credit_aliases::Entity::find()
            .select_only()
            .columns([credit_aliases::Column::ProviderId, credit_aliases::Column::CreditId])
            .filter(credit_aliases::Column::Feed.eq(STATEMENT))
            .filter(is_any(
                tx,
                credit_aliases::Column::ProviderId,
                by_name.keys().cloned().collect(),
            ))
            .into_tuple()
            .all(tx)
            .await?;
    }
    let known: Vec<Vec<u8>> = known.iter().copied().map(bytes_of).collect();
    let ids: Vec<Uuid> = aliases.iter().map(|(_, id)| *id).collect();
    add::<bank_credits::Entity, _>(tx, Column::StatedBy, format, Column::StatementIdentity, known)
        .await?;
    add::<bank_credits::Entity, _>(tx, Column::StatedBy, format, Column::Id, ids).await?;
    Ok(aliases.iter().filter_map(|(name, _)| by_name.get(name).copied()).collect())
}

/// Credits that statements of other formats told of and this format not yet, near some buckets, locked; in the order
/// of their ids. Whoever waited for one looks again whether this format has told of it by now.
pub async fn credits_of_others(
    tx: &impl ConnectionTrait,
    format: Format,
    buckets: &[Bucket],
) -> Result<Vec<BankCredit>, DbErr> {
    use bank_credits::{Column, Entity};
    if buckets.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        // All there are: so the index begins.
        .filter(Column::Feed.is_in(SOURCES))
        .filter(is_near(tx, buckets))
        .filter(Column::StatementIdentity.is_not_null())
        .filter(lacks(Column::StatedBy, format))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?
        .into_iter()
        .map(bank_credit::credit_of)
        .collect()
}

/// Notes that a format told of credits of other formats, under identities of its own: each as an alias's id.
pub async fn note_credits_of_others(
    tx: &impl ConnectionTrait,
    format: Format,
    told: Vec<(BankCreditId, String)>,
) -> Result<(), DbErr> {
    use bank_credits::Column;
    if told.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = told.iter().map(|(id, _)| id.uuid()).collect();
    add::<bank_credits::Entity, _>(tx, Column::StatedBy, format, Column::Id, ids).await?;
    let rows = told.into_iter().map(|(id, provider_id)| credit_aliases::Model {
        feed: STATEMENT.to_owned(),
        provider_id,
        credit_id: id.uuid(),
    });
    platform::bulk::insert(tx, rows).await
}

/// As [`note_known_credits`], of debits.
pub async fn note_known_debits(
    tx: &impl ConnectionTrait,
    format: Format,
    known: &HashSet<u128>,
    others: &[u128],
) -> Result<HashSet<u128>, DbErr> {
    use bank_debits::Column;
    let mut aliases: Vec<(Vec<u8>, Uuid)> = Vec::new();
    if !others.is_empty() {
        let others = others.iter().copied().map(bytes_of).collect();
        aliases = debit_aliases::Entity::find()
            .select_only()
            .columns([debit_aliases::Column::StatementIdentity, debit_aliases::Column::DebitId])
            .filter(is_any(tx, debit_aliases::Column::StatementIdentity, others))
            .into_tuple()
            .all(tx)
            .await?;
    }
    let known: Vec<Vec<u8>> = known.iter().copied().map(bytes_of).collect();
    let ids: Vec<Uuid> = aliases.iter().map(|(_, id)| *id).collect();
    add::<bank_debits::Entity, _>(tx, Column::StatedBy, format, Column::StatementIdentity, known)
        .await?;
    add::<bank_debits::Entity, _>(tx, Column::StatedBy, format, Column::Id, ids).await?;
    Ok(aliases.iter().map(|(identity, _)| number_of(identity)).collect())
}

/// As [`credits_of_others`], of debits. The caller has the end of the ledger: nobody else records any.
pub async fn debits_of_others(
    tx: &impl ConnectionTrait,
    format: Format,
    buckets: &[Bucket],
) -> Result<Vec<BankDebit>, DbErr> {
    use bank_debits::{Column, Entity};
    let days = buckets.iter().map(|bucket| i64::from(bucket.booked_on));
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else {
        return Ok(Vec::new());
    };
    let accounts: BTreeSet<&str> =
        buckets.iter().map(|bucket| bucket.account_number.as_str()).collect();
    let amounts: BTreeSet<i64> = buckets.iter().map(|bucket| bucket.amount_minor).collect();
    Entity::find()
        .filter(is_any(tx, Column::AccountNumber, accounts.into_iter().collect()))
        .filter(is_any(tx, Column::AmountMinor, amounts.into_iter().collect()))
        // A day around those days in Vietnam, which begin before the same days of UTC.
        .filter(Column::BookedAt.gte((first - 2) * DAY))
        .filter(Column::BookedAt.lt((last + 2) * DAY))
        .filter(lacks(Column::StatedBy, format))
        .order_by_asc(Column::Id)
        .all(tx)
        .await?
        .into_iter()
        .map(bank_debit::debit_of)
        .collect()
}

/// As [`note_credits_of_others`], of debits.
pub async fn note_debits_of_others(
    tx: &impl ConnectionTrait,
    format: Format,
    told: Vec<(BankDebitId, u128)>,
) -> Result<(), DbErr> {
    use bank_debits::Column;
    if told.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = told.iter().map(|(id, _)| id.uuid()).collect();
    add::<bank_debits::Entity, _>(tx, Column::StatedBy, format, Column::Id, ids).await?;
    let rows = told.into_iter().map(|(id, identity)| debit_aliases::Model {
        statement_identity: bytes_of(identity),
        debit_id: id.uuid(),
    });
    platform::bulk::insert(tx, rows).await
}

/// Adds a format to the sets of rows that are known and lack it: of those that a column names.
async fn add<E: EntityTrait, T: Into<Value>>(
    tx: &impl ConnectionTrait,
    stated_by: E::Column,
    format: Format,
    naming: E::Column,
    these: Vec<T>,
) -> Result<(), DbErr> {
    if these.is_empty() {
        return Ok(());
    }
    let with = Expr::col(stated_by.as_column_ref()).bit_or(format.bit());
    E::update_many()
        .col_expr(stated_by, with)
        .filter(is_any(tx, naming, these))
        .filter(lacks(stated_by, format))
        .exec(tx)
        .await?;
    Ok(())
}

/// Of a row whose set is known: that a format is not in it. Of one that tells none it is neither true nor false.
fn lacks(stated_by: impl ColumnTrait, format: Format) -> SimpleExpr {
    Expr::col(stated_by.as_column_ref()).bit_and(format.bit()).eq(0_i64)
}
