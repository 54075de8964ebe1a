//! Domain words to contract words.

pub mod bookings;
pub mod returns;
pub mod terms;
pub mod tickets;
pub mod vouchers;

use std::collections::HashMap;

use kernel::Timestamp;
use proto::catalog::Offer;
use proto::orders as contract;
use proto::payments::{PayeeAccount, Refund};

use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::domain::contact::{Contact, Delivery, DeliveryMethod};
use crate::domain::order::{Order, OrderLine, OrderStatus};
use crate::domain::ticket_cancellation::Account;
use crate::usecases::get_cart::PricedCart;

/// A checkout's status.
pub const fn status_message(status: CheckoutStatus) -> contract::CheckoutStatus {
    match status {
        CheckoutStatus::Starting => contract::CheckoutStatus::Starting,
        CheckoutStatus::AwaitingPayment => contract::CheckoutStatus::AwaitingPayment,
        CheckoutStatus::Paid => contract::CheckoutStatus::Paid,
        CheckoutStatus::Expired => contract::CheckoutStatus::Expired,
        CheckoutStatus::Cancelled => contract::CheckoutStatus::Cancelled,
        CheckoutStatus::Refused => contract::CheckoutStatus::Refused,
    }
}

/// An order's status.
pub const fn order_status_message(status: OrderStatus) -> contract::OrderStatus {
    match status {
        OrderStatus::Pending => contract::OrderStatus::OrderPending,
        OrderStatus::Paid => contract::OrderStatus::OrderPaid,
        OrderStatus::Fulfilled => contract::OrderStatus::OrderFulfilled,
        OrderStatus::Cancelled => contract::OrderStatus::OrderCancelled,
        OrderStatus::RefundDue => contract::OrderStatus::OrderRefundDue,
    }
}

/// The account that money goes back to; none where nobody typed one: payments knows it, or asks.
pub fn account_message(account: &Account) -> Option<PayeeAccount> {
    (!account.is_empty()).then(|| PayeeAccount {
        bank_bin: account.bank_bin.clone(),
        number: account.number.clone(),
        holder: account.holder.clone(),
    })
}

/// Whether a refund waits for an account: it goes back by transfer, and nobody knows where to.
pub fn needs_account(refund: &Refund) -> bool {
    let known = refund.account.as_ref().is_some_and(|account| !account.number.is_empty());
    !refund.to_card && !known
}

/// A checkout with its orders.
pub fn checkout_message(
    checkout: &Checkout,
    orders: &[Order],
    token: String,
) -> contract::Checkout {
    contract::Checkout {
        id: checkout.id.to_string(),
        token,
        status: status_message(checkout.status).into(),
        expires_at: checkout.expires_at.micros(),
        total: Some(checkout.total.into()),
        orders: orders.iter().map(|order| order_message(order, Some(checkout))).collect(),
        payment_id: checkout.payment.map(|id| id.to_string()).unwrap_or_default(),
        cart_id: checkout.cart.to_string(),
        created_at: checkout.created_at.micros(),
        paid_at: checkout.paid_at.map_or(0, Timestamp::micros),
        payment: None,
        may_extend: checkout.may_extend(),
    }
}

/// An order; who receives it stands in its checkout.
pub fn order_message(order: &Order, checkout: Option<&Checkout>) -> contract::Order {
    contract::Order {
        id: order.id.to_string(),
        number: order.number.clone(),
        checkout_id: order.checkout.to_string(),
        shop_id: order.shop.to_string(),
        status: order_status_message(order.status).into(),
        lines: order.lines.iter().map(line_message).collect(),
        total: Some(order.total.into()),
        contact: checkout.map(|checkout| contact_message(&checkout.contact)),
        delivery: checkout.map(|checkout| delivery_message(&checkout.delivery)),
        created_at: order.created_at.micros(),
        paid_at: order.paid_at.map_or(0, Timestamp::micros),
        fulfilled_at: order.fulfilled_at.map_or(0, Timestamp::micros),
        buyer_id: order.buyer.map(|id| id.to_string()).unwrap_or_default(),
        notices: Vec::new(),
        cancelled_at: order.cancelled_at.map_or(0, Timestamp::micros),
        returnable_until: order.returnable_until.map_or(0, Timestamp::micros),
        returns: Vec::new(),
        voucher_code: order
            .voucher
            .as_ref()
            .map(|code| code.as_str().to_owned())
            .unwrap_or_default(),
        discount: order.discount().ok().map(Into::into),
    }
}

