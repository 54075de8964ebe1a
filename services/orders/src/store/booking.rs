//! Bookings and their units.

use std::collections::HashMap;

use kernel::{
    BookingId, DepartureId, Money, OrderId, ProductId, ResellerId, ShopId, TicketId, Timestamp,
    VariantId,
};
use platform::bulk;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::entities::bookings::{Column, Entity, Model};
use super::entities::{booking_units, orders};
use super::{corrupt, money_of, postponement};
use crate::domain::booking::{Booking, BookingContact, BookingStatus, BookingUnit, RefundKind};

/// Inserts a booking with its units.
pub async fn insert(tx: &impl ConnectionTrait, booking: &Booking) -> Result<(), DbErr> {
    Entity::insert(row_of(booking)?.into_active_model()).exec_without_returning(tx).await?;
    insert_units(tx, booking).await
}

/// Writes a booking as it is now, with its units.
pub async fn update(tx: &impl ConnectionTrait, booking: &Booking) -> Result<(), DbErr> {
    row_of(booking)?.into_active_model().reset_all().update(tx).await?;
    remove_units(tx, booking.id).await?;
    insert_units(tx, booking).await
}

/// Removes a booking as if it had never been.
pub async fn remove(tx: &impl ConnectionTrait, id: BookingId) -> Result<(), DbErr> {
    remove_units(tx, id).await?;
    Entity::delete_by_id(id.uuid()).exec(tx).await?;
    Ok(())
}

/// A reseller's booking by the reseller's id of it.
pub async fn by_uuid(
    db: &impl ConnectionTrait,
    reseller: ResellerId,
    uuid: &str,
) -> Result<Option<Booking>, DbErr> {
    let select =
        Entity::find().filter(Column::ResellerId.eq(reseller.uuid())).filter(Column::Uuid.eq(uuid));
    Ok(whole(db, select).await?.pop())
}

/// A booking, locked.
pub async fn lock(tx: &impl ConnectionTrait, id: BookingId) -> Result<Option<Booking>, DbErr> {
    Ok(whole(tx, Entity::find_by_id(id.uuid()).lock_exclusive()).await?.pop())
}

/// The booking that an order was made of.
pub async fn of_order(tx: &impl ConnectionTrait, order: OrderId) -> Result<Option<Booking>, DbErr> {
    let select = Entity::find().filter(Column::OrderId.eq(order.uuid())).lock_exclusive();
    Ok(whole(tx, select).await?.pop())
}

/// What bookings are looked for by; nothing given: all of the reseller.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    /// The reseller's number.
    pub reseller_reference: Option<String>,
    /// The order's number.
    pub supplier_reference: Option<String>,
    /// Departures that start from this moment on.
    pub from: Option<Timestamp>,
    /// Departures that start before this moment.
    pub before: Option<Timestamp>,
    /// The tour.
    pub product: Option<ProductId>,
    /// The option.
    pub option_code: Option<String>,
}

/// A reseller's bookings, the newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    reseller: ResellerId,
    filter: &BookingFilter,
    limit: u64,
) -> Result<Vec<Booking>, DbErr> {
    let mut select = Entity::find().filter(Column::ResellerId.eq(reseller.uuid()));
    if let Some(reference) = &filter.reseller_reference {
        select = select.filter(Column::ResellerReference.eq(reference));
    }
    if let Some(number) = &filter.supplier_reference {
        let numbered = Query::select()
            .column(orders::Column::Id)
            .from(orders::Entity)
            .and_where(orders::Column::Number.eq(number))
            .take();
        select = select.filter(Column::OrderId.in_subquery(numbered));
    }
    if let Some(from) = filter.from {
        select = select.filter(Column::StartsAt.gte(from.micros()));
    }
    if let Some(before) = filter.before {
        select = select.filter(Column::StartsAt.lt(before.micros()));
    }
    if let Some(product) = filter.product {
        select = select.filter(Column::ProductId.eq(product.uuid()));
    }
    if let Some(option) = &filter.option_code {
        select = select.filter(Column::OptionCode.eq(option));
    }
    whole(db, select.order_by_desc(Column::Id).limit(limit)).await
}

/// Bookings whose time went by before a moment and that were not confirmed.
pub async fn expired(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<Booking>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.is_in(["reserving", "on_hold"]))
        .filter(Column::ExpiresAt.lt(before.micros()))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit);
    whole(db, select).await
}

/// Bookings whose confirmation was begun before a moment and is still under way.
pub async fn confirming(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<Booking>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.eq("confirming"))
        .filter(Column::UpdatedAt.lt(before.micros()))
        .order_by_asc(Column::UpdatedAt)
        .limit(limit);
    whole(db, select).await
}

/// Of the bookings that are being confirmed those that a sweeper should resume now.
pub async fn to_resume(
    db: &impl ConnectionTrait,
    before: Timestamp,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Booking>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.eq("confirming"))
        .filter(Column::UpdatedAt.lt(before.micros()))
        .filter(Column::Id.not_in_subquery(postponement::waiting(now)))
        .order_by_asc(Column::UpdatedAt)
        .limit(limit);
    whole(db, select).await
}

/// Bookings of departures that do not happen, for which seats are held.
pub async fn held_on(
    db: &impl ConnectionTrait,
    departures: impl IntoIterator<Item = DepartureId>,
    limit: u64,
) -> Result<Vec<Booking>, DbErr> {
    let select = Entity::find()
        .filter(Column::DepartureId.is_in(departures.into_iter().map(|id| id.uuid())))
        .filter(Column::Status.is_in(["reserving", "on_hold"]))
        .limit(limit);
    whole(db, select).await
}

