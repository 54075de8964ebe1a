//! Credits on the bank account, each in exactly one state.

use std::collections::{BTreeSet, HashSet};

use kernel::{BankCreditId, Money, PaymentId, ShopId, Timestamp};
use platform::bulk::{self, is_any};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::entities::bank_credits::{Column, Entity, Model};
use super::entities::{credit_aliases, credit_splits};
use super::payment::money_of;
use crate::domain::ledger::Account;
use crate::domain::reconciliation::{CreditState, Rule, Verdict};

/// A credit, and what was decided on it.
#[derive(Clone, Debug)]
pub struct BankCredit {
    /// Its id.
    pub id: BankCreditId,
    /// Which feed told of it.
    pub feed: String,
    /// Its id at the provider.
    pub provider_id: String,
    /// The bank's name, as the provider says it.
    pub bank: String,
    /// The account that it came to.
    pub account_number: String,
    /// The sub-account of it that it came to, where the feed tells.
    pub sub_account: Option<String>,
    /// What came.
    pub amount: Money,
    /// The memo, as it came.
    pub memo: String,
    /// The bank's reference; not unique.
    pub bank_reference: String,
    /// Who sent it, where the bank tells.
    pub counterparty_name: Option<String>,
    /// The account that it came from, where the bank tells.
    pub counterparty_account: Option<String>,
    /// BIN of the bank that it came from, where the feed tells.
    pub counterparty_bin: Option<String>,
    /// When the bank booked it.
    pub booked_at: Timestamp,
    /// When we were told.
    pub received_at: Timestamp,
    /// What it is.
    pub state: CreditState,
    /// The payment that is paid or meant.
    pub payment: Option<PaymentId>,
    /// The rule that decided.
    pub rule: String,
    /// What the payment asked for.
    pub expected: Option<Money>,
    /// Its identity on statements, once one told of it.
    pub statement_identity: Option<u128>,
    /// The formats of the statements that told of it, a set of [`Format::bit`](crate::domain::statement::Format::bit); nothing, if none did or it is not known
    /// of which format that was.
    pub stated_by: Option<i64>,
    /// What a person made of it: `matched`, `split`, `refunded`, `returned`, `reversed`, `written_off`;
    /// or the card provider's payout that it is: `card_payout`; or that it came to a shop's own account
    /// and names nothing of ours: [`SHOPS_OWN`].
    pub resolution: Option<String>,
    /// Whose own account it came to; the market's, if it is none.
    pub shop: Option<ShopId>,
}

/// What nobody at the market decides on: it came to or went from a shop's own account, for nothing of ours.
pub const SHOPS_OWN: &str = "shops_own";

impl BankCredit {
    /// Whether a person must decide.
    pub fn waits(&self) -> bool {
        !self.state.is_matched() && self.resolution.is_none()
    }

    /// Whether a person may say what it pays: also of one that named nothing on a shop's own account.
    pub fn may_pay(&self) -> bool {
        self.waits() || self.resolution.as_deref() == Some(SHOPS_OWN)
    }

    /// Whether the rules found nothing that it is for, and nobody said what it is.
    pub fn names_nothing(&self) -> bool {
        self.rule == Rule::NoCode.name() && self.may_pay()
    }

    /// Where the ledger has it while it pays nothing.
    pub fn unexplained(&self) -> Account {
        Account::unexplained(&self.account_number, self.shop)
    }
}

