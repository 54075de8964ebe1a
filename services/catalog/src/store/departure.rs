//! Departures: reading them, and moving their seats.

use std::collections::BTreeSet;

use kernel::{DepartureId, ProductId, ShopId, ShopScope, Timestamp, VariantId};
use platform::bulk::is_any;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::entities::departures::{Column, Entity, Model};
use crate::domain::departure::{Departure, DepartureStatus, departures_of};
use crate::domain::seats::Seats;

/// Rows in one statement: 16 columns of each must stay below SQLite's 32,766 values.
const CHUNK: usize = 500;

/// Microseconds since the epoch as minutes of the day, seven hours ahead of UTC; never negative, as
/// departures are scheduled for the future.
const MINUTE_OF_DAY: &str = "(starts_at / 60000000 + 420) % 1440";

/// Inserts departures that are not there yet; a start that is there stays as it is.
pub async fn insert_new(
    tx: &impl ConnectionTrait,
    departures: &[Departure],
    now: Timestamp,
) -> Result<(), DbErr> {
    for chunk in departures.chunks(CHUNK) {
        let rows = chunk.iter().map(|departure| row_of(departure, now));
        let rows = rows.map(|row| Ok(row?.into_active_model()));
        let rows: Vec<_> = rows.collect::<Result<_, DbErr>>()?;
        Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Departures by their ids, in the order of their ids, which is that of their starts.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = DepartureId>,
) -> Result<Vec<Departure>, DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().map(DepartureId::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows =
        Entity::find().filter(is_any(db, Column::Id, ids)).order_by_asc(Column::Id).all(db).await?;
    rows.into_iter().map(departure_of).collect()
}

/// The departures on which variant ids may be something.
pub async fn of_variants(
    db: &impl ConnectionTrait,
    variants: impl IntoIterator<Item = VariantId>,
) -> Result<Vec<Departure>, DbErr> {
    let Some(condition) = between(variants) else { return Ok(Vec::new()) };
    let rows = Entity::find().filter(condition).order_by_asc(Column::Id).all(db).await?;
    rows.into_iter().map(departure_of).collect()
}

/// The same, locked in the order of their ids.
pub async fn lock_of_variants(
    tx: &impl ConnectionTrait,
    variants: impl IntoIterator<Item = VariantId>,
) -> Result<Vec<Departure>, DbErr> {
    let Some(condition) = between(variants) else { return Ok(Vec::new()) };
    let rows =
        Entity::find().filter(condition).order_by_asc(Column::Id).lock_exclusive().all(tx).await?;
    rows.into_iter().map(departure_of).collect()
}

fn between(variants: impl IntoIterator<Item = VariantId>) -> Option<Condition> {
    let ranges: BTreeSet<(Uuid, Uuid)> = variants.into_iter().map(departures_of).collect();
    if ranges.is_empty() {
        return None;
    }
    let any = Condition::any();
    Some(
        ranges.into_iter().fold(any, |any, (first, last)| any.add(Column::Id.between(first, last))),
    )
}

/// Departures, locked in the order of their ids.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = DepartureId>,
) -> Result<Vec<Departure>, DbErr> {
    let ids: BTreeSet<Uuid> = ids.into_iter().map(DepartureId::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(is_any(tx, Column::Id, ids.into_iter().collect()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(departure_of).collect()
}

/// A shop's departure, locked; `None` if it is not the shop's.
pub async fn lock_of_shop(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: DepartureId,
) -> Result<Option<Departure>, DbErr> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .lock_exclusive()
        .one(tx)
        .await?;
    row.map(departure_of).transpose()
}

/// Departures of a tour that start in a time, the end not included, in the order of their starts.
pub async fn of_product(
    db: &impl ConnectionTrait,
    product: ProductId,
    from: Timestamp,
    to: Timestamp,
    limit: u64,
) -> Result<Vec<Departure>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ProductId.eq(product.uuid()))
        .filter(Column::StartsAt.gte(from.micros()))
        .filter(Column::StartsAt.lt(to.micros()))
        .order_by_asc(Column::StartsAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(departure_of).collect()
}

/// The same of all tours of a shop.
pub async fn of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    from: Timestamp,
    to: Timestamp,
    limit: u64,
) -> Result<Vec<Departure>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::StartsAt.gte(from.micros()))
        .filter(Column::StartsAt.lt(to.micros()))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(departure_of).collect()
}

/// The minutes of the day in Vietnam at which open departures yet to come begin, each once a tour, in
/// their order.
pub async fn start_minutes(
    db: &impl ConnectionTrait,
    products: &[ProductId],
    now: Timestamp,
) -> Result<Vec<(ProductId, i64)>, DbErr> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .column(Column::ProductId)
        .expr_as(Expr::cust(MINUTE_OF_DAY), "minute_of_day")
        .distinct()
        .filter(Column::ProductId.is_in(products.iter().map(|product| product.uuid())))
        .filter(Column::Status.eq(DepartureStatus::Open.name()))
        .filter(Column::StartsAt.gt(now.micros()))
        .into_tuple()
        .all(db)
        .await?;
    rows.sort_unstable();
    Ok(rows.into_iter().map(|(id, minute)| (ProductId::from_uuid(id), minute)).collect())
}

