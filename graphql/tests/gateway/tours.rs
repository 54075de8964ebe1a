//! Tours and departures through the API: what is left, what it costs, what a shop does with them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kernel::{DepartureId, ProductId};
use proto::Refused;
use proto::catalog::{
    CreateProductRequest, GetProductsRequest, ListProductsRequest, Product, ProductKind,
    ProductOfShop, ProductPage, Products,
};
use proto::common::{PageInfo, RefusalCode};
use proto::orders::{AddCartLineRequest, Cart, CartStatus};
use proto::tours::{
    AgeKind, CancelDepartureRequest, CancellationTier, Departure, DeparturePrice, DepartureStatus,
    DepartureTicket, Departures, GetDeparturesRequest, GetToursRequest, ListDeparturesRequest,
    ListWaitingRequest, MeetingPoint, OptionKind, PutTourRequest, ScheduleDeparturesRequest,
    ScheduledDepartures, TicketKind, TicketOffer, Tour, TourOption, Tours, WaitingList,
    WaitingListEntry,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Market, SHOP_A, SHOP_B, post, products, shop, text, vnd};

pub fn product_id(number: u128) -> String {
    ProductId::from_uuid(Uuid::from_u128(number)).to_string()
}

pub fn departure_id(number: u128) -> String {
    DepartureId::from_uuid(Uuid::from_u128(number)).to_string()
}

fn tour_products() -> impl Iterator<Item = Product> {
    products().map(|product| Product {
        kind: ProductKind::Tour.into(),
        variants: Vec::new(),
        shop_id: shop(SHOP_A).id,
        ..product
    })
}

fn tour(product_id: String) -> Tour {
    let ticket = |code: &str, age: AgeKind, price| TicketKind {
        code: code.to_owned(),
        age: age.into(),
        price: Some(vnd(price)),
        seats: 1,
        ..TicketKind::default()
    };
    let option = TourOption {
        code: "join-in".to_owned(),
        kind: OptionKind::JoinIn.into(),
        title: Some(text("Đi ghép", "Join in")),
        tickets: vec![
            ticket("adult", AgeKind::Adult, 450_000),
            ticket("child", AgeKind::Child, 225_000),
            ticket("infant", AgeKind::Infant, 0),
        ],
        maximum_party: 12,
        ..TourOption::default()
    };
    Tour {
        product_id,
        shop_id: shop(SHOP_A).id,
        options: vec![option],
        meeting_point: Some(MeetingPoint {
            text: Some(text("Bến Ninh Kiều", "Ninh Kiều pier")),
            latitude: 10.0325,
            longitude: 105.7881,
        }),
        languages: vec!["vi".to_owned(), "en".to_owned()],
        included: vec![text("Thuyền", "Boat")],
        cancellation: vec![CancellationTier { hours_before: 24, refund_basis_points: 10_000 }],
        duration_minutes: 240,
        capacity: 12,
        ..Tour::default()
    }
}

/// A departure of the tour `product`, with a ticket in each of two options and an add-on.
pub fn departure(number: u128, product: u128) -> Departure {
    let ticket = |option: &str, code: &str, age: AgeKind, admits| DepartureTicket {
        variant_id: format!("var_{option}_{code}"),
        ticket: Some(TicketOffer {
            departure_id: departure_id(number),
            option_code: option.to_owned(),
            option_kind: if option.is_empty() { 0 } else { OptionKind::JoinIn.into() },
            option_title: Some(text("Đi ghép", "Join in")),
            ticket_code: code.to_owned(),
            age: age.into(),
            admits,
            ..TicketOffer::default()
        }),
        price: Some(vnd(450_000)),
        available: 5,
    };
    Departure {
        id: departure_id(number),
        product_id: product_id(product),
        shop_id: shop(SHOP_A).id,
        starts_at: 1_796_250_600_000_000,
        local_start: "2026-12-01T05:30:00+07:00".to_owned(),
        status: DepartureStatus::DepartureOpen.into(),
        capacity: 12,
        held: 3,
        sold: 4,
        for_sale: true,
        tickets: vec![
            ticket("join-in", "adult", AgeKind::Adult, 1),
            ticket("join-in", "child", AgeKind::Child, 1),
            ticket("sunset", "adult", AgeKind::Adult, 1),
            ticket("", "lunch", AgeKind::Unspecified, 0),
        ],
        ..Departure::default()
    }
}

