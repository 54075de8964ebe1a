//! Settlement through the API: who may do what, and what reaches payments.

use kernel::{OrderLineId, RefundId};
use proto::orders::{Checkout, GetCheckoutRequest, GetOrdersRequest, Order, OrderLine, OrderList};
use proto::payments::{
    GetPaymentsRequest, GetRefundRequest, PayeeAccount, Payment, PaymentList,
    ProvideRefundAccountRequest, Refund, RefundPaymentRequest, RefundStatus,
};
use serde_json::json;
use tonic::Status;
use uuid::Uuid;

use crate::support::{Market, SHOP_A, order_id, payment_id, post, shop, user_of, vnd};

fn refund_id() -> String {
    RefundId::from_uuid(Uuid::from_u128(1)).to_string()
}

fn line_id(number: u128) -> String {
    OrderLineId::from_uuid(Uuid::from_u128(number)).to_string()
}

fn order() -> Order {
    let line =
        OrderLine { id: line_id(1), quantity: 3, total: Some(vnd(75_000)), ..OrderLine::default() };
    Order { id: order_id(1), shop_id: shop(SHOP_A).id, lines: vec![line], ..Order::default() }
}

fn requested() -> Refund {
    Refund {
        id: refund_id(),
        payment_id: payment_id(1),
        order_id: order_id(1),
        amount: Some(vnd(25_000)),
        status: RefundStatus::RefundRequested.into(),
        ..Refund::default()
    }
}

#[tokio::test]
async fn a_shop_refunds_pieces_of_its_orders_lines_without_knowing_the_account() {
    let market = Market::new();
    market.orders.on("get_orders", |request: GetOrdersRequest| {
        let mine = request.shop_ids.contains(&shop(SHOP_A).id);
        Ok(OrderList { orders: if mine { vec![order()] } else { Vec::new() } })
    });
    market.payments.on("refund_payment", |request: RefundPaymentRequest| {
        assert_eq!((request.account, request.amount), (None, None));
        let line = &request.lines[0];
        assert_eq!((line.quantity, line.ordered, line.total.clone()), (1, 3, Some(vnd(75_000))));
        Ok(requested())
    });
    let routes = market.routes();
    let query = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      refund { status amount { amount } account { number } } userErrors { code path } } }";
    let input = |lines| {
        json!({ "input": { "paymentId": payment_id(1), "orderId": order_id(1), "reason": "hỏng",
          "idempotencyKey": "k", "lines": lines } })
    };
    let lines = json!([{ "orderLineId": line_id(1), "quantity": 1 }]);
    let answer = post(&routes, "a", query, input(lines.clone())).await;
    let refund = &answer["data"]["refundPayment"]["refund"];
    assert_eq!(refund["status"], "REQUESTED", "{answer}");
    assert_eq!((&refund["account"], &refund["amount"]["amount"]), (&json!(null), &json!("25000")));
    // Another shop, a line that is not the order's, nothing asked for.
    let other = json!([{ "orderLineId": line_id(9), "quantity": 1 }]);
    for (who, lines, code) in
        [("b", lines, "NOT_FOUND"), ("a", other, "NOT_FOUND"), ("a", json!([]), "REQUIRED")]
    {
        let answer = post(&routes, who, query, input(lines)).await;
        assert_eq!(answer["data"]["refundPayment"]["userErrors"][0]["code"], code, "{answer}");
    }
    assert_eq!(market.payments.take_calls().get("refund_payment"), Some(&1));
}

#[tokio::test]
async fn only_the_buyer_and_operators_say_where_a_refund_goes() {
    let market = Market::new();
    market.payments.on("get_refund", |request: GetRefundRequest| {
        if request.refund_id == refund_id() {
            Ok(requested())
        } else {
            Err(Status::not_found("none"))
        }
    });
    market.payments.on("get_payments", |_: GetPaymentsRequest| {
        let checkout_id = "chk_1".to_owned();
        let payment = Payment { id: payment_id(1), checkout_id, ..Payment::default() };
        Ok(PaymentList { payments: vec![payment] })
    });
    market.orders.on("get_checkout", |request: GetCheckoutRequest| {
        let buyer = user_of("buyer").unwrap().user.unwrap().id;
        assert!(!request.operator && request.checkout_id == "chk_1");
        if request.token == "secret" || request.buyer_id == buyer {
            return Ok(Checkout {
                id: request.checkout_id,
                orders: vec![order()],
                ..Checkout::default()
            });
        }
        Err(Status::not_found("none"))
    });
    market.payments.on("provide_refund_account", |request: ProvideRefundAccountRequest| {
        let operator = user_of("operator").unwrap().user.unwrap().id;
        assert_eq!(request.operator, request.provided_by == operator);
        let account = PayeeAccount {
            bank_bin: "970436".to_owned(),
            number: "1".to_owned(),
            holder: "A".to_owned(),
        };
        assert_eq!(request.account, Some(account));
        Ok(Refund { status: RefundStatus::RefundApproved.into(), ..requested() })
    });
    let routes = market.routes();
    let query =
        "mutation($input: ProvideRefundAccountInput!) { provideRefundAccount(input: $input) {
      refund { id status needsAccount } userErrors { code } } }";
    let account = json!({ "bin": "970436", "number": "1", "holder": "A" });
    let input = |id: String, token: &str| json!({ "input": { "refundId": id, "token": token, "account": account } });
    for (who, token, allowed) in [
        ("", "secret", true),
        ("buyer", "", true),
        ("operator", "", true),
        ("", "", false),
        ("", "guess", false),
        ("a", "", false),
        ("b", "guess", false),
    ] {
        let answer = post(&routes, who, query, input(refund_id(), token)).await;
        let payload = &answer["data"]["provideRefundAccount"];
        if allowed {
            assert_eq!(payload["refund"]["needsAccount"], false, "{who}: {answer}");
        } else {
            assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND", "{who}: {answer}");
        }
    }
    let unknown = RefundId::from_uuid(Uuid::from_u128(2)).to_string();
    let answer = post(&routes, "buyer", query, input(unknown, "")).await;
    assert_eq!(answer["data"]["provideRefundAccount"]["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(market.payments.take_calls().get("provide_refund_account"), Some(&3));
}
