//! Who deleted their account, and what they bought without telling who they were.

use kernel::{CheckoutId, OrderId, PageRequest, Timestamp, UserId};
use platform::bulk::is_any;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entities::{checkouts, ticket_cancellations, tickets};
use super::return_entities::order_returns;
use super::voucher_entities::voucher_uses;
use crate::domain::checkout::Checkout;
use forgotten_buyers::{Column, Entity, Model};

/// Table `forgotten_buyers`.
mod forgotten_buyers {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "forgotten_buyers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub buyer_id: Uuid,
        pub asked_at: i64,
        pub next_look_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes that a buyer is to be forgotten; once, and from now on.
pub async fn note(tx: &impl ConnectionTrait, buyer: UserId, now: Timestamp) -> Result<(), DbErr> {
    let row =
        Model { buyer_id: buyer.uuid(), asked_at: now.micros(), next_look_at: Some(now.micros()) };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::BuyerId).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whose purchases are to be looked at now, with when they asked, at most so many.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(UserId, Timestamp)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextLookAt.lte(now.micros()))
        .order_by_asc(Column::NextLookAt)
        .limit(limit)
        .all(db)
        .await?;
    let asked =
        |row: Model| (UserId::from_uuid(row.buyer_id), Timestamp::from_micros(row.asked_at));
    Ok(rows.into_iter().map(asked).collect())
}

/// Writes when a buyer's purchases are looked at again; never, where nothing is left.
pub async fn look_again(
    tx: &impl ConnectionTrait,
    buyer: UserId,
    at: Option<Timestamp>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextLookAt, Expr::value(at.map(Timestamp::micros)))
        .filter(Column::BuyerId.eq(buyer.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A page of a buyer's checkouts that still tell who they were, the newest first.
pub async fn telling(
    db: &impl ConnectionTrait,
    buyer: UserId,
    request: &PageRequest<uuid::Uuid>,
) -> Result<Vec<Checkout>, DbErr> {
    let named = checkouts::Column::ContactName.ne("");
    super::checkout::page_where(db, buyer, Some(named), request).await
}

/// Blanks who bought with checkouts, where to it went, who was a guest, and where money went back to. The checkouts
/// and their orders are locked; what hangs on them comes in the order in which everybody takes it.
pub async fn blank(
    tx: &impl ConnectionTrait,
    ids: &[CheckoutId],
    of_them: &[OrderId],
) -> Result<(), DbErr> {
    let checkouts = || ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let orders = || of_them.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let nothing = || Expr::value("");
    checkouts::Entity::update_many()
        .col_expr(checkouts::Column::ContactName, nothing())
        .col_expr(checkouts::Column::ContactPhone, nothing())
        .col_expr(checkouts::Column::ContactEmail, nothing())
        .col_expr(checkouts::Column::Address, nothing())
        .col_expr(checkouts::Column::Note, nothing())
        .filter(is_any(tx, checkouts::Column::Id, checkouts()))
        .exec(tx)
        .await?;
    order_returns::Entity::update_many()
        .col_expr(order_returns::Column::Reason, nothing())
        // What a shop wrote to somebody may call them by name.
        .col_expr(order_returns::Column::Answer, nothing())
        .col_expr(order_returns::Column::BankBin, nothing())
        .col_expr(order_returns::Column::AccountNumber, nothing())
        .col_expr(order_returns::Column::AccountHolder, nothing())
        .filter(is_any(tx, order_returns::Column::OrderId, orders()))
        .exec(tx)
        .await?;
    ticket_cancellations::Entity::update_many()
        .col_expr(ticket_cancellations::Column::Reason, nothing())
        .col_expr(ticket_cancellations::Column::BankBin, nothing())
        .col_expr(ticket_cancellations::Column::AccountNumber, nothing())
        .col_expr(ticket_cancellations::Column::AccountHolder, nothing())
        .filter(is_any(tx, ticket_cancellations::Column::OrderId, orders()))
        .exec(tx)
        .await?;
    // Check-in holds no order, and locks tickets in the order of their ids.
    super::ticket::lock_of_orders(tx, of_them.iter().copied()).await?;
    tickets::Entity::update_many()
        .col_expr(tickets::Column::GuestName, nothing())
        .filter(is_any(tx, tickets::Column::OrderId, orders()))
        .exec(tx)
        .await?;
    voucher_uses::Entity::update_many()
        .col_expr(voucher_uses::Column::BuyerId, Expr::value(Option::<uuid::Uuid>::None))
        .col_expr(voucher_uses::Column::PhoneDigest, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(voucher_uses::Column::EmailDigest, Expr::value(Option::<Vec<u8>>::None))
        .filter(is_any(tx, voucher_uses::Column::CheckoutId, checkouts()))
        .exec(tx)
        .await?;
    Ok(())
}
