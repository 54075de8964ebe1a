//! The story of a tour: a boat is put on the river, two seats and a box of fruit of another shop are
//! bought with one QR, one guest comes on board, the other gives the ticket back.

use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::{Value, json};

use super::sale::{self, PATIENCE};
use super::shops::{self, OpenShop};
use super::telling::Telling;
use crate::api::Api;
use crate::days;

/// Price of a seat, and of a box of fruit.
const SEAT: i64 = 180_000;
const FRUIT: i64 = 85_000;
/// Seats of the boat.
const CAPACITY: i64 = 12;

const CREATE_TOUR: &str = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
  product { id slug title tour { capacity options { code tickets { code price { amount } } } } }
  userErrors { code message path } } }";
const SCHEDULE: &str =
    "mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) {
  schedule { created total } userErrors { code message path } } }";
const DEPARTURES: &str = "query($product: ID!, $from: String!, $to: String!) {
  departures(productId: $product, from: $from, to: $to) {
    nodes { id localStart forSale availableSeats } } }";
const SEATS: &str = "query($shop: ID!, $departure: ID!) { me { shop(id: $shop) {
  departure(id: $departure) { capacity held sold } departureCalendarUrl } } }";
const TICKETS: &str = "query($id: ID!, $token: String) { checkout(id: $id, token: $token) {
  tickets { id number code status price { amount } } } }";
const ADD_SEAT: &str = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
  cart { id total { amount } } userErrors { code message path } } }";
const REDEEM: &str = "mutation($input: RedeemTicketInput!) { redeemTicket(input: $input) {
  scan { outcome admittedAt ticket { id status } } userErrors { code message path } } }";
const QUOTE: &str = "query($id: ID!, $token: String, $tickets: [ID!]!) {
  quoteTicketCancellation(checkoutId: $id, token: $token, ticketIds: $tickets) {
    cancellation { refund { amount } tickets { refundBasisPoints } } userErrors { code message } } }";
const CANCEL: &str = "mutation($input: CancelTicketsInput!) { cancelTickets(input: $input) {
  cancellation { id refund { amount } accountNeeded } userErrors { code message path } } }";

/// Tells the story.
pub async fn tell(api: &Api, operator: &Api, telling: &Telling) -> anyhow::Result<()> {
    let boat = shops::open_approved(api, operator, &shops::BOAT, telling).await?;
    let fruit = shops::open_and_fill(api, operator, &shops::FRUIT, telling).await?;
    let tour = list_tour(&boat, telling).await?;
    let departure = schedule(api, &boat, &tour, telling).await?;
    let mango = sale::find(api, "xoai cat hoa loc", &fruit.id).await?;
    let checkout = buy(api, &departure, &mango, telling).await?;
    sale::pay(api, &checkout, telling).await?;
    let paid = sale::wait_for_paid(api, &checkout).await?;
    telling.step("The credit is matched by its code: both orders are paid.", &paid);
    wait_for_seats(&boat, &departure, 2).await?;
    let tickets = show_tickets(api, &checkout, telling).await?;
    check_in(&boat, &departure, &tickets[0], telling).await?;
    give_back(api, &checkout, &tickets, telling).await?;
    let seats = wait_for_seats(&boat, &departure, 1).await?;
    telling.step("The seat of the ticket that was given back is free again.", &seats);
    sale::show_books(operator, telling).await
}

