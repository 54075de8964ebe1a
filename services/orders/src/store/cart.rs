//! Carts and their lines.

use std::collections::HashMap;

use kernel::{CartId, CartLineId, Timestamp, VariantId};
use platform::bulk::{self, is_any};
use platform::ids;
use platform::pruning::first_id_at;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::{cart_lines, carts, checkouts};
use super::{checkout, claim, voucher};
use crate::domain::cart::{Addition, Cart, CartLine, ClaimDigest};

/// A cart as it is; one that nobody put anything into is empty.
pub async fn load(db: &impl ConnectionTrait, id: CartId) -> Result<Cart, DbErr> {
    let loaded = load_all(db, &[id]).await?.pop();
    let empty =
        || Cart { id, lines: Vec::new(), checked_out: false, claim: None, vouchers: Vec::new() };
    Ok(loaded.unwrap_or_else(empty))
}

/// Carts as they are, in the order of `ids`: three statements, however many there are, and one more
/// where any of them has a voucher.
pub async fn load_all(db: &impl ConnectionTrait, ids: &[CartId]) -> Result<Vec<Cart>, DbErr> {
    let mut lines = lines(db, ids).await?;
    // A cart without lines has never been checked out.
    let used: Vec<CartId> = lines.keys().copied().collect();
    let checked_out = checkout::with_open(db, &used).await?;
    let mut facts = facts(db, &used).await?;
    let with_vouchers: Vec<CartId> =
        facts.iter().filter(|(_, facts)| facts.vouchers > 0).map(|(id, _)| *id).collect();
    let mut vouchers = voucher::of_carts(db, &with_vouchers).await?;
    let cart = |id: &CartId| Cart {
        id: *id,
        lines: lines.remove(id).unwrap_or_default(),
        checked_out: checked_out.contains(id),
        claim: facts.remove(id).unwrap_or_default().claim,
        vouchers: vouchers.remove(id).unwrap_or_default(),
    };
    Ok(ids.iter().map(cart).collect())
}

/// What a cart says of itself, beside its lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// The waiting list's offer that it claims; none for most.
    pub claim: Option<ClaimDigest>,
    /// How many vouchers it has.
    pub vouchers: i32,
}

/// What carts claim and how many vouchers they have, of those that do.
async fn facts(db: &impl ConnectionTrait, ids: &[CartId]) -> Result<HashMap<CartId, Facts>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String, i32)> = carts::Entity::find()
        .select_only()
        .columns([carts::Column::Id, carts::Column::ClaimToken, carts::Column::VoucherCount])
        .filter(is_any(db, carts::Column::Id, ids.iter().map(|id| id.uuid()).collect()))
        .filter(carts::Column::ClaimToken.ne("").or(carts::Column::VoucherCount.gt(0)))
        .into_tuple()
        .all(db)
        .await?;
    let facts = |(id, claimed, vouchers): (Uuid, String, i32)| {
        (CartId::from_uuid(id), Facts { claim: claim::read(&claimed), vouchers })
    };
    Ok(rows.into_iter().map(facts).collect())
}

