//! Orders as callers see them: with who receives them, what was told of them, what comes back.

use std::collections::HashMap;

use kernel::{CheckoutId, OrderId, PageRequest};
use proto::common::PageInfo;
use proto::orders as contract;
use proto::parse_id;
use tonic::{Response, Status};
use uuid::Uuid;

use super::refusals::fault;
use super::{Answer, Grpc};
use crate::domain::checkout::Checkout;
use crate::domain::order::Order;
use crate::messages::bookings::notice_message;
use crate::messages::order_message;
use crate::messages::returns::return_message;
use crate::store;

impl Grpc {
    /// Orders with who receives them: one question more, however many there are.
    pub(super) async fn messages(&self, orders: &[Order]) -> Result<Vec<contract::Order>, Status> {
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let ids = orders.iter().map(|order| order.checkout);
        let checkouts =
            store::checkout::by_ids(self.0.0.database.reader(), ids).await.map_err(fault)?;
        let checkouts: HashMap<CheckoutId, Checkout> =
            checkouts.into_iter().map(|checkout| (checkout.id, checkout)).collect();
        let told = orders.iter().map(|order| order_message(order, checkouts.get(&order.checkout)));
        self.with_news(told.collect()).await
    }

    /// Orders with what their buyers are told, and what comes back: two questions more.
    pub(super) async fn with_news(
        &self,
        mut orders: Vec<contract::Order>,
    ) -> Result<Vec<contract::Order>, Status> {
        let db = self.0.0.database.reader();
        // Only of tours and of what could not be had is anything told, and nothing comes back that was never paid.
        let told = |order: &contract::Order| {
            order.status() == contract::OrderStatus::OrderCancelled
                || order.lines.iter().any(|line| line.ticket.is_some())
        };
        if orders.iter().any(told) {
            let ids = ids_of(&orders)?;
            let found = store::notice::of_orders(db, ids.iter().copied()).await;
            let mut notices = found.map_err(fault)?;
            for (order, id) in orders.iter_mut().zip(ids) {
                let of_order = notices.remove(&id).unwrap_or_default();
                order.notices = of_order.iter().map(notice_message).collect();
            }
        }
        if orders.iter().any(|order| order.paid_at != 0) {
            let ids = ids_of(&orders)?;
            let found = store::order_return::of_orders(db, ids.iter().copied()).await;
            for one in found.map_err(fault)? {
                let of = ids.iter().position(|id| *id == one.order);
                if let Some(order) = of.and_then(|place| orders.get_mut(place)) {
                    order.returns.extend(return_message(&one));
                }
            }
        }
        Ok(orders)
    }

    pub(super) async fn page_message(
        &self,
        found: Vec<Order>,
        request: &PageRequest<Uuid>,
    ) -> Answer<contract::OrderPage> {
        let page = kernel::Page::from_rows(request, found);
        let cursors = page.items.iter().map(|order| order.id.to_string()).collect();
        let orders = self.messages(&page.items).await?;
        let page = Some(PageInfo { has_next: page.has_next, cursors, total: -1 });
        Ok(Response::new(contract::OrderPage { orders, page }))
    }
}

fn ids_of(orders: &[contract::Order]) -> Result<Vec<OrderId>, Status> {
    let ids = orders.iter().map(|order| parse_id::<OrderId>(&order.id));
    Ok(ids.collect::<Result<Vec<_>, _>>()?)
}