async fn list_tour(boat: &OpenShop, telling: &Telling) -> anyhow::Result<Value> {
    let price = |amount: i64| json!({ "amount": amount.to_string(), "currency": "VND" });
    let tour = json!({
        "durationMinutes": 180, "cutoffMinutes": 0, "capacity": CAPACITY, "languages": ["vi", "en"],
        "meetingPoint": { "text": { "vi": "Bến Ninh Kiều, cổng số 2", "en": "Ninh Kiều wharf, gate 2" },
            "latitude": 10.0327, "longitude": 105.7882 },
        "itinerary": [{ "atMinute": 40, "title": { "vi": "Chợ nổi Cái Răng", "en": "Cái Răng floating market" } }],
        "options": [{ "code": "join-in", "kind": "JOIN_IN", "title": { "vi": "Đi ghép", "en": "Join in" },
            "maximumParty": 8,
            "tickets": [
                { "code": "adult", "age": "ADULT", "minimumAge": 11, "price": price(SEAT) },
                { "code": "child", "age": "CHILD", "minimumAge": 4, "maximumAge": 10, "price": price(SEAT / 2),
                  "accompanied": true },
            ] }],
        "cancellationPolicy": [
            { "hoursBefore": 24, "refundBasisPoints": 10_000 },
            { "hoursBefore": 0, "refundBasisPoints": 5_000 },
        ],
    });
    let input = json!({
        "shopId": boat.id, "kind": "TOUR", "publish": true, "tour": tour,
        "title": { "vi": "Chợ nổi Cái Răng về đêm", "en": "Cái Răng floating market at night" },
        "description": { "vi": "Xuồng nhỏ, đèn lồng.", "en": "A small boat with lanterns." },
    });
    let made = boat.owner.change(CREATE_TOUR, json!({ "input": input })).await?;
    let product = made["product"].clone();
    ensure!(product["tour"]["capacity"] == CAPACITY, "the tour is {product}");
    telling.step(
        "She lists a tour: seats for adults and children, half of the price back until the start.",
        &json!({ "product": product["id"], "slug": product["slug"], "seats": CAPACITY }),
    );
    Ok(product)
}

