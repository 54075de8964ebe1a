//! Orders and their lines.

use std::collections::HashMap;

use kernel::{
    BuyerScope, CheckoutId, DepartureId, LocalizedText, OrderId, OrderLineId, PageRequest,
    ProductId, ShopId, ShopScope, Timestamp, UserId, VariantId,
};
use platform::bulk::{self, is_any};
use platform::paging::newest_first;
use prost::Message;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::entities::order_lines;
use super::entities::orders::{Column, Entity, Model};
use super::{corrupt, money_of};
use crate::domain::order::{Order, OrderLine, OrderStatus};
use crate::domain::ticket_terms::TicketTerms;
use crate::domain::voucher::VoucherCode;
use crate::messages::terms;

/// Inserts orders with their lines: two statements, however many there are.
pub async fn insert(tx: &impl ConnectionTrait, orders: &[Order]) -> Result<(), DbErr> {
    let rows = orders.iter().map(|order| Model {
        id: order.id.uuid(),
        number: order.number.clone(),
        checkout_id: order.checkout.uuid(),
        shop_id: order.shop.uuid(),
        buyer_id: order.buyer.map(UserId::uuid),
        status: order.status.name().to_owned(),
        total_minor: order.total.minor,
        currency: order.total.currency.code().to_owned(),
        created_at: order.created_at.micros(),
        paid_at: order.paid_at.map(Timestamp::micros),
        fulfilled_at: None,
        cancelled_at: None,
        returnable_until: None,
        voucher_code: order.voucher.as_ref().map(|code| code.as_str().to_owned()),
    });
    bulk::insert(tx, rows.collect::<Vec<_>>()).await?;
    let lines = orders.iter().flat_map(|order| {
        order.lines.iter().zip(0..).map(|(line, place)| order_lines::Model {
            // Before the discount, as the table's check says.
            total_minor: line.total.minor + line.discount.minor,
            discount_minor: line.discount.minor,
            id: line.id.uuid(),
            order_id: order.id.uuid(),
            place,
            variant_id: line.variant.uuid(),
            product_id: line.product.uuid(),
            title_vi: line.title.vi.clone(),
            title_en: line.title.en.clone(),
            sku: line.sku.clone(),
            unit: line.unit.clone(),
            quantity: line.quantity,
            unit_minor: line.unit_price.minor,
            currency: line.total.currency.code().to_owned(),
            ticket: line.ticket.as_ref().map(|terms| terms.snapshot.clone()),
            departure_id: line.ticket.as_ref().map(|terms| terms.departure.uuid()),
            admits: line.ticket.as_ref().map_or(0, |terms| terms.admits as i32),
            cancelled_quantity: line.cancelled_quantity,
        })
    });
    bulk::insert(tx, lines.collect::<Vec<_>>()).await
}

/// The orders of a checkout, by shop.
pub async fn of_checkout(db: &impl ConnectionTrait, id: CheckoutId) -> Result<Vec<Order>, DbErr> {
    of_checkouts(db, &[id]).await
}

/// The orders of checkouts, each checkout's by shop.
pub async fn of_checkouts(
    db: &impl ConnectionTrait,
    ids: &[CheckoutId],
) -> Result<Vec<Order>, DbErr> {
    let select = Entity::find()
        .filter(is_any(db, Column::CheckoutId, ids.iter().map(|id| id.uuid()).collect()))
        .order_by_asc(Column::ShopId)
        .order_by_asc(Column::Id);
    with_lines(db, select).await
}

/// The orders of checkouts, which are locked, locked in the order of their ids.
pub async fn lock_of_checkouts(
    tx: &impl ConnectionTrait,
    ids: &[CheckoutId],
) -> Result<Vec<Order>, DbErr> {
    let select = Entity::find()
        .filter(is_any(tx, Column::CheckoutId, ids.iter().map(|id| id.uuid()).collect()))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    with_lines(tx, select).await
}