/// Writes that the bookings of an order are for another departure.
pub async fn set_departure(
    tx: &impl ConnectionTrait,
    order: OrderId,
    departure: DepartureId,
    starts_at: Timestamp,
    ends_at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DepartureId, Expr::value(departure.uuid()))
        .col_expr(Column::StartsAt, Expr::value(starts_at.micros()))
        .col_expr(Column::EndsAt, Expr::value(ends_at.micros()))
        .filter(Column::OrderId.eq(order.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn insert_units(tx: &impl ConnectionTrait, booking: &Booking) -> Result<(), DbErr> {
    let units = booking.units.iter().zip(0..).map(|(unit, place)| {
        Ok(booking_units::Model {
            booking_id: booking.id.uuid(),
            place,
            uuid: unit.uuid.clone(),
            ticket_code: unit.ticket_code.clone(),
            variant_id: unit.variant.uuid(),
            price_minor: unit.price.minor,
            reseller_reference: unit.reseller_reference.clone(),
            guest_name: unit.guest_name.clone(),
            contact: written(&unit.contact)?,
            ticket_id: unit.ticket.map(|id| id.uuid()),
        })
    });
    bulk::insert(tx, units.collect::<Result<Vec<_>, DbErr>>()?).await
}

async fn remove_units(tx: &impl ConnectionTrait, id: BookingId) -> Result<(), DbErr> {
    booking_units::Entity::delete_many()
        .filter(booking_units::Column::BookingId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn whole(db: &impl ConnectionTrait, select: Select<Entity>) -> Result<Vec<Booking>, DbErr> {
    let rows = select.all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let units = booking_units::Entity::find()
        .filter(booking_units::Column::BookingId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(booking_units::Column::Place)
        .all(db)
        .await?;
    let mut units_of: HashMap<Uuid, Vec<booking_units::Model>> = HashMap::new();
    for unit in units {
        units_of.entry(unit.booking_id).or_default().push(unit);
    }
    rows.into_iter()
        .map(|row| {
            let units = units_of.remove(&row.id).unwrap_or_default();
            booking_of(row, units)
        })
        .collect()
}

fn written(contact: &BookingContact) -> Result<String, DbErr> {
    serde_json::to_string(contact).map_err(|error| DbErr::Custom(error.to_string()))
}

fn read(contact: &str) -> Result<BookingContact, DbErr> {
    serde_json::from_str(contact).map_err(|_| corrupt("a contact"))
}

fn row_of(booking: &Booking) -> Result<Model, DbErr> {
    Ok(Model {
        id: booking.id.uuid(),
        reseller_id: booking.reseller.uuid(),
        shop_id: booking.shop.uuid(),
        uuid: booking.uuid.clone(),
        request_hash: booking.request_hash.clone(),
        status: booking.status.name().to_owned(),
        product_id: booking.product.uuid(),
        option_code: booking.option_code.clone(),
        departure_id: booking.departure.uuid(),
        starts_at: booking.starts_at.micros(),
        ends_at: booking.ends_at.micros(),
        hold_reference: booking.hold_reference.clone(),
        offers: booking.offers.clone(),
        total_minor: booking.total.minor,
        currency: booking.total.currency.code().to_owned(),
        reseller_reference: booking.reseller_reference.clone(),
        notes: booking.notes.clone(),
        contact: written(&booking.contact)?,
        order_id: booking.order.map(|id| id.uuid()),
        cancellation_reason: booking.cancellation_reason.clone(),
        cancellation_refund: booking.cancellation_refund.map(|kind| kind.name().to_owned()),
        created_at: booking.created_at.micros(),
        updated_at: booking.updated_at.micros(),
        expires_at: booking.expires_at.micros(),
        confirmed_at: booking.confirmed_at.map(Timestamp::micros),
        cancelled_at: booking.cancelled_at.map(Timestamp::micros),
    })
}

fn booking_of(row: Model, units: Vec<booking_units::Model>) -> Result<Booking, DbErr> {
    let status = BookingStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let total = money_of(row.total_minor, &row.currency)?;
    let refund = row.cancellation_refund.map(|name| {
        let kind = RefundKind::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or_else(|| corrupt("a kind of refund"))
    });
    let units = units.into_iter().map(|unit| {
        Ok(BookingUnit {
            uuid: unit.uuid,
            ticket_code: unit.ticket_code,
            variant: VariantId::from_uuid(unit.variant_id),
            price: Money::new(unit.price_minor, total.currency),
            reseller_reference: unit.reseller_reference,
            guest_name: unit.guest_name,
            contact: read(&unit.contact)?,
            ticket: unit.ticket_id.map(TicketId::from_uuid),
        })
    });
    Ok(Booking {
        id: BookingId::from_uuid(row.id),
        reseller: ResellerId::from_uuid(row.reseller_id),
        shop: ShopId::from_uuid(row.shop_id),
        uuid: row.uuid,
        request_hash: row.request_hash,
        status: status.ok_or_else(|| corrupt("a booking status"))?,
        product: ProductId::from_uuid(row.product_id),
        option_code: row.option_code,
        departure: DepartureId::from_uuid(row.departure_id),
        starts_at: Timestamp::from_micros(row.starts_at),
        ends_at: Timestamp::from_micros(row.ends_at),
        hold_reference: row.hold_reference,
        offers: row.offers,
        total,
        reseller_reference: row.reseller_reference,
        notes: row.notes,
        contact: read(&row.contact)?,
        order: row.order_id.map(OrderId::from_uuid),
        cancellation_reason: row.cancellation_reason,
        cancellation_refund: refund.transpose()?,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
        cancelled_at: row.cancelled_at.map(Timestamp::from_micros),
        units: units.collect::<Result<_, DbErr>>()?,
    })
}
