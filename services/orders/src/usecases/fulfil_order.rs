//! A shop hands an order over.

use kernel::{OrderId, ShopScope};
use platform::outbox;
use proto::events::OrderFulfilled;
use proto::events::event::Body;
use sea_orm::DbErr;

use crate::Orders;
use crate::domain::order::{Order, OrderStatus};
use crate::store;
use crate::usecases::set_return_policy::returnable_until;

/// Why an order was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum FulfilOrderError {
    /// The shop has no such order.
    #[error("the shop has no such order")]
    Unknown,
    /// It is not paid, or no longer to be handed over.
    #[error("the order is {}", .0.name())]
    WrongStatus(OrderStatus),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Marks a paid order as handed over. Doing it again changes nothing.
pub async fn fulfil_order(
    orders: &Orders,
    scope: ShopScope,
    id: OrderId,
) -> Result<Order, FulfilOrderError> {
    let service = &orders.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let mut order = store::order::lock(&tx, scope, id).await?.ok_or(FulfilOrderError::Unknown)?;
    match order.status {
        OrderStatus::Fulfilled => return Ok(order),
        OrderStatus::Paid => {}
        other => return Err(FulfilOrderError::WrongStatus(other)),
    }
    if store::order_return::being_called_off(&tx, id).await? {
        return Err(FulfilOrderError::WrongStatus(OrderStatus::Cancelled));
    }
    let until = returnable_until(orders, &tx, order.shop, now).await?;
    store::order::fulfil(&tx, id, now, until).await?;
    let fulfilled = OrderFulfilled {
        order_id: id.to_string(),
        shop_id: order.shop.to_string(),
        fulfilled_at: now.micros(),
        buyer_id: order.buyer.map(|buyer| buyer.to_string()).unwrap_or_default(),
        product_ids: order.products_kept().iter().map(ToString::to_string).collect(),
    };
    outbox::publish(&tx, now, order.checkout, Body::OrderFulfilled(fulfilled)).await?;
    tx.commit().await?;
    (order.status, order.fulfilled_at) = (OrderStatus::Fulfilled, Some(now));
    order.returnable_until = until;
    Ok(order)
}
