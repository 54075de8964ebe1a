//! Movements of our balance at the card provider that are in the books.

use kernel::{CardMovementId, CardPayoutId, Money, PageRequest, Timestamp};
use platform::ids;
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::entities::card_movements::{Column, Entity, Model};
use crate::providers::card::{BalanceTransaction, BalanceTransactionId, BalanceTransactionKind};
use crate::store::payment::{Inserted, money_of};

/// Notes that a movement is in the books, unless it was noted before: then nothing may be booked.
pub async fn insert(
    tx: &impl ConnectionTrait,
    provider: &str,
    movement: &BalanceTransaction,
    now: Timestamp,
) -> Result<Inserted, DbErr> {
    let row = Model {
        id: ids::new::<CardMovementId>().uuid(),
        provider: provider.to_owned(),
        provider_id: movement.id.to_string(),
        kind: kind_name(&movement.kind).to_owned(),
        amount_minor: movement.amount.minor,
        fee_minor: movement.fee.minor,
        net_minor: movement.net.minor,
        currency: movement.net.currency.code().to_owned(),
        source: movement.source.clone(),
        payout_id: None,
        available_on: movement.available_on.micros(),
        created_at: movement.created_at.micros(),
        booked_at: now.micros(),
    };
    let known = OnConflict::columns([Column::Provider, Column::ProviderId]).do_nothing().to_owned();
    let written = Entity::insert(row.into_active_model())
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(if written == 0 { Inserted::Taken } else { Inserted::New })
}

/// Whether a movement is in the books.
pub async fn is_booked(
    db: &impl ConnectionTrait,
    provider: &str,
    id: &BalanceTransactionId,
) -> Result<bool, DbErr> {
    let found = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::ProviderId.eq(id.as_str()));
    Ok(found.one(db).await?.is_some())
}

/// Notes which payout nets a movement.
pub async fn net_by(
    tx: &impl ConnectionTrait,
    provider: &str,
    id: &BalanceTransactionId,
    payout: CardPayoutId,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PayoutId, Expr::value(payout.uuid()))
        .filter(Column::Provider.eq(provider))
        .filter(Column::ProviderId.eq(id.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A movement, as operators see it.
#[derive(Clone, Debug)]
pub struct MovementLine {
    /// Its id here.
    pub id: CardMovementId,
    /// The provider's id of it.
    pub provider_id: String,
    /// What it is: charge, refund, dispute, …
    pub kind: String,
    /// Before the fee.
    pub amount: Money,
    /// What the provider kept.
    pub fee: Money,
    /// What our balance gained.
    pub net: Money,
    /// The provider's id of what it comes from.
    pub source: Option<String>,
    /// When the provider booked it.
    pub created_at: Timestamp,
}

/// A page of the movements that a payout nets, newest first.
pub async fn of_payout(
    db: &impl ConnectionTrait,
    payout: CardPayoutId,
    request: &PageRequest<Uuid>,
) -> Result<Vec<MovementLine>, DbErr> {
    let select = Entity::find().filter(Column::PayoutId.eq(payout.uuid()));
    page(db, select, request).await
}

/// A page of the movements that come from something, newest first.
pub async fn of_source(
    db: &impl ConnectionTrait,
    source: &str,
    request: &PageRequest<Uuid>,
) -> Result<Vec<MovementLine>, DbErr> {
    page(db, Entity::find().filter(Column::Source.eq(source)), request).await
}

async fn page(
    db: &impl ConnectionTrait,
    select: sea_orm::Select<Entity>,
    request: &PageRequest<Uuid>,
) -> Result<Vec<MovementLine>, DbErr> {
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(line_of).collect()
}

fn line_of(row: Model) -> Result<MovementLine, DbErr> {
    Ok(MovementLine {
        id: CardMovementId::from_uuid(row.id),
        provider_id: row.provider_id,
        kind: row.kind,
        amount: money_of(row.amount_minor, &row.currency)?,
        fee: money_of(row.fee_minor, &row.currency)?,
        net: money_of(row.net_minor, &row.currency)?,
        source: row.source,
        created_at: Timestamp::from_micros(row.created_at),
    })
}

fn kind_name(kind: &BalanceTransactionKind) -> &str {
    match kind {
        BalanceTransactionKind::Charge => "charge",
        BalanceTransactionKind::Refund => "refund",
        BalanceTransactionKind::RefundFailure => "refund_failure",
        BalanceTransactionKind::Adjustment => "adjustment",
        BalanceTransactionKind::Payout => "payout",
        BalanceTransactionKind::PayoutFailure => "payout_failure",
        BalanceTransactionKind::Fee => "fee",
        BalanceTransactionKind::Other(name) => name,
    }
}