/// Tonight's departure: the last minute of today is still to come, whenever the story is told.
async fn schedule(
    api: &Api,
    boat: &OpenShop,
    tour: &Value,
    telling: &Telling,
) -> anyhow::Result<Value> {
    let (today, last) = (days::from_today(0)?, days::from_today(6)?);
    let input = json!({
        "shopId": boat.id, "productId": tour["id"],
        "rule": { "start": format!("{today}T23:59"), "rrule": "FREQ=DAILY;COUNT=7" },
        "idempotencyKey": format!("demo-{:016x}", rand::random::<u64>()),
    });
    // Sent twice, as weak networks do: the same starts are the same departures.
    for _ in 0..2 {
        let done = boat.owner.change(SCHEDULE, json!({ "input": input })).await?;
        ensure!(done["schedule"]["total"] == 7, "scheduled {done}");
    }
    let variables = json!({ "product": tour["id"], "from": today, "to": last });
    let begun = Instant::now();
    loop {
        let found = api.run(DEPARTURES, variables.clone()).await?;
        let departures = found["departures"]["nodes"].as_array().cloned().unwrap_or_default();
        if departures.len() == 7 {
            let first = departures[0].clone();
            ensure!(first["availableSeats"] == CAPACITY, "tonight has {first}");
            telling.step(
                "A rule (RFC 5545) puts it on the river every night of a week.",
                &json!({ "departures": departures.len(), "tonight": first["id"], "starts": first["localStart"] }),
            );
            return Ok(first);
        }
        ensure!(begun.elapsed() < PATIENCE, "{} departures, not 7", departures.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn buy(
    api: &Api,
    departure: &Value,
    mango: &Value,
    telling: &Telling,
) -> anyhow::Result<Value> {
    let (cart, token) = sale::create_cart(api).await?;
    let lines = [
        json!({ "cartId": cart, "cartToken": token, "departureId": departure["id"], "ticketKind": "adult",
            "quantity": 2 }),
        json!({ "cartId": cart, "cartToken": token, "variantId": mango["variants"][0]["id"], "quantity": 1 }),
    ];
    let mut total = Value::Null;
    for input in lines {
        let payload = api.change(ADD_SEAT, json!({ "input": input })).await?;
        total = payload["cart"]["total"]["amount"].clone();
    }
    let expected = (2 * SEAT + FRUIT).to_string();
    ensure!(total == expected, "2 × {SEAT} + {FRUIT} is not {total}");
    telling.step(
        "Two seats and a box of mangoes, of two shops, go into one cart.",
        &json!({ "cart": cart, "total": total }),
    );
    sale::check_out(api, &cart, &token, &expected, telling).await
}

/// Waits until the seats sold of a departure are so many, and none is held.
async fn wait_for_seats(boat: &OpenShop, departure: &Value, sold: i64) -> anyhow::Result<Value> {
    let variables = json!({ "shop": boat.id, "departure": departure["id"] });
    let begun = Instant::now();
    loop {
        let found = boat.owner.run(SEATS, variables.clone()).await?;
        let seats = &found["me"]["shop"]["departure"];
        if seats["sold"] == sold && seats["held"] == 0 {
            return Ok(json!({
                "sold": sold, "of": seats["capacity"],
                "calendar": found["me"]["shop"]["departureCalendarUrl"],
            }));
        }
        ensure!(begun.elapsed() < PATIENCE, "the departure stays at {seats}, not {sold} sold");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn show_tickets(
    api: &Api,
    checkout: &Value,
    telling: &Telling,
) -> anyhow::Result<[Value; 2]> {
    let variables = json!({ "id": checkout["id"], "token": checkout["token"] });
    let begun = Instant::now();
    loop {
        let found = api.run(TICKETS, variables.clone()).await?;
        let tickets = found["checkout"]["tickets"].as_array().cloned().unwrap_or_default();
        if let [one, two] = &tickets[..] {
            ensure!(one["code"] != two["code"], "both tickets have one code");
            let valid = tickets.iter().all(|ticket| ticket["status"] == "VALID");
            ensure!(valid, "the tickets are {tickets:?}");
            telling.step(
                "Each guest has a ticket with a signed code.",
                &json!({ "first": one["id"], "second": two["id"], "code": one["code"] }),
            );
            return Ok([one.clone(), two.clone()]);
        }
        ensure!(begun.elapsed() < PATIENCE, "{} tickets, not 2", tickets.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn check_in(
    boat: &OpenShop,
    departure: &Value,
    ticket: &Value,
    telling: &Telling,
) -> anyhow::Result<()> {
    let scan = |key: &str| {
        json!({ "input": { "shopId": boat.id, "departureId": departure["id"], "code": ticket["code"],
            "idempotencyKey": key } })
    };
    let (first, second) = (
        format!("phone-1-{:016x}", rand::random::<u64>()),
        format!("phone-2-{:016x}", rand::random::<u64>()),
    );
    let mut outcomes = Vec::new();
    // The same scan again is the same scan; another phone sees that the guest is on board.
    for key in [&first, &first, &second] {
        let done = boat.owner.change(REDEEM, scan(key)).await?;
        outcomes.push(done["scan"]["outcome"].clone());
    }
    ensure!(
        outcomes == ["ADMITTED", "ADMITTED", "ALREADY_ADMITTED"],
        "the scans came to {outcomes:?}"
    );
    telling.step(
        "At the pier the first guest is scanned, and nobody can come on board with that code again.",
        &json!({ "ticket": ticket["id"], "scan": outcomes[0], "again": outcomes[2] }),
    );
    Ok(())
}

async fn give_back(
    api: &Api,
    checkout: &Value,
    tickets: &[Value; 2],
    telling: &Telling,
) -> anyhow::Result<()> {
    let [on_board, other] = tickets;
    let asked =
        json!({ "id": checkout["id"], "token": checkout["token"], "tickets": [other["id"]] });
    let quote = api.run(QUOTE, asked).await?["quoteTicketCancellation"]["cancellation"].take();
    let half = (SEAT / 2).to_string();
    ensure!(quote["refund"]["amount"] == half, "the quote is {quote}, not {half}");
    let input = |ticket: &Value, key: &str| {
        json!({ "input": {
            "checkoutId": checkout["id"], "token": checkout["token"], "ticketIds": [ticket["id"]],
            "reason": "Bận việc", "idempotencyKey": format!("demo-{key}-{}", other["id"]),
            "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "LE MINH" },
        } })
    };
    let refused = api.attempt(CANCEL, input(on_board, "refused")).await?;
    ensure!(
        refused["userErrors"][0]["code"] == "TICKET_NOT_CANCELLABLE",
        "a ticket that was used is given back: {refused}"
    );
    let done = api.change(CANCEL, input(other, "done")).await?;
    let again = api.change(CANCEL, input(other, "done")).await?;
    ensure!(done == again, "the same cancellation twice: {done} and {again}");
    ensure!(done["cancellation"]["refund"]["amount"] == half, "{done} comes back, not {half}");
    telling.step(
        "The other guest gives the ticket back: half of it comes back, as the policy said when it was bought.",
        &json!({ "cancellation": done["cancellation"]["id"], "refund": half }),
    );
    Ok(())
}