/// Inserts credits with one statement.
pub async fn insert(tx: &impl ConnectionTrait, credits: &[BankCredit]) -> Result<(), DbErr> {
    let rows = credits.iter().map(|credit| Model {
        id: credit.id.uuid(),
        feed: credit.feed.clone(),
        provider_id: credit.provider_id.clone(),
        bank: credit.bank.clone(),
        account_number: credit.account_number.clone(),
        amount_minor: credit.amount.minor,
        currency: credit.amount.currency.code().to_owned(),
        memo: credit.memo.clone(),
        bank_reference: credit.bank_reference.clone(),
        counterparty_name: credit.counterparty_name.clone(),
        counterparty_account: credit.counterparty_account.clone(),
        counterparty_bin: credit.counterparty_bin.clone(),
        booked_at: credit.booked_at.micros(),
        booked_on: local_day(credit.booked_at),
        received_at: credit.received_at.micros(),
        state: credit.state.name().to_owned(),
        payment_id: credit.payment.map(PaymentId::uuid),
        rule: credit.rule.clone(),
        expected_minor: credit.expected.map(|expected| expected.minor),
        statement_identity: credit.statement_identity.map(bytes_of),
        stated_by: credit.stated_by,
        resolution: credit.resolution.clone(),
        shop_id: credit.shop.map(ShopId::uuid),
        sub_account: credit.sub_account.clone(),
    });
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// Credits by their ids, in the order of their ids.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: &[BankCreditId],
) -> Result<Vec<BankCredit>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .all(db)
        .await?
        .into_iter()
        .map(credit_of)
        .collect()
}

/// How many credits wait for a person.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(is_waiting()).count(db).await
}

/// The same words as the partial index of the queue.
pub(super) fn is_waiting() -> SimpleExpr {
    Expr::cust("state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NULL")
}

pub(super) fn is_matched() -> SimpleExpr {
    Expr::cust("state IN ('matched', 'matched_with_tolerance')")
}

