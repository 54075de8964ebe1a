//! Vouchers of shops, and in which carts they are.

use std::collections::HashMap;

use kernel::{
    BasisPoints, CartId, Currency, Money, PageRequest, ShopId, ShopScope, Timestamp, UserId,
    VoucherId,
};
use platform::bulk;
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, Func, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::carts;
use super::voucher_entities::vouchers::{Column, Entity, Model};
use super::voucher_entities::{cart_vouchers, voucher_uses};
use super::{corrupt, money_of};
use crate::domain::voucher::{Reduction, Voucher, VoucherCode};

/// Inserts a voucher.
pub async fn insert(tx: &impl ConnectionTrait, voucher: &Voucher) -> Result<(), DbErr> {
    let (kind, amount, rate, cap) = match voucher.reduction {
        Reduction::Amount(amount) => ("amount", Some(amount.minor), None, None),
        Reduction::Share { rate, cap } => {
            ("share", None, Some(rate.get() as i32), cap.map(|cap| cap.minor))
        }
    };
    let row = Model {
        id: voucher.id.uuid(),
        shop_id: voucher.shop.uuid(),
        code: voucher.code.as_str().to_owned(),
        kind: kind.to_owned(),
        amount_minor: amount,
        basis_points: rate,
        cap_minor: cap,
        minimum_minor: voucher.minimum.minor,
        currency: voucher.minimum.currency.code().to_owned(),
        valid_from: voucher.valid_from.micros(),
        valid_until: voucher.valid_until.map(Timestamp::micros),
        uses_at_most: voucher.uses_at_most,
        uses_per_buyer: voucher.uses_per_buyer,
        uses: voucher.uses,
        created_at: voucher.created_at.micros(),
        created_by: voucher.created_by.uuid(),
        ended_at: voucher.ended_at.map(Timestamp::micros),
        ended_by: voucher.ended_by.map(UserId::uuid),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// How many vouchers a shop has ever made.
pub async fn count_of_shop(db: &impl ConnectionTrait, scope: ShopScope) -> Result<u64, DbErr> {
    Entity::find().filter(Column::ShopId.eq(scope.shop().uuid())).count(db).await
}

/// A page of a shop's vouchers, the newest first.
pub async fn page_of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    request: &PageRequest<Uuid>,
) -> Result<Vec<Voucher>, DbErr> {
    let select = Entity::find().filter(Column::ShopId.eq(scope.shop().uuid()));
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(voucher_of).collect()
}

/// Ends a shop's voucher; who ended it first stays. Gives it as it is then.
pub async fn end(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: VoucherId,
    by: UserId,
    at: Timestamp,
) -> Result<Option<Voucher>, DbErr> {
    let first_at = Func::coalesce([Expr::col(Column::EndedAt), Expr::value(at.micros())]);
    let first_by = Func::coalesce([Expr::col(Column::EndedBy), Expr::value(by.uuid())]);
    let of_shop = Column::ShopId.eq(scope.shop().uuid());
    Entity::update_many()
        .col_expr(Column::EndedAt, first_at.into())
        .col_expr(Column::EndedBy, first_by.into())
        .filter(Column::Id.eq(id.uuid()))
        .filter(of_shop.clone())
        .exec(tx)
        .await?;
    Entity::find_by_id(id.uuid()).filter(of_shop).one(tx).await?.map(voucher_of).transpose()
}

/// Those of some shops that have a code.
pub async fn with_code(
    db: &impl ConnectionTrait,
    shops: impl IntoIterator<Item = ShopId>,
    code: &VoucherCode,
) -> Result<Vec<Voucher>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.is_in(shops.into_iter().map(|shop| shop.uuid())))
        .filter(Column::Code.eq(code.as_str()))
        .order_by_asc(Column::ShopId)
        .all(db)
        .await?;
    rows.into_iter().map(voucher_of).collect()
}

/// The vouchers of carts, each cart's by shop.
pub async fn of_carts(
    db: &impl ConnectionTrait,
    carts: &[CartId],
) -> Result<HashMap<CartId, Vec<Voucher>>, DbErr> {
    if carts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = cart_vouchers::Entity::find()
        .filter(cart_vouchers::Column::CartId.is_in(carts.iter().map(|id| id.uuid())))
        .order_by_asc(cart_vouchers::Column::ShopId)
        .all(db)
        .await?;
    let known = by_ids(db, rows.iter().map(|row| row.voucher_id)).await?;
    let mut found: HashMap<CartId, Vec<Voucher>> = HashMap::new();
    for row in rows {
        if let Some(voucher) = known.get(&VoucherId::from_uuid(row.voucher_id)) {
            found.entry(CartId::from_uuid(row.cart_id)).or_default().push(voucher.clone());
        }
    }
    Ok(found)
}

async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<VoucherId, Voucher>, DbErr> {
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    let known = rows.into_iter().map(|row| voucher_of(row).map(|one| (one.id, one)));
    known.collect()
}

