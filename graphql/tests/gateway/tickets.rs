//! Tickets, check-in and resellers through the API.

use std::collections::BTreeMap;

use proto::Refused;
use proto::bookings::{
    AddResellerRequest, CancelTicketsRequest, CancelledTicket, GetManifestRequest,
    GetTicketsRequest, ListResellersRequest, Manifest, RedeemTicketsRequest, Reseller, Resellers,
    ScanOutcome, ScanResult, ScanResults, Ticket, TicketCancellation, TicketKey, TicketKeys,
    TicketStatus, Tickets,
};
use proto::common::{Empty, PageInfo, RefusalCode};
use proto::orders::{
    Checkout, CheckoutStatus, GetCheckoutRequest, ListBuyerOrdersRequest, Notice, NoticeKind,
    Order, OrderLine, OrderPage, OrderStatus,
};
use proto::tours::{AgeKind, TicketOffer};
use serde_json::{Value, json};

use crate::support::{Market, SHOP_A, SHOP_B, order_id, post, shop, text, user_of, vnd};
use crate::tours::{departure_id, product_id};

fn offer() -> TicketOffer {
    TicketOffer {
        departure_id: departure_id(1),
        option_code: "join-in".to_owned(),
        ticket_code: "adult".to_owned(),
        age: AgeKind::Adult.into(),
        admits: 1,
        ..TicketOffer::default()
    }
}

fn ticket(number: u32, order: u128) -> Ticket {
    Ticket {
        id: format!("tkt_{number}"),
        order_id: order_id(order),
        shop_id: shop(SHOP_A).id,
        product_id: product_id(1),
        title: Some(text("Chợ nổi", "Floating market")),
        offer: Some(offer()),
        code: format!("CN1.tkt_{number}.signature"),
        status: TicketStatus::TicketValid.into(),
        price: Some(vnd(450_000)),
        number,
        contact_name: "Lê Minh".to_owned(),
        ..Ticket::default()
    }
}

/// An order: with tickets where its number is even.
fn order(number: u128, status: OrderStatus) -> Order {
    let ticket = number.is_multiple_of(2).then(offer);
    Order {
        id: order_id(number),
        checkout_id: "chk_1".to_owned(),
        shop_id: shop(SHOP_A).id,
        status: status.into(),
        lines: vec![OrderLine { ticket, quantity: 1, ..OrderLine::default() }],
        total: Some(vnd(450_000)),
        ..Order::default()
    }
}

#[tokio::test]
async fn orders_with_their_tickets_are_two_calls() {
    let market = Market::new();
    market.orders.on("list_buyer_orders", |_: ListBuyerOrdersRequest| {
        let orders: Vec<_> = (1..=20)
            .map(|number| {
                let paid =
                    if number > 4 { OrderStatus::OrderPaid } else { OrderStatus::OrderPending };
                order(number, paid)
            })
            .collect();
        let cursors = orders.iter().map(|order| order.id.clone()).collect();
        Ok(OrderPage { orders, page: Some(PageInfo { has_next: false, cursors, total: 20 }) })
    });
    market.orders.on("get_tickets", |request: GetTicketsRequest| {
        // Neither goods nor what is not paid has tickets.
        assert_eq!(request.order_ids.len(), 8);
        assert_eq!(request.buyer_id, user_of("buyer")?.user.unwrap_or_default().id);
        assert_eq!((request.operator, request.token.as_str()), (false, ""));
        Ok(Tickets { tickets: vec![ticket(1, 6), ticket(2, 6), ticket(3, 8)] })
    });
    let query = "{ me { orders(first: 20) { nodes { id lines { ticket { ticketKind } } tickets { number status qrSvg title } } } } }";
    let answer = post(&market.routes(), "buyer", query, json!({})).await;
    let nodes = answer["data"]["me"]["orders"]["nodes"].as_array().unwrap();
    let counts: Vec<_> =
        nodes.iter().map(|node| node["tickets"].as_array().unwrap().len()).collect();
    assert_eq!(counts[..9], [0, 0, 0, 0, 0, 2, 0, 1, 0], "{answer}");
    assert_eq!(nodes[5]["tickets"][1]["title"], "Floating market");
    assert!(nodes[5]["tickets"][1]["qrSvg"].as_str().unwrap().starts_with("<svg"));
    assert_eq!(nodes[5]["lines"][0]["ticket"]["ticketKind"], "adult");
    assert_eq!(nodes[4]["lines"][0]["ticket"], Value::Null);
    let expected = BTreeMap::from([("get_tickets", 1), ("list_buyer_orders", 1)]);
    assert_eq!(market.orders.take_calls(), expected);
}

