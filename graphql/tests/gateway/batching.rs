//! Lists ask each service once, however long they are.

use std::collections::BTreeMap;

use proto::accounts::{
    AuditEntry, AuditEntryPage, GetUsersRequest, ListAuditEntriesRequest, Users,
};
use proto::catalog::{Facet, FacetValue, SearchHit, SearchRequest, SearchResults};
use proto::common::PageInfo;
use proto::orders::{ListBuyerOrdersRequest, Order, OrderPage, OrderStatus};
use proto::payments::{
    BankCredit, BankCreditPage, BankCreditState, GetPaymentsRequest, ListBankCreditsRequest,
    Payment, PaymentList, PaymentStatus,
};
use serde_json::json;

use crate::support::{Market, order_id, payment_id, post, products, shop, user_of, vnd};

fn whole(count: usize) -> PageInfo {
    let cursors = (0..count).map(|number| number.to_string()).collect();
    PageInfo { has_next: false, cursors, total: count as i64 }
}

#[tokio::test]
async fn a_list_of_products_with_their_shops_is_two_calls() {
    let market = Market::new();
    let query = "{ products(first: 20) { nodes { id title variants { price { formatted } } shop { name } } } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    let nodes = answer["data"]["products"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 20, "{answer}");
    assert_eq!(nodes[0]["shop"]["name"], "Shop 2");
    assert_eq!(nodes[1]["shop"]["name"], "Shop 1");
    assert_eq!(market.catalog.take_calls(), BTreeMap::from([("list_products", 1)]));
    assert_eq!(market.accounts.take_calls(), BTreeMap::from([("get_shops", 1)]));
}

#[tokio::test]
async fn a_search_with_products_shops_and_facets_asks_once_for_each() {
    let market = Market::new();
    market.catalog.on("search", |_: SearchRequest| {
        let hit = |product_id| SearchHit {
            product_id,
            highlight: "\u{e000}Xoài\u{e001} cát".to_owned(),
        };
        let mut hits: Vec<_> = products().take(19).map(|product| hit(product.id)).collect();
        // The index may name a product that is hidden by now.
        hits.push(hit("prod_00000000000000000000000zzz".to_owned()));
        let facet = |name: &str, value: &str| Facet {
            name: name.to_owned(),
            values: vec![FacetValue { value: value.to_owned(), count: 7 }],
        };
        let facets = vec![
            facet("shop", &shop(1).id),
            facet("ward", "31120"),
            facet("category", "xoai"),
            facet("ocop", "4"),
        ];
        Ok(SearchResults { hits, page: Some(whole(20)), facets })
    });
    let query = "{ search(query: \"xoai\", first: 20) { totalCount facets { name values { value label count } }
      nodes { highlights { text matched } product { title shop { name } } } } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    let found = &answer["data"]["search"];
    assert_eq!(found["nodes"].as_array().unwrap().len(), 19, "{answer}");
    assert_eq!(
        found["nodes"][0]["highlights"],
        json!([
            { "text": "Xoài", "matched": true }, { "text": " cát", "matched": false }
        ])
    );
    let labels: Vec<_> = found["facets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|facet| &facet["values"][0]["label"])
        .collect();
    assert_eq!(labels, ["Shop 1", "Ninh Kieu Ward", "Mangoes", "4 stars or more"]);
    assert_eq!(
        market.catalog.take_calls(),
        BTreeMap::from([("get_products", 1), ("list_categories", 1), ("search", 1)])
    );
    // One call for the facet's shops; the products' other shop is asked for when they are known.
    assert_eq!(market.accounts.take_calls(), BTreeMap::from([("get_shops", 2), ("list_wards", 1)]));
}

#[tokio::test]
async fn orders_with_their_shops_are_two_calls() {
    let market = Market::new();
    market.orders.on("list_buyer_orders", |request: ListBuyerOrdersRequest| {
        assert_eq!(request.buyer_id, user_of("buyer").unwrap().user.unwrap().id);
        let order = |number: u128| Order {
            id: order_id(number),
            shop_id: shop(1 + number % 2).id,
            status: OrderStatus::OrderPaid.into(),
            total: Some(vnd(10_000)),
            ..Order::default()
        };
        Ok(OrderPage { orders: (1..=20).map(order).collect(), page: Some(whole(20)) })
    });
    let query = "{ me { orders { totalCount nodes { status shop { name } } } } }";
    let answer = post(&market.routes(), "buyer", query, json!({})).await;
    assert_eq!(
        answer["data"]["me"]["orders"]["nodes"][0],
        json!({ "status": "PAID", "shop": { "name": "Shop 2" } })
    );
    assert_eq!(answer["data"]["me"]["orders"]["totalCount"], 20);
    assert_eq!(market.orders.take_calls(), BTreeMap::from([("list_buyer_orders", 1)]));
    assert_eq!(
        market.accounts.take_calls(),
        BTreeMap::from([("authenticate", 1), ("get_shops", 1)])
    );
}

