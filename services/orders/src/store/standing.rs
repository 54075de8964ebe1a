//! Where checkouts and bookings stand, as payments and catalog must know them: for `chonoi doctor`, which
//! compares what each service says of itself.

use std::collections::{HashMap, HashSet};

use kernel::{BookingId, CheckoutId, OrderId, PaymentId, RefundId, ShopId};
use platform::bulk::is_any;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::{bookings, checkouts, orders, ticket_cancellations, unsold_orders};
use super::return_entities::order_returns;
use crate::domain::booking::BookingStatus;
use crate::domain::checkout::{CheckoutStatus, PayWith};
use crate::domain::order::OrderStatus;

/// A checkout, as payments and catalog must know it.
#[derive(Clone, Debug)]
pub struct CheckoutStanding {
    /// Its id, under which catalog holds and sells.
    pub id: CheckoutId,
    /// The payment that its shopper was shown.
    pub payment: Option<PaymentId>,
    /// What it asks for, in minor units.
    pub total_minor: i64,
    /// Its orders that cost something, by their ids: order, shop, and how much in minor units.
    pub parts: Vec<(OrderId, ShopId, i64)>,
    /// Whether a payment must have succeeded: it is paid, or owes money that came, and no reseller is
    /// invoiced for it.
    pub paid: bool,
    /// Whether orders heard that money came, whatever became of it.
    pub heard_of_money: bool,
    /// Whether catalog must have sold what it held.
    pub sold: bool,
    /// Whether catalog may have: a person may have taken back what had paid it.
    pub may_be_sold: bool,
    /// Refunds that orders had payments make, each with its order.
    pub refunds: Vec<(RefundId, OrderId)>,
}

/// A booking whose seats are sold, or may be.
#[derive(Clone, Debug)]
pub struct BookingStanding {
    /// Its id.
    pub id: BookingId,
    /// What catalog knows its hold by.
    pub hold: String,
    /// Whether its seats must be sold.
    pub sold: bool,
    /// Whether they may be.
    pub may_be_sold: bool,
}

/// The next checkouts behind one, in the order of their ids.
pub async fn checkouts_after(
    db: &impl ConnectionTrait,
    after: Option<CheckoutId>,
    limit: u64,
) -> Result<Vec<CheckoutStanding>, DbErr> {
    use checkouts::{Column, Entity};
    let mut select = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    let rows = select.all(db).await?;
    standings(db, rows).await
}

/// Checkouts by their ids, in no order.
pub async fn checkouts_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<CheckoutId>,
) -> Result<Vec<CheckoutStanding>, DbErr> {
    let ids = ids.into_iter().map(CheckoutId::uuid).collect();
    let named = is_any(db, checkouts::Column::Id, ids);
    let rows = checkouts::Entity::find().filter(named).all(db).await?;
    standings(db, rows).await
}

async fn standings(
    db: &impl ConnectionTrait,
    rows: Vec<checkouts::Model>,
) -> Result<Vec<CheckoutStanding>, DbErr> {
    let ids = rows.iter().map(|row| row.id).collect();
    let found = orders::Entity::find()
        .filter(is_any(db, orders::Column::CheckoutId, ids))
        .order_by_asc(orders::Column::Id)
        .all(db)
        .await?;
    let order_ids: Vec<Uuid> = found.iter().map(|order| order.id).collect();
    let unsold = unsold_orders::Entity::find()
        .filter(is_any(db, unsold_orders::Column::OrderId, order_ids.clone()))
        .all(db)
        .await?;
    let unsold_ids: HashSet<Uuid> = unsold.iter().map(|row| row.order_id).collect();
    let mut refunds: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    let mut note = |order: Uuid, refund: Option<Uuid>| {
        refunds.entry(order).or_default().extend(refund);
    };
    for row in unsold {
        note(row.order_id, row.refund_id);
    }
    let returns = order_returns::Entity::find()
        .filter(is_any(db, order_returns::Column::OrderId, order_ids.clone()))
        .all(db)
        .await?;
    for row in returns {
        note(row.order_id, row.refund_id);
    }
    let cancellations = ticket_cancellations::Entity::find()
        .filter(is_any(db, ticket_cancellations::Column::OrderId, order_ids))
        .all(db)
        .await?;
    for row in cancellations {
        note(row.order_id, row.refund_id);
    }
    let mut of_checkouts: HashMap<Uuid, Vec<orders::Model>> = HashMap::with_capacity(rows.len());
    for order in found {
        of_checkouts.entry(order.checkout_id).or_default().push(order);
    }
    let standing = |row: checkouts::Model| {
        let own = of_checkouts.remove(&row.id).unwrap_or_default();
        standing_of(&row, &own, &unsold_ids, &refunds)
    };
    Ok(rows.into_iter().map(standing).collect())
}

fn standing_of(
    row: &checkouts::Model,
    own: &[orders::Model],
    unsold: &HashSet<Uuid>,
    refunds: &HashMap<Uuid, Vec<Uuid>>,
) -> CheckoutStanding {
    let paid = row.status == CheckoutStatus::Paid.name();
    let due = own.iter().any(|order| order.status == OrderStatus::RefundDue.name());
    let unsold = own.iter().any(|order| unsold.contains(&order.id));
    let invoiced = row.pay_with == PayWith::Invoiced.name();
    let part = |order: &orders::Model| {
        (OrderId::from_uuid(order.id), ShopId::from_uuid(order.shop_id), order.total_minor)
    };
    let refunds_of = |order: &orders::Model| {
        let ids = refunds.get(&order.id).cloned().unwrap_or_default();
        let order = OrderId::from_uuid(order.id);
        ids.into_iter().map(move |id| (RefundId::from_uuid(id), order))
    };
    CheckoutStanding {
        id: CheckoutId::from_uuid(row.id),
        payment: row.payment_id.map(PaymentId::from_uuid),
        total_minor: row.total_minor,
        parts: own.iter().filter(|order| order.total_minor > 0).map(part).collect(),
        paid: (paid || due) && !invoiced,
        heard_of_money: paid || due || unsold || row.paid_at.is_some(),
        sold: paid && !due && !unsold && !invoiced,
        may_be_sold: paid || row.reopened_at.is_some(),
        refunds: own.iter().flat_map(refunds_of).collect(),
    }
}

/// The next bookings behind one, in the order of their ids.
pub async fn bookings_after(
    db: &impl ConnectionTrait,
    after: Option<BookingId>,
    limit: u64,
) -> Result<Vec<BookingStanding>, DbErr> {
    use bookings::{Column, Entity};
    let mut select = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    Ok(select.all(db).await?.into_iter().map(booking_of).collect())
}

/// Bookings by what catalog knows their holds by, in no order.
pub async fn bookings_by_holds(
    db: &impl ConnectionTrait,
    holds: Vec<String>,
) -> Result<Vec<BookingStanding>, DbErr> {
    let named = is_any(db, bookings::Column::HoldReference, holds);
    Ok(bookings::Entity::find().filter(named).all(db).await?.into_iter().map(booking_of).collect())
}

fn booking_of(row: bookings::Model) -> BookingStanding {
    let is = |status: BookingStatus| row.status == status.name();
    let sold = is(BookingStatus::Confirmed) || is(BookingStatus::Cancelling);
    BookingStanding {
        id: BookingId::from_uuid(row.id),
        sold,
        may_be_sold: sold || is(BookingStatus::Confirming) || is(BookingStatus::Cancelled),
        hold: row.hold_reference,
    }
}