#[tokio::test]
async fn who_has_the_checkouts_token_sees_its_tickets_once_it_is_paid() {
    let market = Market::new();
    market.orders.on("get_checkout", |request: GetCheckoutRequest| {
        let status = if request.checkout_id == "chk_1" {
            CheckoutStatus::Paid
        } else {
            CheckoutStatus::AwaitingPayment
        };
        Ok(Checkout {
            id: request.checkout_id,
            status: status.into(),
            orders: vec![order(2, OrderStatus::OrderPaid), order(3, OrderStatus::OrderPaid)],
            ..Checkout::default()
        })
    });
    market.orders.on("get_tickets", |request: GetTicketsRequest| {
        assert_eq!((request.checkout_id.as_str(), request.token.as_str()), ("chk_1", "secret"));
        Ok(Tickets { tickets: vec![ticket(1, 2), ticket(2, 2)] })
    });
    let routes = market.routes();
    let query = "query($id: ID!) { checkout(id: $id, token: \"secret\") { tickets { code } orders { tickets { code } } } }";
    let answer = post(&routes, "", query, json!({ "id": "chk_1" })).await;
    let codes = json!([{ "code": "CN1.tkt_1.signature" }, { "code": "CN1.tkt_2.signature" }]);
    assert_eq!(
        answer["data"]["checkout"],
        json!({ "tickets": codes, "orders": [{ "tickets": codes }, { "tickets": [] }] }),
        "{answer}"
    );
    let calls = market.orders.take_calls();
    assert_eq!(calls["get_tickets"], 1, "{calls:?}");
    let query = "query($id: ID!) { checkout(id: $id, token: \"secret\") { tickets { code } } }";
    let answer = post(&routes, "", query, json!({ "id": "chk_2" })).await;
    assert_eq!(answer["data"]["checkout"]["tickets"], json!([]), "{answer}");
    assert!(!market.orders.take_calls().contains_key("get_tickets"));
}

fn scanning_market() -> Market {
    let market = Market::new();
    market.orders.on("redeem_tickets", |request: RedeemTicketsRequest| {
        assert_eq!(request.shop_id, shop(SHOP_A).id);
        assert_eq!(request.scanned_by, user_of("a")?.user.unwrap_or_default().id);
        let result = |scan: proto::bookings::Scan| {
            assert!(scan.scanned_at > 1_700_000_000_000_000);
            let outcome = match (scan.code.as_str(), scan.undo) {
                (_, true) => ScanOutcome::Undone,
                ("good", _) => ScanOutcome::Admitted,
                _ => ScanOutcome::Forged,
            };
            let known = outcome != ScanOutcome::Forged;
            ScanResult {
                nonce: scan.nonce,
                outcome: outcome.into(),
                ticket: known.then(|| ticket(1, 2)),
                admitted_at: 0,
            }
        };
        Ok(ScanResults { results: request.scans.into_iter().map(result).collect() })
    });
    market
}

#[tokio::test]
async fn a_ticket_lets_its_guest_on_board_and_a_forged_one_says_why_not() {
    let market = scanning_market();
    let routes = market.routes();
    let query = "mutation($input: RedeemTicketInput!) { redeemTicket(input: $input) {
      scan { nonce outcome admitted message ticket { contactName } } userErrors { code } } }";
    let ask = async |who: &str, code: &str, shop: Value| {
        let input = json!({ "code": code, "idempotencyKey": "0123456789abcdef", "shopId": shop });
        post(&routes, who, query, json!({ "input": input })).await
    };
    let answer = ask("a", "good", Value::Null).await;
    assert_eq!(
        answer["data"]["redeemTicket"]["scan"],
        json!({ "nonce": "0123456789abcdef", "outcome": "ADMITTED", "admitted": true, "message": "Welcome on board.",
          "ticket": { "contactName": "Lê Minh" } }),
        "{answer}"
    );
    let answer = ask("a", "bad", json!(shop(SHOP_A).id)).await;
    let scan = &answer["data"]["redeemTicket"]["scan"];
    assert_eq!(
        (&scan["outcome"], &scan["admitted"]),
        (&json!("FORGED"), &json!(false)),
        "{answer}"
    );
    assert_eq!(scan["ticket"], Value::Null);
    market.orders.take_calls();
    // Neither somebody of no shop nor of another one reaches the tickets.
    for (who, shop) in
        [("buyer", Value::Null), ("b", json!(shop(SHOP_A).id)), ("a", json!(shop(SHOP_B).id))]
    {
        let answer = ask(who, "good", shop).await;
        let refused = &answer["data"]["redeemTicket"]["userErrors"][0]["code"];
        assert_eq!(refused, "NOT_FOUND", "{who}: {answer}");
    }
    assert!(market.orders.take_calls().is_empty());
}