/// Orders by their ids.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<Order>, DbErr> {
    let ids = ids.into_iter().map(|id| id.uuid()).collect();
    with_lines(db, Entity::find().filter(is_any(db, Column::Id, ids))).await
}

/// The orders of checkouts, with the shop of each.
pub async fn shops_of_checkouts(
    db: &impl ConnectionTrait,
    ids: &[CheckoutId],
) -> Result<Vec<(OrderId, ShopId)>, DbErr> {
    let rows: Vec<(Uuid, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::ShopId])
        .filter(is_any(db, Column::CheckoutId, ids.iter().map(|id| id.uuid()).collect()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, shop)| (OrderId::from_uuid(id), ShopId::from_uuid(shop)))
        .collect())
}

/// Those orders of checkouts in which something of a departure was bought.
pub async fn with_tickets(
    db: &impl ConnectionTrait,
    checkouts: impl IntoIterator<Item = CheckoutId>,
) -> Result<Vec<Order>, DbErr> {
    let with_tickets = Query::select()
        .column(order_lines::Column::OrderId)
        .from(order_lines::Entity)
        .and_where(order_lines::Column::DepartureId.is_not_null())
        .and_where(order_lines::Column::OrderId.into_expr().equals((Entity, Column::Id)))
        .take();
    let checkouts = checkouts.into_iter().map(|id| id.uuid()).collect();
    let select = Entity::find()
        .filter(is_any(db, Column::CheckoutId, checkouts))
        .filter(Expr::exists(with_tickets));
    with_lines(db, select).await
}

/// The lines of a shop's paid orders that are of a departure.
pub async fn paid_lines_of_departure(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    departure: DepartureId,
) -> Result<Vec<OrderLine>, DbErr> {
    let paid = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::ShopId.eq(scope.shop().uuid()))
        .and_where(Column::Status.is_in(["paid", "fulfilled"]))
        .take();
    let rows = order_lines::Entity::find()
        .filter(order_lines::Column::DepartureId.eq(departure.uuid()))
        .filter(order_lines::Column::OrderId.in_subquery(paid))
        .all(db)
        .await?;
    rows.into_iter().map(line_of).collect()
}

/// Sets the status of all orders of checkouts. What was handed over or called off stays so.
pub async fn set_status_of_checkouts(
    tx: &impl ConnectionTrait,
    checkouts: impl IntoIterator<Item = CheckoutId>,
    status: OrderStatus,
    paid_at: Option<Timestamp>,
) -> Result<(), DbErr> {
    let mut update = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .filter(Column::Status.ne(OrderStatus::Fulfilled.name()))
        .filter(Column::CancelledAt.is_null())
        .filter(is_any(
            tx,
            Column::CheckoutId,
            checkouts.into_iter().map(|id| id.uuid()).collect(),
        ));
    if let Some(at) = paid_at {
        update = update.col_expr(Column::PaidAt, Expr::value(at.micros()));
    }
    update.exec(tx).await?;
    Ok(())
}

/// Writes that all orders of checkouts are paid, each since the moment of its checkout. What could not
/// be sold before the payment was taken back (`unpay`) cannot be sold now either.
pub async fn set_paid_of_checkouts(
    tx: &impl ConnectionTrait,
    paid: &[(CheckoutId, Timestamp)],
) -> Result<(), DbErr> {
    let rows = paid.iter().map(|(id, at)| vec![id.uuid().into(), at.micros().into()]);
    let [cancelled, due, pending, paid] =
        [OrderStatus::Cancelled, OrderStatus::RefundDue, OrderStatus::Pending, OrderStatus::Paid]
            .map(OrderStatus::name);
    let becomes = format!("CASE orders.status WHEN '{cancelled}' THEN '{due}' ELSE '{paid}' END");
    let set = format!("paid_at = v1, status = {becomes}");
    let open = format!("orders.status IN ('{cancelled}', '{pending}')");
    let only = format!("{open} AND orders.cancelled_at IS NULL");
    let update = bulk::Update { table: "orders", key: "checkout_id", set: &set, only: Some(&only) };
    update.run(tx, rows.collect()).await
}