fn line_message(line: &OrderLine) -> contract::OrderLine {
    contract::OrderLine {
        id: line.id.to_string(),
        variant_id: line.variant.to_string(),
        product_id: line.product.to_string(),
        title: Some(line.title.clone().into()),
        sku: line.sku.clone(),
        unit: line.unit.clone(),
        quantity: line.quantity,
        unit_price: Some(line.unit_price.into()),
        discount: Some(line.discount.into()),
        total: Some(line.total.into()),
        ticket: line.ticket.as_ref().map(terms::offer_of),
        cancelled_quantity: line.cancelled_quantity,
    }
}

/// Who receives.
pub fn contact_message(contact: &Contact) -> contract::Contact {
    contract::Contact {
        name: contact.name.clone(),
        phone: contact.phone.clone(),
        email: contact.email.clone(),
    }
}

/// Where to.
pub fn delivery_message(delivery: &Delivery) -> contract::Delivery {
    let method = match delivery.method {
        DeliveryMethod::Ship => contract::DeliveryMethod::Ship,
        DeliveryMethod::Pickup => contract::DeliveryMethod::Pickup,
        DeliveryMethod::Ticket => contract::DeliveryMethod::Ticket,
    };
    contract::Delivery {
        method: method.into(),
        ward_code: delivery.ward_code.clone(),
        address: delivery.address.clone(),
        note: delivery.note.clone(),
    }
}

/// A cart at the prices of now. What catalog no longer knows is shown without a price.
pub fn cart_message(priced: &PricedCart, now: Timestamp) -> contract::Cart {
    let currency = kernel::Currency::Vnd.code().to_owned();
    let mut total = 0_i64;
    let mut lines = Vec::with_capacity(priced.cart.lines.len());
    let unknown = Offer::default();
    for line in &priced.cart.lines {
        let offer = offer_of(&priced.offers, &line.variant.to_string()).unwrap_or(&unknown);
        let unit = offer.price.clone().unwrap_or_default();
        let sum = unit.minor.saturating_mul(line.quantity);
        total = total.saturating_add(sum);
        lines.push(contract::CartLine {
            id: line.id.to_string(),
            variant_id: line.variant.to_string(),
            product_id: offer.product_id.clone(),
            shop_id: offer.shop_id.clone(),
            product_slug: offer.product_slug.clone(),
            title: offer.title.clone(),
            unit: offer.unit.clone(),
            picture: offer.picture.clone(),
            quantity: line.quantity,
            unit_price: Some(proto::common::Money {
                minor: unit.minor,
                currency: currency.clone(),
            }),
            total: Some(proto::common::Money { minor: sum, currency: currency.clone() }),
            available: offer.available,
            for_sale: offer.for_sale,
            ticket: offer.ticket.clone(),
        });
    }
    let status = if priced.cart.checked_out {
        contract::CartStatus::CheckedOut
    } else {
        contract::CartStatus::Open
    };
    let (vouchers, discount) = vouchers::of_cart(priced, now);
    let money = |minor| Some(proto::common::Money { minor, currency: currency.clone() });
    contract::Cart {
        id: priced.cart.id.to_string(),
        token: String::new(),
        lines,
        total: money(total.saturating_sub(discount.minor)),
        status: status.into(),
        vouchers,
        subtotal: money(total),
        discount: money(discount.minor),
    }
}

fn offer_of<'a>(offers: &'a HashMap<String, Offer>, variant: &str) -> Option<&'a Offer> {
    offers.get(variant)
}