#[tokio::test]
async fn what_a_phone_saw_without_network_is_told_in_one_go_and_can_be_taken_back() {
    let market = scanning_market();
    let routes = market.routes();
    let query = "mutation($input: RedeemTicketsInput!) { redeemTickets(input: $input) { scans { nonce outcome } userErrors { code } } }";
    let input = json!({ "shopId": shop(SHOP_A).id, "device": "Bến 1", "scans": [
      { "nonce": "n1", "code": "good", "scannedAt": "2026-12-01T05:20:00+07:00" },
      { "nonce": "n2", "code": "bad" }, { "nonce": "n3", "code": "good", "undo": true }] });
    let answer = post(&routes, "a", query, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["redeemTickets"]["scans"],
        json!([{ "nonce": "n1", "outcome": "ADMITTED" }, { "nonce": "n2", "outcome": "FORGED" }, { "nonce": "n3", "outcome": "UNDONE" }]),
        "{answer}"
    );
    let query = "mutation($shop: ID!) { undoRedemption(input: {shopId: $shop, code: \"good\", idempotencyKey: \"n4\"}) { scan { outcome } } }";
    let answer = post(&routes, "a", query, json!({ "shop": shop(SHOP_A).id })).await;
    assert_eq!(answer["data"]["undoRedemption"]["scan"]["outcome"], "UNDONE", "{answer}");
    assert_eq!(market.orders.take_calls()["redeem_tickets"], 2);
}

#[tokio::test]
async fn what_comes_back_is_told_before_and_done_with_the_same_words() {
    let market = Market::new();
    market.orders.on("cancel_tickets", |request: CancelTicketsRequest| {
        assert_eq!((request.checkout_id.as_str(), request.token.as_str()), ("chk_1", "secret"));
        if request.ticket_ids == ["tkt_9"] {
            return Err(Refused::new(RefusalCode::TicketNotCancellable)
                .fact("status", "redeemed")
                .into());
        }
        if !request.dry_run {
            assert_eq!(
                (request.idempotency_key.as_str(), request.account_number.as_str()),
                ("khoa", "0071000")
            );
        }
        let part = CancelledTicket {
            ticket_id: "tkt_1".to_owned(),
            price: Some(vnd(450_000)),
            refund: Some(vnd(225_000)),
            refund_basis_points: 5_000,
            hours_before: 24,
        };
        Ok(TicketCancellation {
            id: if request.dry_run { String::new() } else { "tcan_1".to_owned() },
            tickets: vec![part],
            refund: Some(vnd(225_000)),
            refund_ids: Vec::new(),
            account_needed: request.dry_run,
            ..TicketCancellation::default()
        })
    });
    let routes = market.routes();
    let fields = "cancellation { id refund { amount } accountNeeded tickets { ticketId refundBasisPoints hoursBefore } } userErrors { code }";
    let quote = format!(
        "query($ids: [ID!]!) {{ quoteTicketCancellation(checkoutId: \"chk_1\", token: \"secret\", ticketIds: $ids) {{ {fields} }} }}"
    );
    let answer = post(&routes, "", &quote, json!({ "ids": ["tkt_1"] })).await;
    let told = &answer["data"]["quoteTicketCancellation"]["cancellation"];
    let tickets = json!([{ "ticketId": "tkt_1", "refundBasisPoints": 5000, "hoursBefore": 24 }]);
    assert_eq!(
        *told,
        json!({ "id": null, "refund": { "amount": "225000" }, "accountNeeded": true, "tickets": tickets }),
        "{answer}"
    );
    let answer = post(&routes, "", &quote, json!({ "ids": ["tkt_9"] })).await;
    assert_eq!(
        answer["data"]["quoteTicketCancellation"]["userErrors"],
        json!([{ "code": "TICKET_NOT_CANCELLABLE" }]),
        "{answer}"
    );
    let cancel = format!(
        "mutation($input: CancelTicketsInput!) {{ cancelTickets(input: $input) {{ {fields} }} }}"
    );
    let input = json!({ "checkoutId": "chk_1", "token": "secret", "ticketIds": ["tkt_1"], "idempotencyKey": "khoa",
      "bankAccount": { "bin": "970436", "number": "0071000", "holder": "LE MINH" } });
    let answer = post(&routes, "", &cancel, json!({ "input": input })).await;
    let done = &answer["data"]["cancelTickets"]["cancellation"];
    assert_eq!((&done["id"], &done["refund"]), (&json!("tcan_1"), &told["refund"]), "{answer}");
}

