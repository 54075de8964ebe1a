//! What a person bought while signed in: checkouts with their orders, tickets, returns, and what was paid back where.

use std::collections::HashMap;

use async_graphql::Error;
use proto::bookings::Ticket;
use proto::common::{LocalizedText, PageRequest};
use proto::orders::{
    BoughtCheckout, Contact, Delivery, GivenBack, ListBuyerCheckoutsRequest, Order, OrderLine,
    PayWith, VoucherUse,
};
use proto::payments::{GetPaymentsRequest, Payment, Refund};
use proto::returns::OrderReturn;
use serde_json::{Value, json};

use super::words::{amount, moment};
use crate::scope::Scope;

/// Checkouts of one question, and questions of one part of the file.
const AT_ONCE: u32 = 25;
const QUESTIONS: usize = 20;

/// A part of what a person bought.
pub struct Part {
    /// The newest first.
    pub purchases: Vec<Value>,
    /// Behind which purchase the next part begins; none: this was the last.
    pub next: Option<String>,
}

/// The part that begins behind a purchase; the first where none is named.
pub async fn part(scope: &Scope, person: &str, mut after: String) -> Result<Part, Error> {
    let mut purchases = Vec::new();
    for _ in 0..QUESTIONS {
        let Some((bought, next)) = page(scope, person, after).await? else {
            return Ok(Part { purchases, next: None });
        };
        let payments = payments_of(scope, &bought).await?;
        purchases.extend(bought.iter().map(|bought| purchase(bought, &payments)));
        match next {
            Some(cursor) => after = cursor,
            None => return Ok(Part { purchases, next: None }),
        }
    }
    Ok(Part { purchases, next: Some(after) })
}

/// A page of what somebody bought, and behind which purchase the next one begins.
pub async fn page(
    scope: &Scope,
    person: &str,
    after: String,
) -> Result<Option<(Vec<BoughtCheckout>, Option<String>)>, Error> {
    let page = Some(PageRequest { first: AT_ONCE, after });
    let request = ListBuyerCheckoutsRequest { buyer_id: person.to_owned(), page };
    let found = scope.orders.clone().list_buyer_checkouts(request).await;
    let Some(found) = scope.found_or_refused(found)? else { return Ok(None) };
    let page = found.page.unwrap_or_default();
    let next = page.cursors.into_iter().next_back().filter(|_| page.has_next);
    Ok(Some((found.checkouts, next)))
}

/// The payments of what somebody bought, by their ids.
pub async fn payments_of(
    scope: &Scope,
    bought: &[BoughtCheckout],
) -> Result<HashMap<String, Payment>, Error> {
    let ids = bought.iter().filter_map(|bought| bought.checkout.as_ref());
    let ids = ids.map(|checkout| checkout.payment_id.clone()).filter(|id| !id.is_empty());
    let ids: Vec<String> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = scope.payments.clone().get_payments(GetPaymentsRequest { ids }).await;
    let found = scope.answer(found)?.payments;
    Ok(found.into_iter().map(|payment| (payment.id.clone(), payment)).collect())
}

fn purchase(bought: &BoughtCheckout, payments: &HashMap<String, Payment>) -> Value {
    let checkout = bought.checkout.clone().unwrap_or_default();
    let pay_with = match bought.pay_with() {
        PayWith::Unspecified => None,
        way => Some(way.as_str_name()),
    };
    json!({
        "id": checkout.id,
        "status": checkout.status().as_str_name(),
        "total": amount(checkout.total.as_ref()),
        "createdAt": moment(checkout.created_at),
        "paidAt": moment(checkout.paid_at),
        "contact": bought.contact.as_ref().map(contact),
        "delivery": bought.delivery.as_ref().map(delivery),
        "payWith": pay_with,
        "locale": bought.locale,
        "orders": checkout.orders.iter().map(order).collect::<Vec<_>>(),
        "tickets": bought.tickets.iter().map(ticket).collect::<Vec<_>>(),
        "givenBack": bought.given_back.iter().map(given_back).collect::<Vec<_>>(),
        "voucherUses": bought.voucher_uses.iter().map(voucher_use).collect::<Vec<_>>(),
        "payment": payments.get(&checkout.payment_id).map(payment),
    })
}

fn contact(contact: &Contact) -> Value {
    json!({ "name": contact.name, "phone": contact.phone, "email": contact.email })
}

