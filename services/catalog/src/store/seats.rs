//! What holds hold of departures.

use std::collections::HashMap;

use kernel::{DepartureId, HoldId, VariantId};
use platform::bulk::{self, is_any};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::entities::hold_seats::{Column, Entity, Model};
use super::entities::holds;
use crate::domain::hold::{Hold, HoldStatus};
use crate::domain::seats::{SeatLine, SoldLine};

/// Inserts what new holds hold of departures.
pub async fn insert(tx: &impl ConnectionTrait, holds: &[Hold]) -> Result<(), DbErr> {
    let rows = holds.iter().flat_map(|hold| {
        hold.seats.iter().map(|line| Model {
            hold_id: hold.id.uuid(),
            variant_id: line.variant.uuid(),
            departure_id: line.departure.uuid(),
            quantity: line.quantity,
            seats: line.seats,
            whole: line.whole,
            returned: 0,
            returned_seats: 0,
        })
    });
    bulk::insert(tx, rows.collect::<Vec<_>>()).await
}

/// What holds hold of departures, in the order of the variants' ids.
pub async fn of_holds(
    db: &impl ConnectionTrait,
    holds: &[Uuid],
) -> Result<HashMap<Uuid, Vec<SeatLine>>, DbErr> {
    let rows = Entity::find()
        .filter(is_any(db, Column::HoldId, holds.to_vec()))
        .order_by_asc(Column::VariantId)
        .all(db)
        .await?;
    let mut lines: HashMap<Uuid, Vec<SeatLine>> = HashMap::new();
    for row in rows {
        lines.entry(row.hold_id).or_default().push(line_of(&row));
    }
    Ok(lines)
}

/// Writes how many seats a boat turned out to have when it was sold anew.
pub async fn resize(tx: &impl ConnectionTrait, hold: HoldId, line: &SeatLine) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Seats, Expr::value(line.seats))
        .filter(Column::HoldId.eq(hold.uuid()))
        .filter(Column::VariantId.eq(line.variant.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether somebody has the whole of a locked departure.
pub async fn boat_taken(tx: &impl ConnectionTrait, departure: DepartureId) -> Result<bool, DbErr> {
    let count = Entity::find()
        .filter(Column::DepartureId.eq(departure.uuid()))
        .filter(Column::Whole.eq(true))
        .filter(Expr::col((Entity, Column::Returned)).lt(Expr::col((Entity, Column::Quantity))))
        .filter(Column::HoldId.in_subquery(holds_that(&[HoldStatus::Held, HoldStatus::Committed])))
        .count(tx)
        .await?;
    Ok(count > 0)
}

/// What was sold as some variants, the oldest sales first; of one hold, if one is named. The departures
/// must be locked.
pub async fn sold_of_variants(
    tx: &impl ConnectionTrait,
    variants: impl IntoIterator<Item = VariantId>,
    hold: &str,
) -> Result<Vec<SoldLine>, DbErr> {
    let mut sold = holds_that(&[HoldStatus::Committed]);
    if !hold.is_empty() {
        sold.and_where(Expr::col(holds::Column::Reference).eq(hold));
    }
    let rows = Entity::find()
        .filter(Column::VariantId.is_in(variants.into_iter().map(VariantId::uuid)))
        .filter(Expr::col((Entity, Column::Returned)).lt(Expr::col((Entity, Column::Quantity))))
        .filter(Column::HoldId.in_subquery(sold))
        .order_by_asc(Column::HoldId)
        .all(tx)
        .await?;
    Ok(rows.iter().map(sold_line_of).collect())
}

fn holds_that(are: &[HoldStatus]) -> SelectStatement {
    Query::select()
        .column(holds::Column::Id)
        .from(holds::Entity)
        .and_where(Expr::col(holds::Column::Status).is_in(are.iter().map(|status| status.name())))
        .to_owned()
}

/// Writes what came back of a sold line.
pub async fn write_returned(tx: &impl ConnectionTrait, line: &SoldLine) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Returned, Expr::value(line.returned))
        .col_expr(Column::ReturnedSeats, Expr::value(line.returned_seats))
        .filter(Column::HoldId.eq(line.hold.uuid()))
        .filter(Column::VariantId.eq(line.variant.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

fn sold_line_of(row: &Model) -> SoldLine {
    SoldLine {
        hold: HoldId::from_uuid(row.hold_id),
        variant: VariantId::from_uuid(row.variant_id),
        departure: DepartureId::from_uuid(row.departure_id),
        quantity: row.quantity,
        seats: row.seats,
        returned: row.returned,
        returned_seats: row.returned_seats,
    }
}

fn line_of(row: &Model) -> SeatLine {
    SeatLine {
        variant: VariantId::from_uuid(row.variant_id),
        departure: DepartureId::from_uuid(row.departure_id),
        quantity: row.quantity,
        seats: row.seats,
        whole: row.whole,
    }
}