/// Writes that what had paid checkouts was taken back. What was handed over or called off stays so.
pub async fn unpay(tx: &impl ConnectionTrait, checkouts: &[CheckoutId]) -> Result<(), DbErr> {
    for (from, to) in [
        (OrderStatus::Paid, OrderStatus::Pending),
        (OrderStatus::RefundDue, OrderStatus::Cancelled),
    ] {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(to.name()))
            .col_expr(Column::PaidAt, Expr::value(None::<i64>))
            .filter(Column::Status.eq(from.name()))
            .filter(Column::CheckoutId.is_in(checkouts.iter().map(|id| id.uuid())))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Writes that a paid order was called off.
pub async fn call_off(tx: &impl ConnectionTrait, id: OrderId, at: Timestamp) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(OrderStatus::Cancelled.name()))
        .col_expr(Column::CancelledAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A shop's order, locked; `None` if it is not the shop's.
pub async fn lock(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: OrderId,
) -> Result<Option<Order>, DbErr> {
    let select = Entity::find_by_id(id.uuid())
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .lock_exclusive();
    Ok(with_lines(tx, select).await?.pop())
}

/// An order of any shop, locked: for what its guest or the market does with it.
pub async fn lock_by_id(tx: &impl ConnectionTrait, id: OrderId) -> Result<Option<Order>, DbErr> {
    Ok(with_lines(tx, Entity::find_by_id(id.uuid()).lock_exclusive()).await?.pop())
}

/// Writes that so many more pieces of a line were given back.
pub async fn add_cancelled(
    tx: &impl ConnectionTrait,
    line: OrderLineId,
    quantity: i64,
) -> Result<(), DbErr> {
    use order_lines::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::CancelledQuantity, Expr::col(Column::CancelledQuantity).add(quantity))
        .filter(Column::Id.eq(line.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that a line is of another departure.
pub async fn set_departure(
    tx: &impl ConnectionTrait,
    line: OrderLineId,
    variant: VariantId,
    terms: &TicketTerms,
) -> Result<(), DbErr> {
    use order_lines::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::VariantId, Expr::value(variant.uuid()))
        .col_expr(Column::Ticket, Expr::value(terms.snapshot.clone()))
        .col_expr(Column::DepartureId, Expr::value(terms.departure.uuid()))
        .filter(Column::Id.eq(line.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that an order was handed over, and until when it may be sent back.
pub async fn fulfil(
    tx: &impl ConnectionTrait,
    id: OrderId,
    at: Timestamp,
    returnable_until: Option<Timestamp>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(OrderStatus::Fulfilled.name()))
        .col_expr(Column::FulfilledAt, Expr::value(at.micros()))
        .col_expr(Column::ReturnableUntil, Expr::value(returnable_until.map(Timestamp::micros)))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A page of what a buyer ordered, newest first.
pub async fn page_of_buyer(
    db: &impl ConnectionTrait,
    scope: BuyerScope,
    request: &PageRequest<Uuid>,
) -> Result<Vec<Order>, DbErr> {
    let select = Entity::find().filter(Column::BuyerId.eq(scope.user().uuid()));
    with_lines(db, newest_first(select, Column::Id, request)).await
}

/// A page of what a shop sold, newest first: what was paid, or what has the status asked for.
pub async fn page_of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    status: Option<OrderStatus>,
    request: &PageRequest<Uuid>,
) -> Result<Vec<Order>, DbErr> {
    let select = Entity::find().filter(Column::ShopId.eq(scope.shop().uuid()));
    let select = match status {
        Some(status) => select.filter(Column::Status.eq(status.name())),
        None => select.filter(
            Condition::any()
                .add(Column::Status.is_in(["paid", "fulfilled", "refund_due"]))
                .add(Column::CancelledAt.is_not_null()),
        ),
    };
    with_lines(db, newest_first(select, Column::Id, request)).await
}

/// Who may see orders.
#[derive(Clone, Debug)]
pub enum Viewer {
    /// An operator: all.
    Operator,
    /// A person: their own, and those of their shops.
    Person {
        /// Who buys.
        buyer: Option<BuyerScope>,
        /// Whose shops.
        shops: Vec<ShopScope>,
    },
}

/// Of the orders named, those that somebody may see.
pub async fn visible(
    db: &impl ConnectionTrait,
    ids: &[OrderId],
    numbers: &[String],
    viewer: &Viewer,
) -> Result<Vec<Order>, DbErr> {
    let named = Condition::any()
        .add(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .add(Column::Number.is_in(numbers.iter().cloned()));
    let mut select = Entity::find().filter(named);
    if let Viewer::Person { buyer, shops } = viewer {
        let own = Condition::any()
            .add(Column::BuyerId.is_in(buyer.iter().map(|scope| scope.user().uuid())))
            .add(Column::ShopId.is_in(shops.iter().map(|scope| scope.shop().uuid())));
        select = select.filter(own);
    }
    with_lines(db, select).await
}

async fn with_lines(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
) -> Result<Vec<Order>, DbErr> {
    let rows = select.all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = order_lines::Entity::find()
        .filter(is_any(db, order_lines::Column::OrderId, rows.iter().map(|row| row.id).collect()))
        .order_by_asc(order_lines::Column::Place)
        .all(db)
        .await?;
    let mut lines: HashMap<Uuid, Vec<OrderLine>> = HashMap::with_capacity(rows.len());
    for row in found {
        lines.entry(row.order_id).or_default().push(line_of(row)?);
    }
    rows.into_iter().map(|row| order_of(&mut lines, row)).collect()
}

fn order_of(lines: &mut HashMap<Uuid, Vec<OrderLine>>, row: Model) -> Result<Order, DbErr> {
    let status = OrderStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let voucher = row.voucher_code.map(|code| VoucherCode::parse(&code));
    Ok(Order {
        id: OrderId::from_uuid(row.id),
        number: row.number,
        checkout: CheckoutId::from_uuid(row.checkout_id),
        shop: ShopId::from_uuid(row.shop_id),
        buyer: row.buyer_id.map(UserId::from_uuid),
        status: status.ok_or_else(|| corrupt("an order status"))?,
        lines: lines.remove(&row.id).unwrap_or_default(),
        total: money_of(row.total_minor, &row.currency)?,
        voucher: voucher.map(|code| code.ok_or_else(|| corrupt("a voucher's code"))).transpose()?,
        created_at: Timestamp::from_micros(row.created_at),
        paid_at: row.paid_at.map(Timestamp::from_micros),
        fulfilled_at: row.fulfilled_at.map(Timestamp::from_micros),
        cancelled_at: row.cancelled_at.map(Timestamp::from_micros),
        returnable_until: row.returnable_until.map(Timestamp::from_micros),
    })
}

fn line_of(row: order_lines::Model) -> Result<OrderLine, DbErr> {
    Ok(OrderLine {
        id: OrderLineId::from_uuid(row.id),
        variant: VariantId::from_uuid(row.variant_id),
        product: ProductId::from_uuid(row.product_id),
        title: LocalizedText::new(row.title_vi, row.title_en),
        sku: row.sku,
        unit: row.unit,
        quantity: row.quantity,
        unit_price: money_of(row.unit_minor, &row.currency)?,
        discount: money_of(row.discount_minor, &row.currency)?,
        total: money_of(row.total_minor - row.discount_minor, &row.currency)?,
        ticket: row.ticket.map(terms_of).transpose()?,
        cancelled_quantity: row.cancelled_quantity,
    })
}

fn terms_of(snapshot: Vec<u8>) -> Result<TicketTerms, DbErr> {
    let offer = proto::tours::TicketOffer::decode(snapshot.as_slice());
    let offer = offer.map_err(|_| corrupt("a ticket's terms"))?;
    terms::terms_of(&offer).map_err(|_| corrupt("a ticket's terms"))
}