fn delivery(delivery: &Delivery) -> Value {
    json!({
        "method": delivery.method().as_str_name(),
        "wardCode": delivery.ward_code,
        "address": delivery.address,
        "note": delivery.note,
    })
}

fn order(order: &Order) -> Value {
    json!({
        "id": order.id,
        "number": order.number,
        "shopId": order.shop_id,
        "status": order.status().as_str_name(),
        "total": amount(order.total.as_ref()),
        "discount": amount(order.discount.as_ref()),
        "voucherCode": order.voucher_code,
        "paidAt": moment(order.paid_at),
        "fulfilledAt": moment(order.fulfilled_at),
        "cancelledAt": moment(order.cancelled_at),
        "lines": order.lines.iter().map(line).collect::<Vec<_>>(),
        "returns": order.returns.iter().map(order_return).collect::<Vec<_>>(),
        "notices": order.notices.iter().map(|notice| json!({
            "kind": notice.kind().as_str_name(),
            "at": moment(notice.at),
            "facts": notice.facts,
        })).collect::<Vec<_>>(),
    })
}

fn line(line: &OrderLine) -> Value {
    json!({
        "productId": line.product_id,
        "title": title(line.title.as_ref()),
        "unit": line.unit,
        "quantity": line.quantity,
        "cancelledQuantity": line.cancelled_quantity,
        "unitPrice": amount(line.unit_price.as_ref()),
        "total": amount(line.total.as_ref()),
    })
}

fn title(title: Option<&LocalizedText>) -> Value {
    let Some(title) = title else { return Value::Null };
    json!({ "vi": title.vi, "en": title.en })
}

fn order_return(one: &OrderReturn) -> Value {
    json!({
        "id": one.id,
        "kind": one.kind().as_str_name(),
        "status": one.status().as_str_name(),
        "reason": one.reason,
        "answer": one.answer,
        "refund": amount(one.refund.as_ref()),
        "createdAt": moment(one.created_at),
        "decidedAt": moment(one.decided_at),
        "finishedAt": moment(one.finished_at),
    })
}

fn ticket(ticket: &Ticket) -> Value {
    json!({
        "id": ticket.id,
        "orderId": ticket.order_id,
        "title": title(ticket.title.as_ref()),
        "status": ticket.status().as_str_name(),
        "guestName": ticket.guest_name,
        "price": amount(ticket.price.as_ref()),
        "redeemedAt": moment(ticket.redeemed_at),
        "cancelledAt": moment(ticket.cancelled_at),
    })
}

fn given_back(one: &GivenBack) -> Value {
    json!({
        "orderId": one.order_id,
        "at": moment(one.at),
        "reason": one.reason,
        "account": account(&one.bank_bin, &one.account_number, &one.account_holder),
    })
}

fn account(bank_bin: &str, number: &str, holder: &str) -> Value {
    if number.is_empty() {
        return Value::Null;
    }
    json!({ "bankBin": bank_bin, "number": number, "holder": holder })
}

fn voucher_use(one: &VoucherUse) -> Value {
    json!({
        "voucherId": one.voucher_id,
        "takenAt": moment(one.taken_at),
        "givenBackAt": moment(one.given_back_at),
    })
}

fn payment(payment: &Payment) -> Value {
    json!({
        "id": payment.id,
        "reference": payment.reference,
        "method": payment.method().as_str_name(),
        "status": payment.status().as_str_name(),
        "amount": amount(payment.amount.as_ref()),
        "succeededAt": moment(payment.succeeded_at),
        "refunds": payment.refunds.iter().map(refund).collect::<Vec<_>>(),
    })
}

fn refund(refund: &Refund) -> Value {
    // What a bank told of a payer, or an operator found out, may be another person's account.
    let named_by_the_buyer = matches!(refund.account_from.as_str(), "request" | "buyer");
    let to = refund.account.as_ref().filter(|_| named_by_the_buyer);
    json!({
        "id": refund.id,
        "reference": refund.reference,
        "orderId": refund.order_id,
        "amount": amount(refund.amount.as_ref()),
        "reason": refund.reason,
        "status": refund.status().as_str_name(),
        "toCard": refund.to_card,
        "account": to.map(|to| account(&to.bank_bin, &to.number, &to.holder)),
        "createdAt": moment(refund.created_at),
    })
}
