//! Checkouts and what was asked for in them.

use std::collections::{HashMap, HashSet};

use kernel::{
    BuyerScope, CartId, CheckoutId, PageRequest, PaymentId, Timestamp, UserId, VariantId,
};
use platform::bulk::{self, is_any};
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entities::checkouts::{Column, Entity, Model};
use super::entities::{checkout_lines, orders, tickets};
use super::{claim, corrupt, money_of, postponement};
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

/// Inserts checkouts with what is wanted in each: two statements, however many there are.
pub async fn insert(
    tx: &impl ConnectionTrait,
    checkouts: &[(Checkout, Asked, Vec<CheckoutLine>)],
) -> Result<(), DbErr> {
    let rows = checkouts.iter().map(|(checkout, asked, _)| row_of(checkout, asked));
    bulk::insert(tx, rows.collect::<Vec<_>>()).await?;
    let lines = checkouts.iter().flat_map(|(checkout, _, lines)| {
        lines.iter().map(|line| checkout_lines::Model {
            checkout_id: checkout.id.uuid(),
            variant_id: line.variant.uuid(),
            quantity: line.quantity,
        })
    });
    bulk::insert(tx, lines.collect::<Vec<_>>()).await
}

fn row_of(checkout: &Checkout, asked: &Asked) -> Model {
    Model {
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
        claim_token: claim::written(checkout.claim),
        locale: checkout.locale.tag().to_owned(),
        reopened_at: checkout.reopened_at.map(Timestamp::micros),
        voucher_count: checkout.vouchers as i32,
        extended_at: checkout.extended_at.map(Timestamp::micros),
    }
}

/// The checkouts of carts that are open or were asked for with any of some keys.
pub async fn open_or_asked<'a>(
    tx: &impl ConnectionTrait,
    carts: &[CartId],
    keys: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<CartId, Vec<(Checkout, Asked)>>, DbErr> {
    let asked = is_any(tx, Column::IdempotencyKey, keys.into_iter().collect());
    let rows = Entity::find()
        .filter(is_any(tx, Column::CartId, carts.iter().map(|cart| cart.uuid()).collect()))
        .filter(Column::Status.is_in(OPEN).or(asked))
        .all(tx)
        .await?;
    let mut known: HashMap<CartId, Vec<(Checkout, Asked)>> = HashMap::new();
    for row in rows {
        let asked =
            Asked { key: row.idempotency_key.clone(), request_hash: row.request_hash.clone() };
        let checkout = checkout_of(row)?;
        known.entry(checkout.cart).or_default().push((checkout, asked));
    }
    Ok(known)
}

/// Those of some carts of which a checkout is open or paid.
pub async fn with_open(
    db: &impl ConnectionTrait,
    carts: &[CartId],
) -> Result<HashSet<CartId>, DbErr> {
    if carts.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::CartId)
        .filter(is_any(db, Column::CartId, carts.iter().map(|cart| cart.uuid()).collect()))
        .filter(Column::Status.is_in(OPEN))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(CartId::from_uuid).collect())
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
        .filter(is_any(db, Column::Id, ids.into_iter().map(|id| id.uuid()).collect()))
        .all(db)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

/// A page of what somebody bought while signed in, the newest first.
pub async fn page_of_buyer(
    db: &impl ConnectionTrait,
    scope: BuyerScope,
    request: &PageRequest<Uuid>,
) -> Result<Vec<Checkout>, DbErr> {
    page_where(db, scope.user(), None, request).await
}

/// A page of those of a buyer's checkouts for which something more holds, if anything is said.
pub(super) async fn page_where(
    db: &impl ConnectionTrait,
    buyer: UserId,
    more: Option<SimpleExpr>,
    request: &PageRequest<Uuid>,
) -> Result<Vec<Checkout>, DbErr> {
    let mut select = Entity::find().filter(Column::BuyerId.eq(buyer.uuid()));
    if let Some(more) = more {
        select = select.filter(more);
    }
    let rows = newest_first(select, Column::Id, request).all(db).await?;
    rows.into_iter().map(checkout_of).collect()
}

/// Checkouts, locked in the order of their ids.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CheckoutId>,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(is_any(tx, Column::Id, ids.into_iter().map(|id| id.uuid()).collect()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