/// Credits that name a payment and wait: what may become parts of it.
pub async fn waiting_for(
    tx: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<Vec<BankCredit>, DbErr> {
    if payments.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .filter(is_any(tx, Column::PaymentId, payments.iter().map(|id| id.uuid()).collect()))
        .filter(is_waiting())
        .order_by_asc(Column::Id)
        .all(tx)
        .await?
        .into_iter()
        .map(credit_of)
        .collect()
}

/// Credits of one amount that name no payment and wait, of an account, booked since a moment.
pub async fn orphans_of(
    db: &impl ConnectionTrait,
    account_number: &str,
    amount: Money,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<BankCredit>, DbErr> {
    Entity::find()
        .filter(Column::AccountNumber.eq(account_number))
        .filter(Column::AmountMinor.eq(amount.minor))
        .filter(Column::Currency.eq(amount.currency.code()))
        .filter(Column::PaymentId.is_null())
        .filter(Column::BookedAt.gte(since.micros()))
        .filter(is_waiting())
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?
        .into_iter()
        .map(credit_of)
        .collect()
}

/// The credits that paid a payment: alone, in parts, or with other payments.
pub async fn that_paid(
    db: &impl ConnectionTrait,
    payment: PaymentId,
) -> Result<Vec<BankCredit>, DbErr> {
    let by_split = Query::select()
        .column(credit_splits::Column::CreditId)
        .from(credit_splits::Entity)
        .and_where(credit_splits::Column::PaymentId.eq(payment.uuid()))
        .to_owned();
    let of_payment = |paying: SimpleExpr| {
        Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(Column::PaymentId.eq(payment.uuid()))
            .and_where(paying)
            .to_owned()
    };
    // Each by its own index: no database finds one for all of them at once.
    let part = Expr::cust("rule = 'code_and_sum_of_parts/1'").and(is_matched());
    let alone = is_matched().and(Expr::cust("rule <> 'code_and_sum_of_parts/1'"));
    let mut paying = of_payment(alone);
    paying.unions([(UnionType::All, of_payment(part)), (UnionType::All, by_split)]);
    Entity::find()
        .filter(Column::Id.in_subquery(paying))
        .order_by_asc(Column::Id)
        .all(db)
        .await?
        .into_iter()
        .map(credit_of)
        .collect()
}

/// One credit, locked.
pub async fn lock(
    tx: &impl ConnectionTrait,
    id: BankCreditId,
) -> Result<Option<BankCredit>, DbErr> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.map(credit_of).transpose()
}

/// Writes what a person made of a credit, or that it waits again.
pub async fn resolve(
    tx: &impl ConnectionTrait,
    id: BankCreditId,
    resolution: Option<&str>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Resolution, Expr::value(resolution))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes another verdict on credits that were decided on before.
pub async fn decide_anew(
    tx: &impl ConnectionTrait,
    id: BankCreditId,
    verdict: Verdict,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(verdict.state.name()))
        .col_expr(Column::Rule, Expr::value(verdict.rule.name()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which of some identities statements told of before.
pub async fn known_on_statements(
    tx: &impl ConnectionTrait,
    identities: &[u128],
) -> Result<HashSet<u128>, DbErr> {
    if identities.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Option<Vec<u8>>> = Entity::find()
        .select_only()
        .column(Column::StatementIdentity)
        .filter(is_any(
            tx,
            Column::StatementIdentity,
            identities.iter().copied().map(bytes_of).collect(),
        ))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().flatten().map(|bytes| number_of(&bytes)).collect())
}

/// Where two tellings of one credit meet: account, day in Vietnam, amount.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// The account.
    pub account_number: String,
    /// The day.
    pub booked_on: i32,
    /// The amount, in minor units.
    pub amount_minor: i64,
}

impl Bucket {
    /// The bucket of a credit.
    pub fn of(account_number: &str, booked_at: Timestamp, amount: Money) -> Self {
        Self {
            account_number: account_number.to_owned(),
            booked_on: local_day(booked_at),
            amount_minor: amount.minor,
        }
    }

    /// The same of another day.
    pub fn days_later(&self, days: i32) -> Self {
        Self { booked_on: self.booked_on + days, ..self.clone() }
    }
}

/// On the accounts, of the amounts, and a day around the days of some buckets.
pub(super) fn is_near(db: &impl ConnectionTrait, buckets: &[Bucket]) -> Condition {
    let accounts: BTreeSet<&str> =
        buckets.iter().map(|bucket| bucket.account_number.as_str()).collect();
    let days: BTreeSet<i32> =
        buckets.iter().flat_map(|bucket| bucket.booked_on - 1..=bucket.booked_on + 1).collect();
    let amounts: BTreeSet<i64> = buckets.iter().map(|bucket| bucket.amount_minor).collect();
    Condition::all()
        .add(is_any(db, Column::AccountNumber, accounts.into_iter().collect()))
        .add(is_any(db, Column::BookedOn, days.into_iter().collect()))
        .add(is_any(db, Column::AmountMinor, amounts.into_iter().collect()))
}

/// Credits that feeds told of and no statement yet, near some buckets, locked; the oldest first.
pub async fn unstated(
    tx: &impl ConnectionTrait,
    buckets: &[Bucket],
) -> Result<Vec<BankCredit>, DbErr> {
    if buckets.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .filter(is_near(tx, buckets))
        .filter(Column::StatementIdentity.is_null())
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?
        .into_iter()
        .map(credit_of)
        .collect()
}

/// Credits that statements or other feeds told of first and that a feed has not told of, near some
/// buckets; the oldest first.
pub async fn told_by_others(
    tx: &impl ConnectionTrait,
    feed: &str,
    buckets: &[Bucket],
) -> Result<Vec<BankCredit>, DbErr> {
    if buckets.is_empty() {
        return Ok(Vec::new());
    }
    let told = Query::select()
        .column(credit_aliases::Column::CreditId)
        .from(credit_aliases::Entity)
        .and_where(credit_aliases::Column::Feed.eq(feed))
        .and_where(
            Expr::col((credit_aliases::Entity, credit_aliases::Column::CreditId))
                .equals((Entity, Column::Id)),
        )
        .to_owned();
    // Named, so that the index leads past the feed's own credits: nearly always there are no others.
    let others = SOURCES.into_iter().filter(|source| *source != feed);
    Entity::find()
        .filter(Column::Feed.is_in(others))
        .filter(is_near(tx, buckets))
        .filter(Expr::exists(told).not())
        .order_by_asc(Column::Id)
        .all(tx)
        .await?
        .into_iter()
        .map(credit_of)
        .collect()
}

/// Everybody who tells of credits.
pub(super) const SOURCES: [&str; 5] = ["statement", "sepay", "casso", "payos", "sepay_shop"];

/// Writes what one credit paid of several payments.
pub async fn insert_splits(
    tx: &impl ConnectionTrait,
    splits: &[(BankCreditId, PaymentId, Money)],
) -> Result<(), DbErr> {
    let rows = splits.iter().map(|(credit, payment, amount)| credit_splits::Model {
        credit_id: credit.uuid(),
        payment_id: payment.uuid(),
        amount_minor: amount.minor,
    });
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// The payments that a credit pays by splits.
pub async fn splits_of(
    db: &impl ConnectionTrait,
    credit: BankCreditId,
) -> Result<BTreeSet<PaymentId>, DbErr> {
    let splits =
        credit_splits::Entity::find().filter(credit_splits::Column::CreditId.eq(credit.uuid()));
    let rows = splits.all(db).await?;
    Ok(rows.into_iter().map(|row| PaymentId::from_uuid(row.payment_id)).collect())
}

/// Writes that a credit pays none of several payments any more.
pub async fn remove_splits(tx: &impl ConnectionTrait, credit: BankCreditId) -> Result<(), DbErr> {
    credit_splits::Entity::delete_many()
        .filter(credit_splits::Column::CreditId.eq(credit.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that a credit means no payment, and why.
pub async fn orphan(
    tx: &impl ConnectionTrait,
    credit: BankCreditId,
    rule: Rule,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(CreditState::Orphan.name()))
        .col_expr(Column::Rule, Expr::value(rule.name()))
        .col_expr(Column::PaymentId, Expr::value(Option::<Uuid>::None))
        .col_expr(Column::ExpectedMinor, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(credit.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Vietnam's day of a moment, counted from 1970-01-01: UTC+7, all year round.
fn local_day(at: Timestamp) -> i32 {
    const HOURS_AHEAD: i64 = 7 * 3_600_000_000;
    const DAY: i64 = 24 * 3_600_000_000;
    (at.micros() + HOURS_AHEAD).div_euclid(DAY) as i32
}

pub(super) fn bytes_of(identity: u128) -> Vec<u8> {
    identity.to_be_bytes().to_vec()
}

pub(super) fn number_of(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

pub(super) fn credit_of(row: Model) -> Result<BankCredit, DbErr> {
    let state = CreditState::ALL.into_iter().find(|state| state.name() == row.state);
    let expected = row.expected_minor.map(|minor| money_of(minor, &row.currency)).transpose()?;
    Ok(BankCredit {
        id: BankCreditId::from_uuid(row.id),
        amount: money_of(row.amount_minor, &row.currency)?,
        feed: row.feed,
        provider_id: row.provider_id,
        bank: row.bank,
        account_number: row.account_number,
        memo: row.memo,
        bank_reference: row.bank_reference,
        counterparty_name: row.counterparty_name,
        counterparty_account: row.counterparty_account,
        counterparty_bin: row.counterparty_bin,
        booked_at: Timestamp::from_micros(row.booked_at),
        received_at: Timestamp::from_micros(row.received_at),
        state: state.ok_or_else(|| corrupt("a credit state"))?,
        payment: row.payment_id.map(PaymentId::from_uuid),
        rule: row.rule,
        expected,
        statement_identity: row.statement_identity.as_deref().map(number_of),
        stated_by: row.stated_by,
        resolution: row.resolution,
        shop: row.shop_id.map(ShopId::from_uuid),
        sub_account: row.sub_account,
    })
}
