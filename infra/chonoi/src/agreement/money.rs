//! Payments and orders: money that came is known, what is paid has its money, and what orders gave back is
//! a refund.

use std::collections::HashMap;

use kernel::CheckoutId;
use orders::standing::{CheckoutStanding, checkouts_after, checkouts_by_ids};
use payments::standing::{
    PaymentStanding, orders_of_refunds, payments_after, payments_of_checkouts,
};
use sea_orm::{DatabaseConnection, DbErr};

use super::{MOST, PAGE};

/// Payments that succeeded and of which orders did not hear, or that are split otherwise than their
/// checkouts' orders.
pub async fn received(
    orders: &DatabaseConnection,
    payments: &DatabaseConnection,
) -> Result<Vec<String>, DbErr> {
    let (mut wrong, mut after) = (Vec::new(), None);
    while wrong.len() < MOST {
        let page = payments_after(payments, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let checkouts = page.iter().map(|payment| payment.checkout).collect();
        let known = checkouts_by_ids(orders, checkouts).await?;
        let known: HashMap<CheckoutId, CheckoutStanding> =
            known.into_iter().map(|checkout| (checkout.id, checkout)).collect();
        let of =
            |payment: &PaymentStanding| wrong_with_payment(payment, known.get(&payment.checkout));
        wrong.extend(page.iter().filter_map(of));
    }
    Ok(wrong)
}

fn wrong_with_payment(
    payment: &PaymentStanding,
    checkout: Option<&CheckoutStanding>,
) -> Option<String> {
    let code = &payment.code;
    let Some(checkout) = checkout else {
        return payment
            .succeeded
            .then(|| format!("a payment succeeded for a checkout that is not known: {code}"));
    };
    if payment.succeeded && !checkout.heard_of_money {
        return Some(format!("a payment succeeded, and orders did not hear of it: {code}"));
    }
    // Until its orders are written a checkout does not name its payment.
    let named = checkout.payment == Some(payment.id);
    let same = checkout.total_minor == payment.amount_minor && checkout.parts == payment.parts;
    (named && !same)
        .then(|| format!("a payment is not what the orders of its checkout ask for: {code}"))
}

/// Checkouts that are paid without a payment that succeeded, and refunds of orders that payments does not
/// know.
pub async fn paid_and_given_back(
    orders: &DatabaseConnection,
    payments: &DatabaseConnection,
) -> Result<Vec<String>, DbErr> {
    let (mut wrong, mut after) = (Vec::new(), None);
    while wrong.len() < MOST {
        let page = checkouts_after(orders, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let paid: Vec<&CheckoutStanding> = page.iter().filter(|checkout| checkout.paid).collect();
        let checkouts = paid.iter().map(|checkout| checkout.id).collect();
        let found = payments_of_checkouts(payments, checkouts).await?;
        let has_money = |checkout: &CheckoutStanding| {
            found.iter().any(|payment| payment.checkout == checkout.id && payment.succeeded)
        };
        let without = paid.into_iter().filter(|checkout| !has_money(checkout));
        wrong.extend(without.map(|checkout| {
            format!("a checkout is paid, and no payment of it succeeded: {}", checkout.id)
        }));
        let refunds: Vec<_> = page.iter().flat_map(|checkout| checkout.refunds.clone()).collect();
        let known =
            orders_of_refunds(payments, refunds.iter().map(|(id, _)| *id).collect()).await?;
        let unknown = refunds.iter().filter(|(id, order)| known.get(id) != Some(order));
        wrong.extend(unknown.map(|(id, order)| {
            format!("an order gave money back, and there is no such refund of it: {order}, {id}")
        }));
    }
    Ok(wrong)
}
