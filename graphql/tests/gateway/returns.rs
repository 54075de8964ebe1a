//! What comes back of orders, through the API.

use proto::Refused;
use proto::common::RefusalCode;
use proto::orders::{Order, OrderStatus};
use proto::returns::{
    ApproveReturnRequest, CancelOrderRequest, OrderReturn, RequestReturnRequest, ReturnKind,
    ReturnParty, ReturnStatus, ReturnedPieces,
};
use serde_json::json;

use crate::support::{Market, SHOP_A, order_id, post, shop, user_of, vnd};

fn called_off(shop_id: String) -> Order {
    let one = OrderReturn {
        id: "ret_1".to_owned(),
        kind: ReturnKind::Cancellation.into(),
        status: ReturnStatus::ReturnDone.into(),
        asked_by: ReturnParty::Shop.into(),
        lines: vec![ReturnedPieces { order_line_id: "oline_1".to_owned(), quantity: 2 }],
        refund: Some(vnd(170_000)),
        refund_id: "rfnd_1".to_owned(),
        ..OrderReturn::default()
    };
    Order {
        id: order_id(1),
        shop_id,
        status: OrderStatus::OrderCancelled.into(),
        total: Some(vnd(170_000)),
        cancelled_at: 1_800_000_000_000_000,
        returns: vec![one],
        ..Order::default()
    }
}

const CANCEL: &str = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) {
  order { status cancelledAt returns { id kind status askedBy refund { amount } refundId lines { quantity } } }
  userErrors { code path } } }";

#[tokio::test]
async fn a_guest_calls_an_order_off_by_its_secret_and_a_shop_by_its_member() {
    let market = Market::new();
    let own = shop(SHOP_A).id;
    let shop_id = own.clone();
    market.orders.on("cancel_order", move |request: CancelOrderRequest| {
        if request.shop_id.is_empty() {
            assert_eq!((request.token.as_str(), request.requested_by.as_str()), ("secret", ""));
            return Err(Refused::new(RefusalCode::StatusConflict)
                .at(&["orderId"])
                .fact("status", "FULFILLED")
                .into());
        }
        let member = user_of("a")?.user.unwrap_or_default().id;
        assert_eq!((request.requested_by, request.buyer_id.as_str()), (member, ""));
        Ok(called_off(shop_id.clone()))
    });
    let routes = market.routes();
    let input = json!({ "orderId": order_id(1), "token": "secret", "idempotencyKey": "khoa-so-1" });
    let answer = post(&routes, "", CANCEL, json!({ "input": input })).await;
    let errors = &answer["data"]["cancelOrder"]["userErrors"];
    assert_eq!(errors, &json!([{ "code": "STATUS_CONFLICT", "path": ["orderId"] }]), "{answer}");
    let input = json!({ "orderId": order_id(1), "shopId": own, "idempotencyKey": "khoa-so-1" });
    for stranger in ["b", "buyer", "operator"] {
        let answer = post(&routes, stranger, CANCEL, json!({ "input": input })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    }
    let answer = post(&routes, "a", CANCEL, json!({ "input": input })).await;
    let order = &answer["data"]["cancelOrder"]["order"];
    assert_eq!(order["status"], "CANCELLED", "{answer}");
    let one = &order["returns"][0];
    assert_eq!((&one["kind"], &one["askedBy"]), (&json!("CANCELLATION"), &json!("SHOP")));
    assert_eq!((&one["refund"]["amount"], &one["refundId"]), (&json!("170000"), &json!("rfnd_1")));
}

#[tokio::test]
async fn what_a_buyer_asks_back_its_shop_decides_on() {
    let market = Market::new();
    let own = shop(SHOP_A).id;
    market.orders.on("request_return", |request: RequestReturnRequest| {
        assert_eq!(request.buyer_id, user_of("buyer")?.user.unwrap_or_default().id);
        assert_eq!(request.lines[0].quantity, 2);
        Err::<Order, _>(Refused::new(RefusalCode::ReturnWindowClosed).at(&["orderId"]).into())
    });
    let shop_id = own.clone();
    market.orders.on("approve_return", move |request: ApproveReturnRequest| {
        assert_eq!((request.return_id.as_str(), request.restock), ("ret_1", true));
        assert_eq!(request.decided_by, user_of("a")?.user.unwrap_or_default().id);
        Ok(called_off(shop_id.clone()))
    });
    let routes = market.routes();
    let ask = "mutation($input: RequestReturnInput!) { requestReturn(input: $input) { order { id }
        userErrors { code message } } }";
    let input = json!({ "orderId": order_id(1), "reason": "dập", "idempotencyKey": "khoa-so-1",
        "lines": [{ "orderLineId": "oline_1", "quantity": 2 }] });
    let answer = post(&routes, "buyer", ask, json!({ "input": input })).await;
    let error = &answer["data"]["requestReturn"]["userErrors"][0];
    assert_eq!(error["code"], "RETURN_WINDOW_CLOSED", "{answer}");
    let approve =
        "mutation($input: ApproveReturnInput!) { approveReturn(input: $input) { order { id }
        userErrors { code } } }";
    let input = json!({ "shopId": own, "returnId": "ret_1", "restock": true });
    let answer = post(&routes, "b", approve, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    let answer = post(&routes, "a", approve, json!({ "input": input })).await;
    assert_eq!(answer["data"]["approveReturn"]["order"]["id"], order_id(1), "{answer}");
}
