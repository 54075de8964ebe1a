//! All that is kept of what somebody bought, for themselves; and whether anybody waits for a shop.

use std::collections::{HashMap, HashSet};

use kernel::{
    BuyerScope, CheckoutId, OrderId, Page, PageRequest, ShopId, ShopScope, Timestamp, UserId,
};
use proto::common::PageInfo;
use proto::{bookings, orders as contract, parse_id};
use tonic::{Response, Status};

use super::opening::page_of;
use super::refusals::fault;
use super::{Answer, Grpc};
use crate::domain::bought::Bought;
use crate::domain::checkout::{Checkout, PayWith};
use crate::domain::ticket_cancellation::Account;
use crate::messages::{checkout_message, contact_message, delivery_message};
use crate::store;
use crate::store::voucher_use::KeptUse;
use crate::usecases::has_open_sales::has_open_sales;

/// Checkouts that are told at once: each with all that hangs on it.
const AT_ONCE: u32 = 25;

/// What hangs on checkouts, by the ids of checkouts as the contract writes them.
#[derive(Default)]
struct Hanging {
    orders: HashMap<String, Vec<contract::Order>>,
    tickets: HashMap<String, Vec<bookings::Ticket>>,
    given_back: HashMap<String, Vec<contract::GivenBack>>,
    voucher_uses: HashMap<String, Vec<contract::VoucherUse>>,
    open: HashSet<CheckoutId>,
}

impl Grpc {
    /// A page of somebody's checkouts. As many questions, however many checkouts.
    pub(super) async fn bought(
        &self,
        request: contract::ListBuyerCheckoutsRequest,
    ) -> Answer<contract::BoughtCheckoutPage> {
        let scope = BuyerScope::granted(parse_id::<UserId>(&request.buyer_id)?);
        let asked = page_of::<CheckoutId>(request.page.as_ref())?;
        let asked = PageRequest::new(asked.first().min(AT_ONCE), asked.after);
        let db = self.0.0.database.reader();
        let found = store::checkout::page_of_buyer(db, scope, &asked).await.map_err(fault)?;
        let page = Page::from_rows(&asked, found);
        let mut hanging = self.hanging_on(&page.items).await?;
        let cursors = page.items.iter().map(|checkout| checkout.id.to_string()).collect();
        let checkouts = page.items.iter().map(|checkout| hanging.take(checkout)).collect();
        let page = Some(PageInfo { has_next: page.has_next, cursors, total: -1 });
        Ok(Response::new(contract::BoughtCheckoutPage { checkouts, page }))
    }

    /// Whether something is still to come of what a shop sold.
    pub(super) async fn open_sales(
        &self,
        request: contract::HasOpenSalesRequest,
    ) -> Answer<contract::OpenSales> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let open = has_open_sales(&self.0, scope).await.map_err(fault)?;
        Ok(Response::new(contract::OpenSales { open }))
    }

    async fn hanging_on(&self, checkouts: &[Checkout]) -> Result<Hanging, Status> {
        let mut hanging = Hanging::default();
        if checkouts.is_empty() {
            return Ok(hanging);
        }
        let db = self.0.0.database.reader();
        let ids: Vec<CheckoutId> = checkouts.iter().map(|checkout| checkout.id).collect();
        for one in store::voucher_use::of_checkouts(db, &ids).await.map_err(fault)? {
            let of = one.checkout.to_string();
            hanging.voucher_uses.entry(of).or_default().push(use_message(&one));
        }
        let orders = store::order::of_checkouts(db, &ids).await.map_err(fault)?;
        let checkout_of: HashMap<OrderId, String> =
            orders.iter().map(|order| (order.id, order.checkout.to_string())).collect();
        let of = |order: OrderId| checkout_of.get(&order).cloned().unwrap_or_default();
        for order in self.messages(&orders).await? {
            hanging.orders.entry(order.checkout_id.clone()).or_default().push(order);
        }
        let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
        let tickets = store::ticket::of_orders(db, ids.iter().copied()).await.map_err(fault)?;
        for ticket in self.ticket_messages(tickets).await? {
            let of = of(parse_id::<OrderId>(&ticket.order_id)?);
            // The code opens the way on board, and is not about anybody.
            let ticket = bookings::Ticket { code: String::new(), ..ticket };
            hanging.tickets.entry(of).or_default().push(ticket);
        }
        let returns = store::order_return::of_orders(db, ids.iter().copied()).await;
        let returns = returns.map_err(fault)?;
        let cancellations = store::cancellation::of_orders(db, &ids).await.map_err(fault)?;
        let now = self.0.0.clock.now();
        let open = checkouts.iter().filter(|checkout| {
            let id = checkout.id;
            let is_of = |order: OrderId| of(order) == id.to_string();
            let bought = Bought {
                checkout,
                orders: orders.iter().filter(|order| order.checkout == id).collect(),
                returns: returns.iter().filter(|one| is_of(one.order)).collect(),
                cancellations: cancellations.iter().filter(|one| is_of(one.order)).collect(),
            };
            bought.is_open(now)
        });
        hanging.open = open.map(|checkout| checkout.id).collect();
        for one in returns {
            if one.account.is_empty() {
                continue;
            }
            let given = given_back(one.order, one.created_at, &one.reason, one.account);
            hanging.given_back.entry(of(one.order)).or_default().push(given);
        }
        for one in cancellations {
            let given = given_back(one.order, one.created_at, &one.reason, one.account);
            hanging.given_back.entry(of(one.order)).or_default().push(given);
        }
        Ok(hanging)
    }
}

impl Hanging {
    /// A checkout with what hangs on it.
    fn take(&mut self, checkout: &Checkout) -> contract::BoughtCheckout {
        let id = checkout.id.to_string();
        let orders = self.orders.remove(&id).unwrap_or_default();
        let pay_with = match checkout.pay_with {
            PayWith::VietQr => contract::PayWith::Vietqr,
            PayWith::Card => contract::PayWith::Card,
            PayWith::Invoiced => contract::PayWith::Unspecified,
        };
        let message = checkout_message(checkout, &[], String::new());
        contract::BoughtCheckout {
            checkout: Some(contract::Checkout { orders, ..message }),
            contact: Some(contact_message(&checkout.contact)),
            delivery: Some(delivery_message(&checkout.delivery)),
            pay_with: pay_with.into(),
            locale: checkout.locale.tag().to_owned(),
            tickets: self.tickets.remove(&id).unwrap_or_default(),
            given_back: self.given_back.remove(&id).unwrap_or_default(),
            voucher_uses: self.voucher_uses.remove(&id).unwrap_or_default(),
            open: self.open.contains(&checkout.id),
        }
    }
}

fn given_back(
    order: OrderId,
    at: Timestamp,
    reason: &str,
    account: Account,
) -> contract::GivenBack {
    contract::GivenBack {
        order_id: order.to_string(),
        at: at.micros(),
        reason: reason.to_owned(),
        bank_bin: account.bank_bin,
        account_number: account.number,
        account_holder: account.holder,
    }
}

fn use_message(one: &KeptUse) -> contract::VoucherUse {
    contract::VoucherUse {
        voucher_id: one.voucher.to_string(),
        taken_at: one.taken_at.micros(),
        given_back_at: one.given_back_at.map_or(0, Timestamp::micros),
    }
}
