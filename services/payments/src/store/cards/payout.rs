//! The card provider's payouts to our bank.

use kernel::{BankCreditId, CardPayoutId, Money, PageRequest, Timestamp};
use platform::paging::newest_first;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::card_payouts::{Column, Entity, Model};
use crate::providers::card::{PayoutStatus, ProviderPayoutId};
use crate::store::corrupt;
use crate::store::payment::money_of;

/// A payout of the provider's as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCardPayout {
    /// Its id here.
    pub id: CardPayoutId,
    /// Whose it is.
    pub provider: String,
    /// The provider's id of it.
    pub provider_id: ProviderPayoutId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: PayoutStatus,
    /// When the bank should book it.
    pub arrives_at: Timestamp,
    /// The bank's reference.
    pub bank_reference: Option<String>,
    /// What the bank was asked to write on the statement.
    pub statement_descriptor: Option<String>,
    /// The bank's credit by which it came, and the rule by which that was known.
    pub came_by: Option<(BankCreditId, String)>,
    /// When it is looked at next.
    pub next_look_at: Option<Timestamp>,
    /// When we heard of it.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// The statuses with their names in the database.
const STATUSES: [(PayoutStatus, &str); 5] = [
    (PayoutStatus::Pending, "pending"),
    (PayoutStatus::InTransit, "in_transit"),
    (PayoutStatus::Paid, "paid"),
    (PayoutStatus::Failed, "failed"),
    (PayoutStatus::Cancelled, "cancelled"),
];

/// The name of a status in the database.
pub fn status_name(status: PayoutStatus) -> &'static str {
    STATUSES.into_iter().find(|(known, _)| *known == status).map_or("", |(_, name)| name)
}

/// Inserts a payout.
pub async fn insert(tx: &impl ConnectionTrait, kept: &KeptCardPayout) -> Result<(), DbErr> {
    Entity::insert(row_of(kept).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes all of a payout.
pub async fn update(tx: &impl ConnectionTrait, kept: &KeptCardPayout) -> Result<(), DbErr> {
    row_of(kept).into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// Writes when a payout is looked at next, and nothing else: what is known of it may have changed since it
/// was read.
pub async fn postpone(
    tx: &impl ConnectionTrait,
    id: CardPayoutId,
    next_look_at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextLookAt, Expr::value(next_look_at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The payout that the provider calls so.
pub async fn by_provider_id(
    db: &impl ConnectionTrait,
    provider: &str,
    id: &ProviderPayoutId,
) -> Result<Option<KeptCardPayout>, DbErr> {
    let found = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::ProviderId.eq(id.as_str()));
    found.one(db).await?.map(kept_of).transpose()
}

/// One payout.
pub async fn by_id(
    db: &impl ConnectionTrait,
    id: CardPayoutId,
) -> Result<Option<KeptCardPayout>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await?.map(kept_of).transpose()
}

/// Payouts that are to be looked at now, the most overdue first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<KeptCardPayout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextLookAt.lte(now.micros()))
        .order_by_asc(Column::NextLookAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// Payouts after that one that went and whose credit nobody has seen, the oldest first.
pub async fn awaited(
    db: &impl ConnectionTrait,
    after: Option<CardPayoutId>,
    limit: u64,
) -> Result<Vec<KeptCardPayout>, DbErr> {
    let mut select = Entity::find().filter(is_awaited()).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    select.all(db).await?.into_iter().map(kept_of).collect()
}

/// Payouts of an amount that went and whose credit nobody has seen, the oldest first.
pub async fn awaited_of(
    db: &impl ConnectionTrait,
    amount: Money,
    limit: u64,
) -> Result<Vec<KeptCardPayout>, DbErr> {
    let rows = Entity::find()
        .filter(is_awaited())
        .filter(Column::AmountMinor.eq(amount.minor))
        .filter(Column::Currency.eq(amount.currency.code()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// As the partial indexes say it, word by word: the databases use them for nothing else.
fn is_awaited() -> Expr {
    Expr::cust("credit_id IS NULL AND status IN ('in_transit', 'paid')")
}

/// A page of payouts, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    request: &PageRequest<Uuid>,
) -> Result<Vec<KeptCardPayout>, DbErr> {
    let select = Entity::find();
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(kept_of).collect()
}

fn row_of(kept: &KeptCardPayout) -> Model {
    Model {
        id: kept.id.uuid(),
        provider: kept.provider.clone(),
        provider_id: kept.provider_id.to_string(),
        amount_minor: kept.amount.minor,
        currency: kept.amount.currency.code().to_owned(),
        status: status_name(kept.status).to_owned(),
        arrives_at: kept.arrives_at.micros(),
        bank_reference: kept.bank_reference.clone(),
        statement_descriptor: kept.statement_descriptor.clone(),
        credit_id: kept.came_by.as_ref().map(|(credit, _)| credit.uuid()),
        rule: kept.came_by.as_ref().map(|(_, rule)| rule.clone()),
        next_look_at: kept.next_look_at.map(Timestamp::micros),
        created_at: kept.created_at.micros(),
        changed_at: kept.changed_at.micros(),
    }
}

fn kept_of(row: Model) -> Result<KeptCardPayout, DbErr> {
    let status = STATUSES.into_iter().find(|(_, name)| *name == row.status);
    let (status, _) = status.ok_or_else(|| corrupt("a status of a card payout"))?;
    Ok(KeptCardPayout {
        id: CardPayoutId::from_uuid(row.id),
        provider: row.provider,
        provider_id: row.provider_id.parse().map_err(|_| corrupt("a provider's id"))?,
        amount: money_of(row.amount_minor, &row.currency)?,
        status,
        arrives_at: Timestamp::from_micros(row.arrives_at),
        bank_reference: row.bank_reference,
        statement_descriptor: row.statement_descriptor,
        came_by: row.credit_id.map(BankCreditId::from_uuid).zip(row.rule),
        next_look_at: row.next_look_at.map(Timestamp::from_micros),
        created_at: Timestamp::from_micros(row.created_at),
        changed_at: Timestamp::from_micros(row.changed_at),
    })
}
