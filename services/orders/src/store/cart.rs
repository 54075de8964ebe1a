//! Carts and their lines.

use kernel::{CartId, CartLineId, Timestamp, VariantId};
use platform::ids;
use sea_orm::sea_query::OnConflict;
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

/// Writes a line, and the cart with its first one. Gives the id of the line.
pub async fn put_line(
    tx: &impl ConnectionTrait,
    cart: &Cart,
    variant: VariantId,
    quantity: i64,
    now: Timestamp,
) -> Result<CartLineId, DbErr> {
    let known = cart.lines.iter().find(|line| line.variant == variant);
    if cart.lines.is_empty() {
        let row = carts::Model { id: cart.id.uuid(), created_at: now.micros() };
        carts::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(carts::Column::Id).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    let id = known.map_or_else(ids::new::<CartLineId>, |line| line.id);
    let row = cart_lines::Model {
        id: id.uuid(),
        cart_id: cart.id.uuid(),
        variant_id: variant.uuid(),
        quantity,
    };
    use cart_lines::Column;
    cart_lines::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([Column::CartId, Column::VariantId])
                .update_column(Column::Quantity)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(id)
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