/// A market whose products are tours.
pub fn market_of_tours() -> Market {
    let market = Market::new();
    market.catalog.on("list_products", |request: ListProductsRequest| {
        let count = request.page.map_or(20, |page| page.first) as usize;
        let products: Vec<_> = tour_products().take(count).collect();
        let cursors = products.iter().map(|product| product.slug.clone()).collect();
        Ok(ProductPage { products, page: Some(PageInfo { has_next: false, cursors, total: 20 }) })
    });
    market.catalog.on("get_products", |request: GetProductsRequest| {
        let known = tour_products().take(20);
        let products = known.filter(|product| request.ids.contains(&product.id)).collect();
        Ok(Products { products })
    });
    market.catalog.on("get_tours", |request: GetToursRequest| {
        Ok(Tours { tours: request.product_ids.into_iter().map(tour).collect() })
    });
    market.catalog.on("list_departures", |request: ListDeparturesRequest| {
        if request.from_day == "soon" {
            return Err(Refused::new(RefusalCode::Invalid).at(&["from"]).into());
        }
        assert_eq!(
            (request.from_day.as_str(), request.to_day.as_str()),
            ("2026-12-01", "2026-12-31")
        );
        assert_eq!(request.hidden_too, !request.shop_id.is_empty());
        Ok(Departures { departures: (1..=25).map(|number| departure(number, 1)).collect() })
    });
    market.catalog.on("get_departures", |request: GetDeparturesRequest| {
        // The last one is of a product that is not visible.
        let known = [departure(1, 1), departure(2, 1), departure(9, 999)];
        let departures = known.into_iter().filter(|one| request.ids.contains(&one.id)).collect();
        Ok(Departures { departures })
    });
    market
}

#[tokio::test]
async fn a_list_of_tours_asks_for_what_they_are_once() {
    let market = market_of_tours();
    let query = "{ products(first: 20) { nodes { kind priceFrom { amount } tour { durationMinutes languages
      meetingPoint { text mapUrl } included { text } cancellationPolicy { hoursBefore refundBasisPoints }
      options { code title maximumParty minimumParty tickets { code age price { amount } maximumAge } } } } } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    let nodes = answer["data"]["products"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 20, "{answer}");
    assert_eq!(nodes[3]["priceFrom"]["amount"], "225000", "what is free is no price to begin with");
    let tour = &nodes[3]["tour"];
    assert_eq!(tour["options"][0]["title"], "Join in");
    assert_eq!(tour["options"][0]["maximumParty"], 12);
    assert_eq!(tour["options"][0]["minimumParty"], Value::Null);
    assert_eq!(tour["meetingPoint"]["text"], "Ninh Kiều pier");
    assert!(
        tour["meetingPoint"]["mapUrl"]
            .as_str()
            .unwrap()
            .starts_with("https://www.openstreetmap.org/")
    );
    let expected = BTreeMap::from([("get_tours", 1), ("list_products", 1)]);
    assert_eq!(market.catalog.take_calls(), expected);
}