/// Locks carts in the order of their ids, so that one checkout of each begins at a time. Gives those
/// that ever held anything.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: &[CartId],
) -> Result<HashMap<CartId, Facts>, DbErr> {
    let rows = carts::Entity::find()
        .filter(is_any(tx, carts::Column::Id, ids.iter().map(|id| id.uuid()).collect()))
        .order_by_asc(carts::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    let facts = |row: carts::Model| {
        let claim = claim::read(&row.claim_token);
        (CartId::from_uuid(row.id), Facts { claim, vouchers: row.voucher_count })
    };
    Ok(rows.into_iter().map(facts).collect())
}

/// The lines of carts, each cart's in the order in which they were put in.
pub async fn lines(
    db: &impl ConnectionTrait,
    ids: &[CartId],
) -> Result<HashMap<CartId, Vec<CartLine>>, DbErr> {
    let rows = cart_lines::Entity::find()
        .filter(is_any(db, cart_lines::Column::CartId, ids.iter().map(|id| id.uuid()).collect()))
        .order_by_asc(cart_lines::Column::Id)
        .all(db)
        .await?;
    let mut lines: HashMap<CartId, Vec<CartLine>> = HashMap::with_capacity(ids.len());
    for row in rows {
        lines.entry(CartId::from_uuid(row.cart_id)).or_default().push(line_of(row));
    }
    Ok(lines)
}

/// Writes a cart that nobody fills: a reseller's booking is checked out at once.
pub async fn insert(tx: &impl ConnectionTrait, id: CartId, now: Timestamp) -> Result<(), DbErr> {
    let (claim_token, voucher_count) = (String::new(), 0);
    let row = carts::Model { id: id.uuid(), created_at: now.micros(), claim_token, voucher_count };
    carts::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds pieces of a variant to each of some carts, none of them twice, and writes those carts that
/// are new. Gives each cart's line as it is then: what others put in at the same moment counts too.
pub async fn add_to_lines(
    tx: &impl ConnectionTrait,
    additions: &[(Cart, Addition)],
    now: Timestamp,
) -> Result<HashMap<CartId, CartLine>, DbErr> {
    // In the order of `lock`, or two who fill and check out the same carts would wait for each other.
    let mut additions: Vec<&(Cart, Addition)> = additions.iter().collect();
    additions.sort_by_key(|(cart, _)| cart.id);
    let new = additions.iter().filter(|(cart, _)| cart.lines.is_empty());
    let new = new.map(|(cart, addition)| carts::Model {
        id: cart.id.uuid(),
        created_at: now.micros(),
        claim_token: claim::written(addition.claim),
        voucher_count: 0,
    });
    bulk::insert_or(tx, new.collect::<Vec<_>>(), "ON CONFLICT (id) DO NOTHING").await?;
    for (cart, addition) in additions.iter().filter(|(_, one)| one.claim.is_some()) {
        carts::Entity::update_many()
            .col_expr(carts::Column::ClaimToken, Expr::value(claim::written(addition.claim)))
            .filter(carts::Column::Id.eq(cart.id.uuid()))
            .exec(tx)
            .await?;
    }
    let rows = additions.iter().map(|(cart, addition)| cart_lines::Model {
        id: ids::new::<CartLineId>().uuid(),
        cart_id: cart.id.uuid(),
        variant_id: addition.variant.uuid(),
        quantity: addition.quantity,
    });
    let end = "ON CONFLICT (cart_id, variant_id)
        DO UPDATE SET quantity = cart_lines.quantity + excluded.quantity
        RETURNING id, cart_id, variant_id, quantity";
    let rows = bulk::insert_or(tx, rows.collect::<Vec<_>>(), end).await?;
    rows.iter()
        .map(|row| {
            let row = cart_lines::Model::from_query_result(row, "")?;
            Ok((CartId::from_uuid(row.cart_id), line_of(row)))
        })
        .collect()
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

/// Removes carts that were made in a time, never checked out and not put into since its end, with their
/// lines, at most so many; says how many.
pub async fn remove_unbought(
    tx: &impl ConnectionTrait,
    since: Timestamp,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    use carts::{Column, Entity};
    let of_cart = Expr::col((Entity, Column::Id));
    let checked_out = Query::select()
        .expr(Expr::val(1))
        .from(checkouts::Entity)
        .and_where(of_cart.clone().equals((checkouts::Entity, checkouts::Column::CartId)))
        .to_owned();
    // Ids begin with the moment of their making.
    let touched = Query::select()
        .expr(Expr::val(1))
        .from(cart_lines::Entity)
        .and_where(of_cart.equals((cart_lines::Entity, cart_lines::Column::CartId)))
        .and_where(Expr::col((cart_lines::Entity, cart_lines::Column::Id)).gte(first_id_at(before)))
        .to_owned();
    let rows = Entity::find()
        .filter(Column::Id.gte(first_id_at(since)))
        .filter(Column::Id.lt(first_id_at(before)))
        .filter(Expr::exists(checked_out).not())
        .filter(Expr::exists(touched).not())
        .order_by_asc(Column::Id)
        .limit(at_most)
        .lock_exclusive()
        .all(tx)
        .await?;
    let ids: Vec<Uuid> = rows.into_iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    cart_lines::Entity::delete_many()
        .filter(cart_lines::Column::CartId.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    voucher::forget_carts(tx, &ids).await?;
    let removed = Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(removed.rows_affected)
}

fn line_of(row: cart_lines::Model) -> CartLine {
    CartLine {
        id: CartLineId::from_uuid(row.id),
        variant: VariantId::from_uuid(row.variant_id),
        quantity: row.quantity,
    }
}
