//! Tries to pay by card.

use std::collections::HashMap;

use kernel::{CardAttemptId, Locale, Money, PaymentId, Timestamp};
use platform::bulk::is_any;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::card_attempts::{Column, Entity, Model};
use crate::domain::card_attempt::{AttemptStatus, CardAttempt, CardWay};
use crate::providers::card::{
    BalanceTransactionId, CardPaymentReference, ChargeId, CheckoutSessionId, IntentId,
};
use crate::store::corrupt;
use crate::store::payment::{Inserted, money_of};

/// A try as it is kept: with what the provider was asked, and what it calls the try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAttempt {
    /// The try.
    pub attempt: CardAttempt,
    /// Whom it was asked of.
    pub provider: String,
    /// What the shopper reads beside the amount.
    pub description: String,
    /// The language of the page.
    pub locale: Locale,
    /// Where the browser goes from the provider's page.
    pub return_url: String,
    /// When the provider's page closes by itself.
    pub page_closes_at: Timestamp,
    /// The page.
    pub session: Option<CheckoutSessionId>,
    /// The intent.
    pub intent: Option<IntentId>,
    /// The charge that brought the money.
    pub charge: Option<ChargeId>,
    /// Where the shopper types the card.
    pub redirect_url: Option<String>,
    /// What was taken from the card.
    pub captured: Option<Money>,
    /// The charge's movement of our balance, once it is in the books.
    pub movement: Option<BalanceTransactionId>,
    /// Why the last card did not pay, or the provider refused: a code.
    pub failure: Option<String>,
    /// How often the provider was asked in vain since something changed.
    pub looks: u32,
    /// When it is looked at next.
    pub next_look_at: Option<Timestamp>,
}

impl KeptAttempt {
    /// By what the provider knows it, if it told us.
    pub fn reference(&self) -> Option<CardPaymentReference> {
        let session = self.session.clone().map(CardPaymentReference::CheckoutSession);
        session.or_else(|| self.intent.clone().map(CardPaymentReference::Intent))
    }
}

/// Inserts a try, unless its payment has a live one.
pub async fn insert(tx: &impl ConnectionTrait, kept: &KeptAttempt) -> Result<Inserted, DbErr> {
    let written = Entity::insert(row_of(kept).into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(if written == 0 { Inserted::Taken } else { Inserted::New })
}

/// Writes all of a try.
pub async fn update(tx: &impl ConnectionTrait, kept: &KeptAttempt) -> Result<(), DbErr> {
    row_of(kept).into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// One try, locked.
pub async fn lock(
    tx: &impl ConnectionTrait,
    id: CardAttemptId,
) -> Result<Option<KeptAttempt>, DbErr> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.map(kept_of).transpose()
}

/// One try.
pub async fn by_id(
    db: &impl ConnectionTrait,
    id: CardAttemptId,
) -> Result<Option<KeptAttempt>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await?.map(kept_of).transpose()
}

/// The try by which money may still come to a payment.
pub async fn live_of(
    db: &impl ConnectionTrait,
    payment: PaymentId,
) -> Result<Option<KeptAttempt>, DbErr> {
    let live = AttemptStatus::ALL.into_iter().filter(|status| status.is_live());
    let found = Entity::find()
        .filter(Column::PaymentId.eq(payment.uuid()))
        .filter(Column::Status.is_in(live.map(AttemptStatus::name)));
    found.one(db).await?.map(kept_of).transpose()
}

/// Tries of payments, the oldest first.
pub async fn of_payments(
    db: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<HashMap<PaymentId, Vec<KeptAttempt>>, DbErr> {
    let mut found: HashMap<PaymentId, Vec<KeptAttempt>> = HashMap::new();
    if payments.is_empty() {
        return Ok(found);
    }
    let rows = Entity::find()
        .filter(Column::PaymentId.is_in(payments.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    for row in rows {
        let kept = kept_of(row)?;
        found.entry(kept.attempt.payment).or_default().push(kept);
    }
    Ok(found)
}

/// Which payments some tries are of.
pub async fn payments_of(
    db: &impl ConnectionTrait,
    attempts: &[CardAttemptId],
) -> Result<HashMap<CardAttemptId, PaymentId>, DbErr> {
    if attempts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find()
        .filter(Column::Id.is_in(attempts.iter().map(|id| id.uuid())))
        .all(db)
        .await?;
    let pair =
        |row: Model| (CardAttemptId::from_uuid(row.id), PaymentId::from_uuid(row.payment_id));
    Ok(rows.into_iter().map(pair).collect())
}

/// The try whose money paid a payment.
pub async fn captured_of(
    db: &impl ConnectionTrait,
    payment: PaymentId,
) -> Result<Option<KeptAttempt>, DbErr> {
    let found = Entity::find()
        .filter(Column::PaymentId.eq(payment.uuid()))
        .filter(Column::Status.eq(AttemptStatus::Captured.name()));
    found.one(db).await?.map(kept_of).transpose()
}

/// The try that the provider calls so.
pub async fn by_reference(
    db: &impl ConnectionTrait,
    provider: &str,
    reference: &CardPaymentReference,
) -> Result<Option<KeptAttempt>, DbErr> {
    let named = match reference {
        CardPaymentReference::CheckoutSession(id) => Column::SessionId.eq(id.as_str()),
        CardPaymentReference::Intent(id) => Column::IntentId.eq(id.as_str()),
    };
    let found = Entity::find().filter(Column::Provider.eq(provider)).filter(named);
    found.one(db).await?.map(kept_of).transpose()
}

/// The try whose charge this is.
pub async fn by_charge(
    db: &impl ConnectionTrait,
    provider: &str,
    charge: &ChargeId,
) -> Result<Option<KeptAttempt>, DbErr> {
    let found = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::ChargeId.eq(charge.as_str()));
    found.one(db).await?.map(kept_of).transpose()
}

/// Tries that are to be looked at now, the most overdue first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<KeptAttempt>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextLookAt.lte(now.micros()))
        .order_by_asc(Column::NextLookAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// The live tries of the payment in a row of another query.
pub fn live_of_payment_of<T: IntoIden, C: IntoIden>(table: T, payment: C) -> SelectStatement {
    let live = AttemptStatus::ALL.into_iter().filter(|status| status.is_live());
    Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::PaymentId)).equals((table, payment)))
        .and_where(Expr::col((Entity, Column::Status)).is_in(live.map(AttemptStatus::name)))
        .to_owned()
}