#[tokio::test]
async fn goods_have_no_tour_and_nobody_is_asked_for_one() {
    let market = Market::new();
    let query = "query($id: ID!) { product(id: $id) { priceFrom { amount } tour { capacity }
      travelDays(from: \"2026-12-01\", to: \"2026-12-31\") { day } } }";
    let answer = post(&market.routes(), "", query, json!({ "id": product_id(1) })).await;
    let expected = json!({ "priceFrom": { "amount": "25000" }, "tour": null, "travelDays": [] });
    assert_eq!(answer["data"]["product"], expected, "{answer}");
    assert_eq!(market.catalog.take_calls(), BTreeMap::from([("get_products", 1)]));
}

#[tokio::test]
async fn departures_come_in_pages_and_a_months_calendar_in_one_call() {
    let market = market_of_tours();
    let routes = market.routes();
    let query = "query($id: ID!, $after: String) { departures(productId: $id, from: \"2026-12-01\", to: \"2026-12-31\", first: 20, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { id availableSeats forSale localStart priceFrom { amount }
        tickets { variantId available price { amount } ticket { option ticketKind age admits optionKind } } } } }";
    let first = post(&routes, "", query, json!({ "id": product_id(1) })).await;
    let page = &first["data"]["departures"];
    assert_eq!(
        (&page["totalCount"], &page["pageInfo"]["hasNextPage"]),
        (&json!(25), &json!(true)),
        "{first}"
    );
    assert_eq!(page["nodes"][0]["availableSeats"], 5);
    let lunch = &page["nodes"][0]["tickets"][3];
    assert_eq!(
        lunch["ticket"],
        json!({ "option": null, "ticketKind": "lunch", "age": null, "admits": 0, "optionKind": null })
    );
    let after = &page["pageInfo"]["endCursor"];
    let next = post(&routes, "", query, json!({ "id": product_id(1), "after": after })).await;
    let page = &next["data"]["departures"];
    assert_eq!(page["nodes"].as_array().unwrap().len(), 5, "{next}");
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
    assert_eq!(page["nodes"][0]["id"], departure_id(21));
    market.catalog.take_calls();

    let query = "query($id: ID!) { product(id: $id) {
      travelDays(from: \"2026-12-01\", to: \"2026-12-31\") { day departures availableSeats priceFrom { amount } } } }";
    let answer = post(&routes, "", query, json!({ "id": product_id(1) })).await;
    assert_eq!(
        answer["data"]["product"]["travelDays"],
        json!([{ "day": "2026-12-01", "departures": 25, "availableSeats": 125, "priceFrom": { "amount": "450000" } }]),
        "{answer}"
    );
    assert_eq!(market.catalog.take_calls()["list_departures"], 1);
}

#[tokio::test]
async fn days_that_are_none_are_bad_input_and_no_fault() {
    let market = market_of_tours();
    let query = "query($id: ID!) { departures(productId: $id, from: \"soon\", to: \"2026-12-31\") { totalCount } }";
    let answer = post(&market.routes(), "", query, json!({ "id": product_id(1) })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
}

#[tokio::test]
async fn a_departure_of_a_hidden_tour_is_not_shown() {
    let market = market_of_tours();
    let routes = market.routes();
    let query = "query($id: ID!) { departure(id: $id) { id status } }";
    for (number, expected) in [
        (1, json!({ "id": departure_id(1), "status": "OPEN" })),
        (9, Value::Null),
        (3, Value::Null),
    ] {
        let answer = post(&routes, "", query, json!({ "id": departure_id(number) })).await;
        assert_eq!(answer["data"]["departure"], expected, "{number}: {answer}");
    }
}

#[tokio::test]
async fn a_ticket_goes_into_the_cart_by_departure_and_ticket_kind() {
    let market = market_of_tours();
    let put = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&put);
    market.orders.on("add_cart_line", move |request: AddCartLineRequest| {
        seen.lock().unwrap().push((request.variant_id, request.quantity));
        Ok(Cart { status: CartStatus::Open.into(), ..Cart::default() })
    });
    let routes = market.routes();
    let query = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) { cart { status } userErrors { code path } } }";
    let add = async |more: Value| {
        let mut input = json!({ "cartId": "cart_1", "quantity": 2 });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = post(&routes, "", query, json!({ "input": input })).await;
        answer["data"]["addCartLine"]["userErrors"].clone()
    };
    let departure = departure_id(1);
    assert_eq!(add(json!({ "variantId": "var_1" })).await, json!([]));
    assert_eq!(add(json!({ "departureId": departure, "ticketKind": "child" })).await, json!([]));
    let with_option =
        json!({ "departureId": departure, "ticketKind": "adult", "option": "sunset" });
    assert_eq!(add(with_option).await, json!([]));
    let add_on = json!({ "departureId": departure, "ticketKind": "lunch", "option": "sunset" });
    assert_eq!(add(add_on).await, json!([]));
    for (more, code, path) in [
        (json!({ "departureId": departure, "ticketKind": "adult" }), "REQUIRED", "option"),
        (json!({ "departureId": departure, "ticketKind": "dog" }), "NOT_FOUND", "ticketKind"),
        (
            json!({ "departureId": departure_id(7), "ticketKind": "adult" }),
            "NOT_FOUND",
            "departureId",
        ),
        (json!({ "departureId": departure }), "REQUIRED", "ticketKind"),
        (json!({ "ticketKind": "adult" }), "REQUIRED", "departureId"),
        (json!({}), "REQUIRED", "variantId"),
        (
            json!({ "variantId": "var_1", "departureId": departure, "ticketKind": "child" }),
            "INVALID",
            "variantId",
        ),
    ] {
        assert_eq!(add(more).await, json!([{ "code": code, "path": [path] }]));
    }
    let expected = ["var_1", "var_join-in_child", "var_sunset_adult", "var__lunch"];
    let put: Vec<_> = std::mem::take(&mut *put.lock().unwrap());
    assert_eq!(put, expected.map(|variant| (variant.to_owned(), 2)));
}