#[tokio::test]
async fn bank_credits_with_their_payments_are_two_calls() {
    let market = Market::new();
    market.payments.on("list_bank_credits", |request: ListBankCreditsRequest| {
        assert!(request.waiting_only);
        let credit = |number: u128| BankCredit {
            payment_id: payment_id(number),
            amount: Some(vnd(9)),
            state: BankCreditState::Underpaid.into(),
            ..BankCredit::default()
        };
        Ok(BankCreditPage { credits: (1..=20).map(credit).collect(), page: Some(whole(20)) })
    });
    market.payments.on("get_payments", |request: GetPaymentsRequest| {
        assert_eq!(request.ids.len(), 20);
        let payment =
            |id| Payment { id, status: PaymentStatus::Pending.into(), ..Payment::default() };
        Ok(PaymentList { payments: request.ids.into_iter().map(payment).collect() })
    });
    let query = "{ operations { bankCredits(waitingOnly: true) { nodes { state payment { id status } } } } }";
    let answer = post(&market.routes(), "operator", query, json!({})).await;
    let node = &answer["data"]["operations"]["bankCredits"]["nodes"][0];
    assert_eq!(node["payment"]["status"], "PENDING", "{answer}");
    assert_eq!(
        market.payments.take_calls(),
        BTreeMap::from([("get_payments", 1), ("list_bank_credits", 1)])
    );
}

#[tokio::test]
async fn audit_entries_with_their_actors_are_one_call_for_the_people() {
    let market = Market::new();
    market.accounts.on("list_audit_entries", |_: ListAuditEntriesRequest| {
        let actor = user_of("operator")?.user.unwrap_or_default().id;
        let entry = |number: usize| AuditEntry {
            actor_id: if number == 0 { String::new() } else { actor.clone() },
            action: "shop.approved".to_owned(),
            ..AuditEntry::default()
        };
        Ok(AuditEntryPage { entries: (0..20).map(entry).collect(), page: Some(whole(20)) })
    });
    market.accounts.on("get_users", |request: GetUsersRequest| {
        assert_eq!(request.ids.len(), 1);
        Ok(Users { users: user_of("operator")?.user.into_iter().collect() })
    });
    let query = "{ operations { auditEntries { nodes { action actor { name } } } } }";
    let answer = post(&market.routes(), "operator", query, json!({})).await;
    let nodes = &answer["data"]["operations"]["auditEntries"]["nodes"];
    assert_eq!(
        (&nodes[0]["actor"], &nodes[1]["actor"]["name"]),
        (&json!(null), &json!("operator"))
    );
    assert_eq!(market.accounts.take_calls()["get_users"], 1);
}

#[tokio::test]
async fn what_hardly_changes_is_asked_for_once_in_a_while() {
    let market = Market::new();
    let routes = market.routes();
    let query =
        "{ wards { name } categories { name children { slug parent { slug } } } banks { shortName }
      product(id: \"prod_00000000000000000000000001\") { ward { code } category { name } } }";
    for _ in 0..3 {
        let answer = post(&routes, "", query, json!({})).await;
        assert_eq!(
            answer["data"]["categories"],
            json!([
                { "name": "Fruit", "children": [{ "slug": "xoai", "parent": { "slug": "trai-cay" } }] },
                { "name": "Cakes", "children": [] },
            ])
        );
        assert_eq!(answer["data"]["product"]["category"]["name"], "Mangoes");
    }
    let catalog = market.catalog.take_calls();
    assert!(catalog["list_categories"] <= 2, "{catalog:?}");
    let accounts = market.accounts.take_calls();
    assert!(accounts["list_wards"] <= 2 && accounts["list_banks"] <= 2, "{accounts:?}");
}