/// Has live tries of payments looked at now.
pub async fn look_at_now(
    tx: &impl ConnectionTrait,
    payments: impl IntoIterator<Item = PaymentId>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let live = AttemptStatus::ALL.into_iter().filter(|status| status.is_live());
    Entity::update_many()
        .col_expr(Column::NextLookAt, Expr::value(now.micros()))
        .filter(is_any(tx, Column::PaymentId, payments.into_iter().map(|id| id.uuid()).collect()))
        .filter(Column::Status.is_in(live.map(AttemptStatus::name)))
        .exec(tx)
        .await?;
    Ok(())
}

fn row_of(kept: &KeptAttempt) -> Model {
    let CardAttempt { id, payment, way, status, amount, created_at, changed_at } = &kept.attempt;
    Model {
        id: id.uuid(),
        payment_id: payment.uuid(),
        provider: kept.provider.clone(),
        way: way.name().to_owned(),
        status: status.name().to_owned(),
        amount_minor: amount.minor,
        currency: amount.currency.code().to_owned(),
        description: kept.description.clone(),
        locale: kept.locale.tag().to_owned(),
        return_url: kept.return_url.clone(),
        page_closes_at: kept.page_closes_at.micros(),
        session_id: kept.session.as_ref().map(ToString::to_string),
        intent_id: kept.intent.as_ref().map(ToString::to_string),
        charge_id: kept.charge.as_ref().map(ToString::to_string),
        redirect_url: kept.redirect_url.clone(),
        captured_minor: kept.captured.map(|money| money.minor),
        movement_id: kept.movement.as_ref().map(ToString::to_string),
        failure: kept.failure.clone(),
        looks: kept.looks.cast_signed(),
        next_look_at: kept.next_look_at.map(Timestamp::micros),
        created_at: created_at.micros(),
        changed_at: changed_at.micros(),
    }
}

fn kept_of(row: Model) -> Result<KeptAttempt, DbErr> {
    let way = CardWay::ALL.into_iter().find(|way| way.name() == row.way);
    let status = AttemptStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let amount = money_of(row.amount_minor, &row.currency)?;
    let attempt = CardAttempt {
        id: CardAttemptId::from_uuid(row.id),
        payment: PaymentId::from_uuid(row.payment_id),
        way: way.ok_or_else(|| corrupt("a way to pay by card"))?,
        status: status.ok_or_else(|| corrupt("a status of a card attempt"))?,
        amount,
        created_at: Timestamp::from_micros(row.created_at),
        changed_at: Timestamp::from_micros(row.changed_at),
    };
    Ok(KeptAttempt {
        attempt,
        provider: row.provider,
        description: row.description,
        locale: row.locale.parse().map_err(|()| corrupt("a language"))?,
        return_url: row.return_url,
        page_closes_at: Timestamp::from_micros(row.page_closes_at),
        session: reference(row.session_id)?,
        intent: reference(row.intent_id)?,
        charge: reference(row.charge_id)?,
        redirect_url: row.redirect_url,
        captured: row.captured_minor.map(|minor| Money::new(minor, amount.currency)),
        movement: reference(row.movement_id)?,
        failure: row.failure,
        looks: row.looks.cast_unsigned(),
        next_look_at: row.next_look_at.map(Timestamp::from_micros),
    })
}

/// A provider's id in a column.
pub(super) fn reference<Id: TryFrom<String>>(text: Option<String>) -> Result<Option<Id>, DbErr> {
    text.map(|text| Id::try_from(text).map_err(|_| corrupt("a provider's id"))).transpose()
}