const CREATE: &str = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
  product { published tour { capacity } } userErrors { code path } } }";

fn new_tour(price: &str) -> Value {
    json!({ "shopId": shop(SHOP_A).id, "kind": "TOUR", "title": { "vi": "Chợ nổi" }, "publish": true, "tour": {
      "durationMinutes": 240, "capacity": 12, "languages": ["vi"],
      "options": [{ "code": "join-in", "kind": "JOIN_IN", "title": { "vi": "Đi ghép" },
        "tickets": [{ "code": "adult", "age": "ADULT", "price": { "amount": price } }] }] } })
}

#[tokio::test]
async fn a_tour_is_made_hidden_described_and_then_offered() {
    let market = market_of_tours();
    market.catalog.on("create_product", |request: CreateProductRequest| {
        assert!(!request.publish && request.variants.len() == 1);
        assert_eq!(request.kind(), ProductKind::Tour);
        Ok(Product { published: false, ..tour_products().next().unwrap_or_default() })
    });
    market.catalog.on("put_tour", |request: PutTourRequest| {
        let tour = request.tour.unwrap_or_default();
        assert_eq!(
            (tour.product_id.as_str(), request.shop_id),
            (product_id(1).as_str(), shop(SHOP_A).id)
        );
        assert_eq!(tour.options[0].tickets[0].price, Some(vnd(450_000)));
        assert_eq!((tour.options[0].tickets[0].seats, tour.duration_minutes), (1, 240));
        Ok(tour)
    });
    market.catalog.on("publish_product", |request: ProductOfShop| {
        assert_eq!(request.product_id, product_id(1));
        Ok(tour_products().next().unwrap_or_default())
    });
    let answer = post(&market.routes(), "a", CREATE, json!({ "input": new_tour("450000") })).await;
    let expected =
        json!({ "product": { "published": true, "tour": { "capacity": 12 } }, "userErrors": [] });
    assert_eq!(answer["data"]["createProduct"], expected, "{answer}");
}

#[tokio::test]
async fn a_tour_that_is_refused_leaves_its_product_hidden() {
    let market = market_of_tours();
    market.catalog.on("create_product", |_: CreateProductRequest| {
        Ok(Product { published: false, ..tour_products().next().unwrap_or_default() })
    });
    market.catalog.on("put_tour", |_: PutTourRequest| {
        let refused = Refused::new(RefusalCode::OutOfRange).at(&["tour", "capacity"]);
        Err::<Tour, _>(refused.fact("minimum", 1).into())
    });
    let routes = market.routes();
    let answer = post(&routes, "a", CREATE, json!({ "input": new_tour("450000") })).await;
    let payload = &answer["data"]["createProduct"];
    assert_eq!(payload["product"]["published"], false, "{answer}");
    assert_eq!(
        payload["userErrors"],
        json!([{ "code": "OUT_OF_RANGE", "path": ["tour", "capacity"] }])
    );
    assert!(!market.catalog.take_calls().contains_key("publish_product"));
    // What is no amount is seen before the tour is sent.
    let answer = post(&routes, "a", CREATE, json!({ "input": new_tour("4,5") })).await;
    let path = json!(["tour", "options", "0", "tickets", "0", "price", "amount"]);
    assert_eq!(answer["data"]["createProduct"]["userErrors"][0]["path"], path, "{answer}");
    assert!(!market.catalog.take_calls().contains_key("put_tour"));
}

