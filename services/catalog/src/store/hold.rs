//! Holds and what they hold.

use std::collections::{BTreeMap, HashMap};

use kernel::{HoldId, Timestamp, VariantId};
use platform::bulk::{self, is_any};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entities::hold_lines;
use super::entities::holds::{Column, Entity, Model};
use super::variant::Quantities;
use super::{corrupt, seats};
use crate::domain::hold::{Hold, HoldLine, HoldStatus};

/// Inserts holds with their lines: a statement a table, however many there are.
pub async fn insert(
    tx: &impl ConnectionTrait,
    holds: &[Hold],
    now: Timestamp,
) -> Result<(), DbErr> {
    let rows = holds.iter().map(|hold| Model {
        id: hold.id.uuid(),
        reference: hold.reference.clone(),
        status: hold.status.name().to_owned(),
        offers: hold.offers.clone(),
        expires_at: hold.expires_at.micros(),
        created_at: now.micros(),
    });
    bulk::insert(tx, rows.collect::<Vec<_>>()).await?;
    let lines = holds.iter().flat_map(|hold| {
        hold.lines.iter().map(|line| hold_lines::Model {
            hold_id: hold.id.uuid(),
            variant_id: line.variant.uuid(),
            quantity: line.quantity,
            returned: 0,
        })
    });
    bulk::insert(tx, lines.collect::<Vec<_>>()).await?;
    seats::insert(tx, holds).await
}

/// The hold of a reference.
pub async fn by_reference(
    db: &impl ConnectionTrait,
    reference: &str,
) -> Result<Option<Hold>, DbErr> {
    Ok(by_references(db, [reference]).await?.remove(reference))
}

/// The holds of references, by them.
pub async fn by_references<'a>(
    db: &impl ConnectionTrait,
    references: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, Hold>, DbErr> {
    let named = is_any(db, Column::Reference, references.into_iter().collect());
    let rows = Entity::find().filter(named).all(db).await?;
    let holds = with_lines(db, rows).await?;
    Ok(holds.into_iter().map(|hold| (hold.reference.clone(), hold)).collect())
}

/// The holds of references, locked in the order of their ids.
pub async fn lock(tx: &impl ConnectionTrait, references: &[String]) -> Result<Vec<Hold>, DbErr> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(is_any(tx, Column::Reference, references.to_vec()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    with_lines(tx, rows).await
}

/// Holds whose time has gone by, locked in the order of their ids.
pub async fn lock_overdue(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Hold>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq(HoldStatus::Held.name()))
        .filter(Column::ExpiresAt.lt(now.micros()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_exclusive()
        .all(tx)
        .await?;
    with_lines(tx, rows).await
}

/// Sets the status of holds.
pub async fn set_status(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = HoldId>,
    status: HoldStatus,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .filter(is_any(tx, Column::Id, ids.into_iter().map(HoldId::uuid).collect()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets a hold stand longer.
pub async fn extend(
    tx: &impl ConnectionTrait,
    id: HoldId,
    expires_at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(expires_at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many pieces of each variant a locked hold sold that did not come back.
pub async fn returnable(
    tx: &impl ConnectionTrait,
    id: HoldId,
) -> Result<BTreeMap<VariantId, i64>, DbErr> {
    let rows =
        hold_lines::Entity::find().filter(hold_lines::Column::HoldId.eq(id.uuid())).all(tx).await?;
    let left = |row: hold_lines::Model| {
        (VariantId::from_uuid(row.variant_id), row.quantity - row.returned)
    };
    Ok(rows.into_iter().map(left).collect())
}

/// Writes that so many more pieces of what a locked hold sold came back.
pub async fn add_returned(
    tx: &impl ConnectionTrait,
    id: HoldId,
    quantities: &Quantities,
) -> Result<(), DbErr> {
    use hold_lines::{Column, Entity};
    for (variant, quantity) in quantities {
        Entity::update_many()
            .col_expr(Column::Returned, Expr::col(Column::Returned).add(*quantity))
            .filter(Column::HoldId.eq(id.uuid()))
            .filter(Column::VariantId.eq(variant.uuid()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// How many holds are open.
pub async fn open(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Status.eq(HoldStatus::Held.name())).count(db).await
}

async fn with_lines(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Hold>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = hold_lines::Entity::find()
        .filter(is_any(db, hold_lines::Column::HoldId, rows.iter().map(|row| row.id).collect()))
        .order_by_asc(hold_lines::Column::VariantId)
        .all(db)
        .await?;
    let mut lines: HashMap<Uuid, Vec<HoldLine>> = HashMap::with_capacity(rows.len());
    for row in found {
        let line =
            HoldLine { variant: VariantId::from_uuid(row.variant_id), quantity: row.quantity };
        lines.entry(row.hold_id).or_default().push(line);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut seats = seats::of_holds(db, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let status = HoldStatus::ALL.into_iter().find(|status| status.name() == row.status);
            Ok(Hold {
                id: HoldId::from_uuid(row.id),
                reference: row.reference,
                status: status.ok_or_else(|| corrupt("a hold status"))?,
                expires_at: Timestamp::from_micros(row.expires_at),
                lines: lines.remove(&row.id).unwrap_or_default(),
                seats: seats.remove(&row.id).unwrap_or_default(),
                offers: row.offers,
            })
        })
        .collect()
}