/// The second transaction of checkouts: what each costs and how it is paid. Those that were paid
/// meanwhile are paid, the others wait.
pub async fn await_payment(tx: &impl ConnectionTrait, checkouts: &[Checkout]) -> Result<(), DbErr> {
    let reached = checkouts.iter().map(|checkout| {
        vec![
            checkout.id.uuid().into(),
            checkout.status.name().into(),
            checkout.total.minor.into(),
            checkout.total.currency.code().into(),
            checkout.payment.map(PaymentId::uuid).into(),
        ]
    });
    let set = "status = v1, total_minor = v2, currency = v3, payment_id = v4";
    let update = bulk::Update { table: "checkouts", key: "id", set, only: None };
    update.run(tx, reached.collect()).await
}

/// Sets the status of checkouts.
pub async fn set_status(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CheckoutId>,
    status: CheckoutStatus,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .filter(is_any(tx, Column::Id, ids.into_iter().map(|id| id.uuid()).collect()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that checkouts are paid, each since its own moment.
pub async fn set_paid(
    tx: &impl ConnectionTrait,
    paid: &[(CheckoutId, Timestamp)],
) -> Result<(), DbErr> {
    let rows = paid.iter().map(|(id, at)| vec![id.uuid().into(), at.micros().into()]);
    let paid = CheckoutStatus::Paid.name();
    let set = format!("status = '{paid}', paid_at = v1, reopened_at = NULL");
    let update = bulk::Update { table: "checkouts", key: "id", set: &set, only: None };
    update.run(tx, rows.collect()).await
}

/// Writes that what had paid checkouts was taken back: until a moment they wait to be paid again.
pub async fn reopen(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CheckoutId>,
    at: Timestamp,
    until: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(CheckoutStatus::AwaitingPayment.name()))
        .col_expr(Column::PaidAt, Expr::value(None::<i64>))
        .col_expr(Column::ReopenedAt, Expr::value(at.micros()))
        .col_expr(Column::ExpiresAt, Expr::value(until.micros()))
        .filter(is_any(tx, Column::Id, ids.into_iter().map(|id| id.uuid()).collect()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes until when a checkout can be paid now, and when it was given that.
pub async fn extend(
    tx: &impl ConnectionTrait,
    id: CheckoutId,
    until: Timestamp,
    at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(until.micros()))
        .col_expr(Column::ExtendedAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that the money which came early for a checkout was taken back.
pub async fn forget_paid_early(tx: &impl ConnectionTrait, id: CheckoutId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PaidAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Checkouts that nobody paid again in time, and of which nothing was handed over.
pub async fn not_paid_again(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Checkout>, DbErr> {
    let kept = Query::select()
        .expr(Expr::value(1))
        .from(orders::Entity)
        .left_join(
            tickets::Entity,
            Expr::col((tickets::Entity, tickets::Column::OrderId))
                .equals((orders::Entity, orders::Column::Id)),
        )
        .and_where(
            Expr::col((orders::Entity, orders::Column::CheckoutId)).equals((Entity, Column::Id)),
        )
        .cond_where(
            Condition::any()
                .add(orders::Column::FulfilledAt.is_not_null())
                .add(tickets::Column::RedeemedAt.is_not_null()),
        )
        .take();
    let rows = Entity::find()
        .filter(Column::Status.eq("awaiting_payment"))
        .filter(Column::ReopenedAt.is_not_null())
        .filter(Column::ExpiresAt.lt(now.micros()))
        .filter(Expr::exists(kept).not())
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(checkout_of).collect()
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

/// Of the checkouts that are stuck those that a sweeper should resume now.
pub async fn to_resume(
    db: &impl ConnectionTrait,
    before: Timestamp,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq("starting"))
        .filter(Column::CreatedAt.lt(before.micros()))
        .filter(Column::Id.not_in_subquery(postponement::waiting(now)))
        .order_by_asc(Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(checkout_of).collect()
}

/// Checkouts whose time went by before a moment and of which nothing was heard; not those of which
/// payments was asked a short while ago.
pub async fn silent(
    db: &impl ConnectionTrait,
    before: Timestamp,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Checkout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq("awaiting_payment"))
        .filter(Column::ReopenedAt.is_null())
        .filter(Column::ExpiresAt.lt(before.micros()))
        .filter(Column::Id.not_in_subquery(postponement::waiting(now)))
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
        claim: claim::read(&row.claim_token),
        locale: row.locale.parse().map_err(|()| corrupt("a language"))?,
        reopened_at: row.reopened_at.map(Timestamp::from_micros),
        extended_at: row.extended_at.map(Timestamp::from_micros),
        vouchers: u32::try_from(row.voucher_count).map_err(|_| corrupt("a count of vouchers"))?,
    })
}