/// The vouchers that a checkout uses, by shop.
pub async fn of_checkout(
    db: &impl ConnectionTrait,
    checkout: kernel::CheckoutId,
) -> Result<Vec<Voucher>, DbErr> {
    let used = Query::select()
        .column(voucher_uses::Column::VoucherId)
        .from(voucher_uses::Entity)
        .and_where(voucher_uses::Column::CheckoutId.eq(checkout.uuid()))
        .take();
    let rows = Entity::find()
        .filter(Column::Id.in_subquery(used))
        .order_by_asc(Column::ShopId)
        .all(db)
        .await?;
    rows.into_iter().map(voucher_of).collect()
}

/// Locks vouchers in the order of their ids, so that each is counted by one transaction at a time.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = VoucherId>,
) -> Result<HashMap<VoucherId, Voucher>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    let locked = rows.into_iter().map(|row| voucher_of(row).map(|one| (one.id, one)));
    locked.collect()
}

/// Puts vouchers into a cart, each in the place of its shop's other one.
pub async fn put_into_cart(
    tx: &impl ConnectionTrait,
    cart: CartId,
    vouchers: &[Voucher],
) -> Result<(), DbErr> {
    let rows = vouchers.iter().map(|voucher| cart_vouchers::Model {
        cart_id: cart.uuid(),
        shop_id: voucher.shop.uuid(),
        voucher_id: voucher.id.uuid(),
    });
    let mut rows: Vec<cart_vouchers::Model> = rows.collect();
    // PostgreSQL locks what rows point at in their order: that of `lock`, or two would wait for each other.
    rows.sort_by_key(|row| row.voucher_id);
    let instead = "ON CONFLICT (cart_id, shop_id) DO UPDATE SET voucher_id = excluded.voucher_id";
    bulk::insert_or(tx, rows, instead).await?;
    count_in_cart(tx, cart).await
}

/// Takes vouchers out of a cart.
pub async fn take_out_of_cart(
    tx: &impl ConnectionTrait,
    cart: CartId,
    vouchers: impl IntoIterator<Item = VoucherId>,
) -> Result<(), DbErr> {
    cart_vouchers::Entity::delete_many()
        .filter(cart_vouchers::Column::CartId.eq(cart.uuid()))
        .filter(cart_vouchers::Column::VoucherId.is_in(vouchers.into_iter().map(|id| id.uuid())))
        .exec(tx)
        .await?;
    count_in_cart(tx, cart).await
}

/// The cart itself says how many there are: who has none asks no further.
async fn count_in_cart(tx: &impl ConnectionTrait, cart: CartId) -> Result<(), DbErr> {
    let count = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from(cart_vouchers::Entity)
        .and_where(cart_vouchers::Column::CartId.eq(cart.uuid()))
        .take();
    carts::Entity::update_many()
        .col_expr(carts::Column::VoucherCount, Expr::from(count))
        .filter(carts::Column::Id.eq(cart.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Carts are removed: what they say of vouchers, too.
pub async fn forget_carts(tx: &impl ConnectionTrait, carts: &[Uuid]) -> Result<(), DbErr> {
    cart_vouchers::Entity::delete_many()
        .filter(cart_vouchers::Column::CartId.is_in(carts.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Counts uses that were taken or given back. The vouchers are locked.
pub async fn add_uses(
    tx: &impl ConnectionTrait,
    changes: &HashMap<VoucherId, i64>,
) -> Result<(), DbErr> {
    let set = "uses = vouchers.uses + v1";
    let update = bulk::Update { table: "vouchers", key: "id", set, only: None };
    let rows = changes.iter().map(|(id, change)| vec![id.uuid().into(), (*change).into()]);
    update.run(tx, rows.collect()).await
}

fn voucher_of(row: Model) -> Result<Voucher, DbErr> {
    let currency: Currency = row.currency.parse().map_err(|_| corrupt("a currency"))?;
    let money = |minor: i64| Money::new(minor, currency);
    let rate = row.basis_points.and_then(|points| u32::try_from(points).ok());
    let reduction = match (row.amount_minor, rate.and_then(BasisPoints::new)) {
        (Some(minor), None) => Reduction::Amount(money(minor)),
        (None, Some(rate)) => Reduction::Share { rate, cap: row.cap_minor.map(money) },
        _ => return Err(corrupt("what a voucher takes off")),
    };
    Ok(Voucher {
        id: VoucherId::from_uuid(row.id),
        shop: ShopId::from_uuid(row.shop_id),
        code: VoucherCode::parse(&row.code).ok_or_else(|| corrupt("a voucher's code"))?,
        reduction,
        minimum: money_of(row.minimum_minor, &row.currency)?,
        valid_from: Timestamp::from_micros(row.valid_from),
        valid_until: row.valid_until.map(Timestamp::from_micros),
        uses_at_most: row.uses_at_most,
        uses_per_buyer: row.uses_per_buyer,
        uses: row.uses,
        created_at: Timestamp::from_micros(row.created_at),
        created_by: UserId::from_uuid(row.created_by),
        ended_at: row.ended_at.map(Timestamp::from_micros),
        ended_by: row.ended_by.map(UserId::from_uuid),
    })
}