/// The open departures of a tour that start in a time, locked in the order of their ids.
pub async fn lock_open_of_product(
    tx: &impl ConnectionTrait,
    product: ProductId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Departure>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ProductId.eq(product.uuid()))
        .filter(Column::StartsAt.gte(from.micros()))
        .filter(Column::StartsAt.lt(to.micros()))
        .filter(Column::Status.eq(DepartureStatus::Open.name()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(departure_of).collect()
}

/// Closes locked departures.
pub async fn close(tx: &impl ConnectionTrait, departures: &[Departure]) -> Result<(), DbErr> {
    for chunk in departures.chunks(CHUNK) {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(DepartureStatus::Closed.name()))
            .filter(Column::Id.is_in(chunk.iter().map(|departure| departure.id.uuid())))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The starts at which tours have a seat for sale.
pub async fn starts_for_sale(
    db: &impl ConnectionTrait,
    products: &[ProductId],
    now: Timestamp,
) -> Result<Vec<(ProductId, Timestamp)>, DbErr> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let taken = Expr::col(Column::Held).add(Expr::col(Column::Sold));
    let rows: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .columns([Column::ProductId, Column::StartsAt])
        .filter(Column::ProductId.is_in(products.iter().map(|product| product.uuid())))
        .filter(Column::Status.eq(DepartureStatus::Open.name()))
        .filter(Column::ClosesAt.gt(now.micros()))
        .filter(taken.lt(Expr::col(Column::Capacity)))
        .order_by_asc(Column::StartsAt)
        .into_tuple()
        .all(db)
        .await?;
    let start = |(product, at)| (ProductId::from_uuid(product), Timestamp::from_micros(at));
    Ok(rows.into_iter().map(start).collect())
}

/// Departures whose cut-off has gone by without search having heard of it, locked in the order of their
/// ids.
pub async fn lock_passed(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Departure>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Passed.eq(false))
        .filter(Column::ClosesAt.lte(now.micros()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(departure_of).collect()
}

/// Notes that search heard of passed cut-offs.
pub async fn set_passed(tx: &impl ConnectionTrait, departures: &[Departure]) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Passed, Expr::value(true))
        .filter(Column::Id.is_in(departures.iter().map(|departure| departure.id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes the seats of locked departures, with one statement.
pub async fn write_seats<'a>(
    tx: &impl ConnectionTrait,
    departures: impl IntoIterator<Item = &'a Departure>,
) -> Result<(), DbErr> {
    let (mut ids, mut held, mut sold) = (Vec::new(), CaseStatement::new(), CaseStatement::new());
    for departure in departures {
        let id = departure.id.uuid();
        let this = || Expr::col(Column::Id).eq(id);
        held = held.case(this(), Expr::value(departure.seats.held));
        sold = sold.case(this(), Expr::value(departure.seats.sold));
        ids.push(id);
    }
    if ids.is_empty() {
        return Ok(());
    }
    let number =
        |case: CaseStatement| Expr::expr(case.finally(Expr::value(0_i64))).cast_as("bigint");
    Entity::update_many()
        .col_expr(Column::Held, number(held))
        .col_expr(Column::Sold, number(sold))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes a locked departure over what was there.
pub async fn write(
    tx: &impl ConnectionTrait,
    departure: &Departure,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut changed = row_of(departure, now)?.into_active_model().reset_all();
    changed.id = ActiveValue::Unchanged(departure.id.uuid());
    changed.created_at = ActiveValue::NotSet;
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn row_of(departure: &Departure, now: Timestamp) -> Result<Model, DbErr> {
    Ok(Model {
        id: departure.id.uuid(),
        product_id: departure.product.uuid(),
        shop_id: departure.shop.uuid(),
        starts_at: departure.starts_at.micros(),
        ends_at: departure.ends_at.micros(),
        closes_at: departure.closes_at().micros(),
        status: departure.status.name().to_owned(),
        capacity: departure.seats.capacity,
        held: departure.seats.held,
        sold: departure.seats.sold,
        cutoff_minutes: i64::from(departure.cutoff_minutes),
        cancelled_because: departure.cancelled_because.clone(),
        moved_to: departure.moved_to.map(DepartureId::uuid),
        passed: departure.closes_at() <= now,
        created_at: now.micros(),
        prices: serde_json::to_string(&departure.prices).map_err(|_| corrupt("prices"))?,
    })
}

fn departure_of(row: Model) -> Result<Departure, DbErr> {
    let status = DepartureStatus::ALL.into_iter().find(|status| status.name() == row.status);
    Ok(Departure {
        id: DepartureId::from_uuid(row.id),
        product: ProductId::from_uuid(row.product_id),
        shop: ShopId::from_uuid(row.shop_id),
        starts_at: Timestamp::from_micros(row.starts_at),
        ends_at: Timestamp::from_micros(row.ends_at),
        status: status.ok_or_else(|| corrupt("a departure's status"))?,
        seats: Seats { capacity: row.capacity, held: row.held, sold: row.sold },
        cutoff_minutes: u32::try_from(row.cutoff_minutes).map_err(|_| corrupt("a cut-off"))?,
        cancelled_because: row.cancelled_because,
        moved_to: row.moved_to.map(DepartureId::from_uuid),
        prices: serde_json::from_str(&row.prices).map_err(|_| corrupt("prices"))?,
    })
}