#[tokio::test]
async fn departures_are_scheduled_by_hand_or_by_rule_and_cancelled_with_a_way_out() {
    let market = market_of_tours();
    market.catalog.on("schedule_departures", |request: ScheduleDeparturesRequest| {
        assert_eq!(request.idempotency_key, "khoa");
        let by_hand = !request.starts_at.is_empty();
        if by_hand {
            // 05:30 in Vietnam is 22:30 of the day before in UTC.
            assert_eq!(request.starts_at, [1_764_541_800_000_000]);
            assert_eq!((request.capacity, request.has_cutoff), (0, false));
            let price = DeparturePrice {
                option_code: String::new(),
                ticket_code: "adult".to_owned(),
                price: Some(vnd(600_000)),
            };
            assert_eq!(request.prices, [price]);
        } else {
            let rule = request.rule.unwrap_or_default();
            assert_eq!(rule.rrule, "FREQ=DAILY;COUNT=3");
            assert_eq!(rule.except, ["2025-12-02"]);
            assert_eq!((request.cutoff_minutes, request.has_cutoff), (0, true));
        }
        Ok(ScheduledDepartures { departures: vec![departure(1, 1)], created: u32::from(by_hand) })
    });
    market.catalog.on("cancel_departure", |request: CancelDepartureRequest| {
        assert_eq!((request.reason.as_str(), request.move_to), ("Bão", departure_id(2)));
        Ok(Departure { status: DepartureStatus::DepartureCancelled.into(), ..departure(1, 1) })
    });
    let routes = market.routes();
    let schedule = "mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) {
      schedule { created total departures { capacity held sold departure { id } } } userErrors { code } } }";
    for (more, created) in [
        (
            json!({ "startsAt": ["2025-12-01T05:30:00+07:00"],
                    "prices": [{ "ticketKind": "adult", "price": { "amount": "600000" } }] }),
            1,
        ),
        (
            json!({ "rule": { "start": "2025-12-01T05:30", "rrule": "FREQ=DAILY;COUNT=3", "except": ["2025-12-02"] }, "cutoffMinutes": 0 }),
            0,
        ),
    ] {
        let mut input = json!({ "shopId": shop(SHOP_A).id, "productId": product_id(1), "idempotencyKey": "khoa" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = post(&routes, "a", schedule, json!({ "input": input })).await;
        let found = &answer["data"]["scheduleDepartures"]["schedule"];
        assert_eq!((&found["created"], &found["total"]), (&json!(created), &json!(1)), "{answer}");
        assert_eq!(
            found["departures"][0],
            json!({ "capacity": 12, "held": 3, "sold": 4, "departure": { "id": departure_id(1) } })
        );
    }
    let cancel = "mutation($input: CancelDepartureInput!) { cancelDeparture(input: $input) { departure { departure { status } } } }";
    let input = json!({ "shopId": shop(SHOP_A).id, "departureId": departure_id(1), "reason": "Bão", "moveTo": departure_id(2) });
    let answer = post(&routes, "a", cancel, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["cancelDeparture"]["departure"]["departure"]["status"], "CANCELLED",
        "{answer}"
    );
}

#[tokio::test]
async fn a_shop_sees_seats_sold_and_who_waits_of_its_own_departures_only() {
    let market = market_of_tours();
    market.catalog.on("list_waiting", |request: ListWaitingRequest| {
        let entry = WaitingListEntry {
            departure_id: request.departure_id,
            seats: 2,
            position: 1,
            ..WaitingListEntry::default()
        };
        Ok(WaitingList { entries: vec![entry] })
    });
    let routes = market.routes();
    let query = "query($shop: ID!, $product: ID!, $departure: ID!) { me { shop(id: $shop) {
      departures(productId: $product, from: \"2026-12-01\", to: \"2026-12-31\", first: 2) { totalCount nodes { sold held capacity } }
      departure(id: $departure) { sold waitingList { seats position claimToken } } } } }";
    let variables = |number| json!({ "shop": shop(number).id, "product": product_id(1), "departure": departure_id(1) });
    let answer = post(&routes, "a", query, variables(SHOP_A)).await;
    let own = &answer["data"]["me"]["shop"];
    assert_eq!(
        own["departures"]["nodes"][0],
        json!({ "sold": 4, "held": 3, "capacity": 12 }),
        "{answer}"
    );
    assert_eq!(
        own["departure"]["waitingList"],
        json!([{ "seats": 2, "position": 1, "claimToken": null }])
    );
    let answer = post(&routes, "b", query, variables(SHOP_B)).await;
    assert_eq!(answer["data"]["me"]["shop"]["departure"], Value::Null, "{answer}");
}
