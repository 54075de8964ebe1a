//! Who deletes their account, and what keeps them from it.

use proto::accounts::DeleteUserRequest;
use proto::common::Empty;
use proto::orders::{
    BoughtCheckout, BoughtCheckoutPage, Checkout, HasOpenSalesRequest, ListBuyerCheckoutsRequest,
    OpenSales,
};
use proto::payments::{
    GetPaymentsRequest, Payment, PaymentList, Refund, RefundStatus, ShopBalance, ShopRequest,
};
use serde_json::json;

use crate::support::{Market, payment_id, post, user_of, vnd};

const DELETE: &str = "mutation { deleteMyAccount(input: {password: \"mat-khau\"}) {
  deleted userErrors { code } } }";

/// A market in which "a" bought something, with a refund, and their shop has some money, or is waited for.
fn market(open: bool, refund: RefundStatus, owed: i64, sales: bool) -> Market {
    let refund = Refund { status: refund.into(), ..Refund::default() };
    market_with(open, vec![refund], owed, sales)
}

/// The same with several refunds of what "a" bought, the oldest first.
fn market_with(open: bool, refunds: Vec<Refund>, owed: i64, sales: bool) -> Market {
    let market = Market::new();
    market.orders.on("has_open_sales", move |_: HasOpenSalesRequest| Ok(OpenSales { open: sales }));
    market.orders.on("list_buyer_checkouts", move |_: ListBuyerCheckoutsRequest| {
        let checkout = Checkout { payment_id: payment_id(1), ..Checkout::default() };
        let bought = BoughtCheckout { checkout: Some(checkout), open, ..BoughtCheckout::default() };
        Ok(BoughtCheckoutPage { checkouts: vec![bought], page: None })
    });
    market.payments.on("get_payments", move |request: GetPaymentsRequest| {
        let (id, refunds) = (request.ids[0].clone(), refunds.clone());
        Ok(PaymentList { payments: vec![Payment { id, refunds, ..Payment::default() }] })
    });
    market.payments.on("get_shop_balance", move |_: ShopRequest| {
        Ok(ShopBalance { owed: Some(vnd(owed)), ..ShopBalance::default() })
    });
    market.accounts.on("delete_user", |request: DeleteUserRequest| {
        assert_eq!(request.user_id, user_of("a").unwrap().user.unwrap().id);
        assert_eq!(request.password, "mat-khau");
        Ok(Empty {})
    });
    market
}

#[tokio::test]
async fn an_account_goes_when_nothing_of_its_person_is_open() {
    use RefundStatus::{
        RefundCancelled, RefundFailed, RefundNeedsApproval, RefundRequested, RefundSent,
        RefundSucceeded,
    };
    for (open, refund, owed, sales, code) in [
        (false, RefundSucceeded, 0, false, None),
        (false, RefundCancelled, 0, false, None),
        // The money did not go, and is still due.
        (false, RefundFailed, 0, false, Some("MONEY_OPEN")),
        (true, RefundSucceeded, 0, false, Some("PURCHASES_OPEN")),
        (false, RefundSent, 0, false, Some("MONEY_OPEN")),
        (false, RefundNeedsApproval, 0, false, Some("MONEY_OPEN")),
        // Nobody has said yet where it goes.
        (false, RefundRequested, 0, false, Some("MONEY_OPEN")),
        (false, RefundSucceeded, 1_000, false, Some("MONEY_OPEN")),
        (false, RefundSucceeded, -1_000, false, Some("MONEY_OPEN")),
        (false, RefundSucceeded, 0, true, Some("SHOP_SALES_OPEN")),
    ] {
        let market = market(open, refund, owed, sales);
        let answer = post(&market.routes(), "a", DELETE, json!({})).await;
        let payload = &answer["data"]["deleteMyAccount"];
        let asked = market.accounts.take_calls().contains_key("delete_user");
        assert_eq!(asked, code.is_none(), "{answer}");
        match code {
            None => assert_eq!(*payload, json!({ "deleted": true, "userErrors": [] })),
            Some(code) => assert_eq!(payload["userErrors"], json!([{ "code": code }])),
        }
    }
}

#[tokio::test]
async fn a_refund_that_failed_is_due_until_a_later_one_of_the_same_order_takes_its_place() {
    use RefundStatus::{RefundCancelled, RefundFailed, RefundSent, RefundSucceeded};
    let of = |order: &str, minor, status: RefundStatus| Refund {
        order_id: order.to_owned(),
        shop_id: "shp_1".to_owned(),
        amount: Some(vnd(minor)),
        status: status.into(),
        ..Refund::default()
    };
    let failed = || of("ord_1", 5_000, RefundFailed);
    let second = |refund: Refund| Refund { shop_id: String::new(), ..refund };
    for (refunds, deleted) in [
        (vec![failed(), of("ord_1", 5_000, RefundSucceeded)], true),
        (vec![failed(), failed(), of("ord_1", 5_000, RefundSucceeded)], true),
        // In two parts.
        (
            vec![
                failed(),
                of("ord_1", 2_000, RefundSucceeded),
                of("ord_1", 3_000, RefundSucceeded),
            ],
            true,
        ),
        (vec![failed(), of("ord_1", 4_999, RefundSucceeded)], false),
        (vec![failed(), of("ord_2", 5_000, RefundSucceeded)], false),
        (vec![of("ord_1", 5_000, RefundSucceeded), failed()], false),
        (vec![failed(), of("ord_1", 5_000, RefundCancelled)], false),
        (vec![failed(), of("ord_1", 5_000, RefundSent)], false),
        // Money that came second goes back for itself.
        (vec![failed(), second(of("ord_1", 5_000, RefundSucceeded))], false),
    ] {
        let market = market_with(false, refunds.clone(), 0, false);
        let answer = post(&market.routes(), "a", DELETE, json!({})).await;
        let payload = &answer["data"]["deleteMyAccount"];
        let errors = if deleted { json!([]) } else { json!([{ "code": "MONEY_OPEN" }]) };
        assert_eq!(payload["userErrors"], errors, "{refunds:?}");
        assert_eq!(
            market.accounts.take_calls().contains_key("delete_user"),
            deleted,
            "{refunds:?}"
        );
    }
}
