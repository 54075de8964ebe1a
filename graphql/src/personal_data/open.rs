//! What keeps somebody from deleting their account: what they bought or their shop sold and is not over, and money
//! that is on its way.

use async_graphql::Error;
use proto::accounts::ShopRole;
use proto::common::RefusalCode;
use proto::orders::HasOpenSalesRequest;
use proto::payments::{Refund, RefundStatus, ShopBalance, ShopRequest};

use super::purchases;
use crate::caller::Actor;
use crate::scope::Scope;

/// Pages of purchases that are looked at. What is older than all of these is over.
const PAGES: usize = 200;

/// The first reason why somebody's account cannot be deleted yet.
pub async fn reason(scope: &Scope, actor: &Actor) -> Result<Option<RefusalCode>, Error> {
    let owned = actor.memberships.iter().filter(|one| one.role() == ShopRole::Owner);
    for membership in owned {
        let request = ShopRequest { shop_id: membership.shop_id.clone() };
        let balance = scope.answer(scope.payments.clone().get_shop_balance(request).await)?;
        if has_money(&balance) {
            return Ok(Some(RefusalCode::MoneyOpen));
        }
        // A shop may be closed, and be paid on its own account, while somebody waits for what it sold.
        let request = HasOpenSalesRequest { shop_id: membership.shop_id.clone() };
        if scope.answer(scope.orders.clone().has_open_sales(request).await)?.open {
            return Ok(Some(RefusalCode::ShopSalesOpen));
        }
    }
    let mut after = String::new();
    for _ in 0..PAGES {
        let Some((bought, next)) = purchases::page(scope, &actor.user.id, after).await? else {
            return Ok(None);
        };
        if bought.iter().any(|bought| bought.open) {
            return Ok(Some(RefusalCode::PurchasesOpen));
        }
        let payments = purchases::payments_of(scope, &bought).await?;
        if payments.values().any(|payment| is_due(&payment.refunds)) {
            return Ok(Some(RefusalCode::MoneyOpen));
        }
        match next {
            Some(cursor) => after = cursor,
            None => return Ok(None),
        }
    }
    Ok(None)
}

fn has_money(balance: &ShopBalance) -> bool {
    let parts = [&balance.owed, &balance.pending, &balance.reserved];
    parts.into_iter().flatten().any(|money| money.minor != 0)
}

/// Whether money of a payment is still to go back. Its refunds come the oldest first.
fn is_due(refunds: &[Refund]) -> bool {
    refunds.iter().enumerate().any(|(place, refund)| match refund.status() {
        RefundStatus::RefundFailed => !is_replaced(refund, &refunds[place + 1..]),
        status => is_on_its_way(status),
    })
}

/// Whether later refunds took the place of one that failed: of the same order and kind, and of as much at least.
fn is_replaced(failed: &Refund, later: &[Refund]) -> bool {
    // Money that came second names no shop: it does not take the place of what paid the order.
    let of = |refund: &Refund| {
        (refund.order_id.clone(), refund.shop_id.clone(), refund.credit_id.clone())
    };
    let minor = |refund: &Refund| refund.amount.as_ref().map_or(0, |amount| amount.minor);
    let of_the_same = later.iter().filter(|refund| of(refund) == of(failed));
    let mut instead =
        of_the_same.filter(|refund| holds_money(refund.status())).map(minor).peekable();
    instead.peek().is_some() && instead.sum::<i64>() >= minor(failed)
}

/// Whether the money of a refund is there, or on its way.
const fn holds_money(status: RefundStatus) -> bool {
    is_on_its_way(status) || matches!(status, RefundStatus::RefundSucceeded)
}

/// Whether a refund is neither there nor given up: those that wait for an account or a person, too.
const fn is_on_its_way(status: RefundStatus) -> bool {
    match status {
        RefundStatus::RefundNeedsApproval
        | RefundStatus::RefundApproved
        | RefundStatus::RefundSent
        | RefundStatus::RefundRequested => true,
        RefundStatus::Unspecified
        | RefundStatus::RefundSucceeded
        | RefundStatus::RefundFailed
        | RefundStatus::RefundCancelled => false,
    }
}
