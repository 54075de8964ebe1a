//! Checkouts and what was asked for in them.

use kernel::{CartId, CheckoutId, Money, PaymentId, Timestamp, UserId, VariantId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entities::checkout_lines;
use super::entities::checkouts::{Column, Entity, Model};
use super::{corrupt, moment_of, money_of};
use crate::domain::checkout::{Checkout, CheckoutLine, CheckoutStatus, PayWith};
use crate::domain::contact::{Contact, Delivery, DeliveryMethod};

/// The statuses in which a checkout keeps its cart to itself.
const OPEN: [&str; 3] = ["starting", "awaiting_payment", "paid"];

/// How a checkout was asked for: its key and a hash of the request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of the request.
    pub request_hash: Vec<u8>,
}

/// Inserts a checkout with what is wanted.
pub async fn insert(
    tx: &impl ConnectionTrait,
    checkout: &Checkout,
    asked: &Asked,
    lines: &[CheckoutLine],
) -> Result<(), DbErr> {
    let row = Model {
        id: checkout.id.uuid(),
        cart_id: checkout.cart.uuid(),
        idempotency_key: asked.key.clone(),
        request_hash: asked.request_hash.clone(),
        buyer_id: checkout.buyer.map(UserId::uuid),
        status: checkout.status.name().to_owned(),
        contact_name: checkout.contact.name.clone(),
        contact_phone: checkout.contact.phone.clone(),
        contact_email: checkout.contact.email.clone(),
        delivery_method: checkout.delivery.method.name().to_owned(),
        ward_code: checkout.delivery.ward_code.clone(),
        address: checkout.delivery.address.clone(),
        note: checkout.delivery.note.clone(),
        pay_with: checkout.pay_with.name().to_owned(),
        total_minor: checkout.total.minor,
        currency: checkout.total.currency.code().to_owned(),
        payment_id: None,
        created_at: checkout.created_at.micros(),
        expires_at: checkout.expires_at.micros(),
        paid_at: checkout.paid_at.map(Timestamp::micros),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let rows = lines.iter().map(|line| {
        checkout_lines::Model {
            checkout_id: checkout.id.uuid(),
            variant_id: line.variant.uuid(),
            quantity: line.quantity,
        }
        .into_active_model()
    });
    checkout_lines::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The checkouts of a cart that are open or were asked for with a key.
pub async fn open_or_asked(
    tx: &impl ConnectionTrait,
    cart: CartId,
    key: &str,
) -> Result<Vec<(Checkout, Asked)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::CartId.eq(cart.uuid()))
        .filter(Column::Status.is_in(OPEN).or(Column::IdempotencyKey.eq(key)))
        .all(tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            let asked =
                Asked { key: row.idempotency_key.clone(), request_hash: row.request_hash.clone() };
            Ok((checkout_of(row)?, asked))
        })
        .collect()
}

/// Whether a checkout of a cart is open or paid.
pub async fn any_open(db: &impl ConnectionTrait, cart: CartId) -> Result<bool, DbErr> {
    let open =
        Entity::find().filter(Column::CartId.eq(cart.uuid())).filter(Column::Status.is_in(OPEN));
    Ok(open.count(db).await? > 0)
}

/// What is wanted in a checkout, in the order of the variants' ids.
pub async fn lines(db: &impl ConnectionTrait, id: CheckoutId) -> Result<Vec<CheckoutLine>, DbErr> {
    let rows = checkout_lines::Entity::find()
        .filter(checkout_lines::Column::CheckoutId.eq(id.uuid()))
        .order_by_asc(checkout_lines::Column::VariantId)
        .all(db)
        .await?;
    let line = |row: checkout_lines::Model| CheckoutLine {
        variant: VariantId::from_uuid(row.variant_id),
        quantity: row.quantity,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// A checkout.
pub async fn by_id(db: &impl ConnectionTrait, id: CheckoutId) -> Result<Option<Checkout>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await?.map(checkout_of).transpose()
}

/// Checkouts by their ids, in no order.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CheckoutId>,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.into_iter().map(|id| id.uuid())))
        .all(db)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

/// Checkouts, locked in the order of their ids.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CheckoutId>,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

/// The second transaction of a checkout: what it costs and how it is paid.
pub async fn await_payment(
    tx: &impl ConnectionTrait,
    id: CheckoutId,
    total: Money,
    payment: PaymentId,
    status: CheckoutStatus,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .col_expr(Column::TotalMinor, Expr::value(total.minor))
        .col_expr(Column::Currency, Expr::value(total.currency.code()))
        .col_expr(Column::PaymentId, Expr::value(payment.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Sets the status of checkouts.
pub async fn set_status(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CheckoutId>,
    status: CheckoutStatus,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .filter(Column::Id.is_in(ids.into_iter().map(|id| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that checkouts are paid, each since its own moment.
pub async fn set_paid(
    tx: &impl ConnectionTrait,
    paid: &[(CheckoutId, Timestamp)],
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(CheckoutStatus::Paid.name()))
        .col_expr(Column::PaidAt, moment_of(Column::Id, paid))
        .filter(Column::Id.is_in(paid.iter().map(|(id, _)| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that money came for a checkout whose orders are not written yet.
pub async fn note_paid_early(
    tx: &impl ConnectionTrait,
    id: CheckoutId,
    at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PaidAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Checkouts that were begun before a moment and are still starting.
pub async fn stuck(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq("starting"))
        .filter(Column::CreatedAt.lt(before.micros()))
        .order_by_asc(Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

/// Checkouts whose time went by before a moment and of which nothing was heard.
pub async fn silent(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq("awaiting_payment"))
        .filter(Column::ExpiresAt.lt(before.micros()))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

fn checkout_of(row: Model) -> Result<Checkout, DbErr> {
    let status = CheckoutStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let pay_with = PayWith::ALL.into_iter().find(|way| way.name() == row.pay_with);
    let method =
        DeliveryMethod::ALL.into_iter().find(|method| method.name() == row.delivery_method);
    Ok(Checkout {
        id: CheckoutId::from_uuid(row.id),
        cart: CartId::from_uuid(row.cart_id),
        buyer: row.buyer_id.map(UserId::from_uuid),
        status: status.ok_or_else(|| corrupt("a checkout status"))?,
        contact: Contact {
            name: row.contact_name,
            phone: row.contact_phone,
            email: row.contact_email,
        },
        delivery: Delivery {
            method: method.ok_or_else(|| corrupt("a delivery method"))?,
            ward_code: row.ward_code,
            address: row.address,
            note: row.note,
        },
        pay_with: pay_with.ok_or_else(|| corrupt("a way to pay"))?,
        total: money_of(row.total_minor, &row.currency)?,
        payment: row.payment_id.map(PaymentId::from_uuid),
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        paid_at: row.paid_at.map(Timestamp::from_micros),
    })
}
