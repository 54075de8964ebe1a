//! Carts and their lines.

use kernel::{CartId, CartLineId, Timestamp, VariantId};
use platform::ids;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::checkout;
use super::entities::{cart_lines, carts};
use crate::domain::cart::{Cart, CartLine};

/// A cart as it is; one that nobody put anything into is empty.
pub async fn load(db: &impl ConnectionTrait, id: CartId) -> Result<Cart, DbErr> {
    let rows = cart_lines::Entity::find()
        .filter(cart_lines::Column::CartId.eq(id.uuid()))
        .order_by_asc(cart_lines::Column::Id)
        .all(db)
        .await?;
    let lines: Vec<CartLine> = rows.into_iter().map(line_of).collect();
    // A cart without lines has never been checked out.
    let checked_out = !lines.is_empty() && checkout::any_open(db, id).await?;
    Ok(Cart { id, lines, checked_out })
}

/// Locks a cart, so that one checkout of it begins at a time. False if it has never held anything.
pub async fn lock(tx: &impl ConnectionTrait, id: CartId) -> Result<bool, DbErr> {
    Ok(carts::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.is_some())
}

/// Writes a cart that nobody fills: a reseller's booking is checked out at once.
pub async fn insert(tx: &impl ConnectionTrait, id: CartId, now: Timestamp) -> Result<(), DbErr> {
    let row = carts::Model { id: id.uuid(), created_at: now.micros() };
    carts::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds pieces of a variant, and writes the cart with its first line. Gives the line as it is then:
/// what others put in at the same moment counts too.
pub async fn add_to_line(
    tx: &impl ConnectionTrait,
    cart: &Cart,
    variant: VariantId,
    quantity: i64,
    now: Timestamp,
) -> Result<CartLine, DbErr> {
    use cart_lines::{Column, Entity};
    if cart.lines.is_empty() {
        let row = carts::Model { id: cart.id.uuid(), created_at: now.micros() };
        carts::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(carts::Column::Id).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    let row = cart_lines::Model {
        id: ids::new::<CartLineId>().uuid(),
        cart_id: cart.id.uuid(),
        variant_id: variant.uuid(),
        quantity,
    };
    let sum = Expr::col((Entity, Column::Quantity)).add(quantity);
    let row = Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([Column::CartId, Column::VariantId])
                .value(Column::Quantity, sum)
                .to_owned(),
        )
        .exec_with_returning(tx)
        .await?;
    Ok(line_of(row))
}

/// Sets how many a line holds; says whether the line was there.
pub async fn set_line(
    tx: &impl ConnectionTrait,
    cart: CartId,
    line: CartLineId,
    quantity: i64,
) -> Result<bool, DbErr> {
    let set = cart_lines::Entity::update_many()
        .col_expr(cart_lines::Column::Quantity, Expr::value(quantity))
        .filter(cart_lines::Column::CartId.eq(cart.uuid()))
        .filter(cart_lines::Column::Id.eq(line.uuid()))
        .exec(tx)
        .await?;
    Ok(set.rows_affected > 0)
}

/// Takes a line out.
pub async fn remove_line(
    tx: &impl ConnectionTrait,
    cart: CartId,
    line: CartLineId,
) -> Result<(), DbErr> {
    cart_lines::Entity::delete_many()
        .filter(cart_lines::Column::CartId.eq(cart.uuid()))
        .filter(cart_lines::Column::Id.eq(line.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

fn line_of(row: cart_lines::Model) -> CartLine {
    CartLine {
        id: CartLineId::from_uuid(row.id),
        variant: VariantId::from_uuid(row.variant_id),
        quantity: row.quantity,
    }
}