#[tokio::test]
async fn a_shop_sees_its_manifest_its_keys_and_its_resellers_and_a_resellers_key_once() {
    let market = Market::new();
    market.orders.on("get_manifest", |request: GetManifestRequest| {
        assert_eq!(request.shop_id, shop(SHOP_A).id);
        let tickets = vec![ticket(1, 2), ticket(2, 2)];
        Ok(Manifest {
            departure_id: request.departure_id,
            tickets,
            add_ons: Vec::new(),
            people: 2,
            redeemed: 0,
        })
    });
    market.orders.on("get_ticket_keys", |_: Empty| {
        let key = TicketKey { key_id: "k1".to_owned(), public_key: vec![0xab; 32] };
        Ok(TicketKeys { keys: vec![key] })
    });
    let reseller = |key: &str| Reseller {
        id: "rsl_1".to_owned(),
        name: "Mekong Tickets".to_owned(),
        active: true,
        key: key.to_owned(),
        ..Reseller::default()
    };
    market.orders.on("list_resellers", move |_: ListResellersRequest| {
        Ok(Resellers { resellers: vec![reseller("")] })
    });
    market.orders.on("add_reseller", move |request: AddResellerRequest| {
        assert_eq!(request.contact_email, "api@mekong.example");
        Ok(reseller("secret key"))
    });
    let routes = market.routes();
    let query = "query($shop: ID!, $departure: ID!) { me { shop(id: $shop) { ticketKeys { keyId publicKey } resellers { name key owed { amount } }
      manifest(departureId: $departure) { people redeemed tickets { number contactName offer { ticketKind } shop { name } } } } } }";
    let variables = json!({ "shop": shop(SHOP_A).id, "departure": departure_id(1) });
    let answer = post(&routes, "a", query, variables).await;
    let own = &answer["data"]["me"]["shop"];
    assert_eq!(
        own["ticketKeys"],
        json!([{ "keyId": "k1", "publicKey": "ab".repeat(32) }]),
        "{answer}"
    );
    assert_eq!(own["resellers"], json!([{ "name": "Mekong Tickets", "key": null, "owed": null }]));
    assert_eq!(own["manifest"]["people"], 2);
    assert_eq!(
        own["manifest"]["tickets"][1],
        json!({ "number": 2, "contactName": "Lê Minh",
      "offer": { "ticketKind": "adult" }, "shop": { "name": "Shop 1" } })
    );
    let add = "mutation($shop: ID!) { addReseller(input: {shopId: $shop, name: \"Mekong Tickets\", contactEmail: \"api@mekong.example\"}) { reseller { key } } }";
    let answer = post(&routes, "a", add, json!({ "shop": shop(SHOP_A).id })).await;
    assert_eq!(answer["data"]["addReseller"]["reseller"]["key"], "secret key", "{answer}");
}

#[tokio::test]
async fn a_guest_is_told_what_became_of_an_order_and_nobody_else_is() {
    let market = Market::new();
    let told = || {
        let notice = |kind: NoticeKind, facts: &[(&str, &str)]| Notice {
            kind: kind.into(),
            at: 1,
            facts: facts.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        };
        let moved = notice(
            NoticeKind::DepartureMoved,
            &[
                ("reason", "Bão"),
                ("from", "2026-12-01T22:00:00Z"),
                ("to", "2026-12-02T22:00:00Z"),
                ("departureId", "dep_2"),
            ],
        );
        let back = notice(
            NoticeKind::TicketsCancelled,
            &[("count", "2"), ("refund", "90000"), ("currency", "VND")],
        );
        let mut order = order(2, OrderStatus::OrderPaid);
        order.lines[0].quantity = 3;
        order.lines[0].cancelled_quantity = 2;
        Order { notices: vec![moved, back], ..order }
    };
    market.orders.on("get_checkout", move |request: GetCheckoutRequest| {
        if request.token != "secret" {
            return Err(tonic::Status::not_found("no such checkout"));
        }
        let status = CheckoutStatus::Paid.into();
        let id = request.checkout_id;
        Ok(Checkout { id, status, orders: vec![told()], ..Checkout::default() })
    });
    let routes = market.routes();
    let query = "query($token: String) { checkout(id: \"chk_1\", token: $token) { orders {
      lines { quantity cancelledQuantity }
      notices { kind tickets refund { amount } reason from to departureId } } } }";
    let answer = post(&routes, "", query, json!({ "token": "secret" })).await;
    assert_eq!(
        answer["data"]["checkout"]["orders"][0],
        json!({
            "lines": [{ "quantity": 3, "cancelledQuantity": 2 }],
            "notices": [
                { "kind": "DEPARTURE_MOVED", "tickets": null, "refund": null, "reason": "Bão",
                  "from": "2026-12-01T22:00:00Z", "to": "2026-12-02T22:00:00Z", "departureId": "dep_2" },
                { "kind": "TICKETS_CANCELLED", "tickets": 2, "refund": { "amount": "90000" }, "reason": null,
                  "from": null, "to": null, "departureId": null },
            ],
        }),
        "{answer}"
    );
    let answer = post(&routes, "", query, json!({ "token": "wrong" })).await;
    assert_eq!(answer["data"]["checkout"], Value::Null, "{answer}");
}
