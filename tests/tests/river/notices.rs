//! What guests are told: of departures that do not happen, of tickets and add-ons that are given back.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::sailing::{Sailing, in_minutes, put_on_sale, schedule};
use journeys::shopping::{
    PATIENCE, TestShop, create_cart, open_shop, pay, sign_up, start_checkout, wait_for,
};
use serde_json::{Value, json};

use crate::{end, on_each_stand};

on_each_stand! { guests_are_told_of_what_became_of_their_departure }

const ORDERS: &str = "{ me { orders(first: 5) { nodes { id
  lines { quantity cancelledQuantity ticket { ticketKind } }
  notices { kind at tickets reason from to departureId refund { amount } } } } } }";

async fn guests_are_told_of_what_became_of_their_departure(stand: Stand) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let shop = open_shop(&market, "Xuồng sông").await?;
    let product = put_on_sale(&shop, 10, 100_000).await?;
    let starts = [in_minutes(3 * 1_440), in_minutes(3 * 1_440 + 60), in_minutes(4 * 1_440)];
    let boats = schedule(&shop, &product, &starts).await?;
    let (moved, cancelled) = (guest(&market, "Cô Ba").await?, guest(&market, "Chú Tư").await?);
    buy(&market, &moved, &boats[0]).await?;
    let order = buy(&market, &cancelled, &boats[2]).await?;

    call_off(&shop, &boats[0], Some(&boats[1])).await?;
    let seen = wait_for_notice(&moved).await?;
    let notice = &seen["notices"][0];
    ensure!(notice["kind"] == "DEPARTURE_MOVED", "{seen}");
    ensure!(
        (&notice["reason"], &notice["to"]) == (&json!("Nước lớn"), &json!(starts[1])),
        "{seen}"
    );
    ensure!(notice["departureId"] == boats[1].departure && notice["refund"].is_null(), "{seen}");

    call_off(&shop, &boats[2], None).await?;
    let seen = wait_for_notice(&cancelled).await?;
    let notice = &seen["notices"][0];
    ensure!(notice["kind"] == "DEPARTURE_REFUNDED" && notice["tickets"] == 2, "{seen}");
    ensure!(notice["refund"]["amount"] == "300000", "{seen}");
    // The add-ons went with the tickets.
    let lines = seen["lines"].as_array().cloned().unwrap_or_default();
    ensure!(lines.len() == 2, "{seen}");
    ensure!(lines.iter().all(|line| line["quantity"] == line["cancelledQuantity"]), "{seen}");
    // Nobody else sees them.
    let query = "query($id: ID!) { order(id: $id) { notices { kind } } }";
    for stranger in [&market.api, &moved] {
        let found = stranger.run(query, json!({ "id": order })).await;
        ensure!(found.is_err() || found?["order"].is_null(), "a stranger sees the order");
    }
    end(market).await
}

async fn guest(market: &TestMarket, name: &str) -> anyhow::Result<Api> {
    sign_up(&market.api, name).await
}

/// Two seats with lunch, paid; gives the order's id.
async fn buy(market: &TestMarket, guest: &Api, boat: &Sailing) -> anyhow::Result<Value> {
    let cart = create_cart(guest).await?;
    let add = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
      cart { id } userErrors { code message path } } }";
    for kind in ["adult", "lunch"] {
        let input = json!({ "cartId": cart.id, "cartToken": cart.token,
            "departureId": boat.departure, "ticketKind": kind, "quantity": 2 });
        guest.change(add, json!({ "input": input })).await?;
    }
    let key = format!("mua-{:016x}", rand::random::<u64>());
    let started = start_checkout(guest, &cart, &key).await?;
    pay(&market.api, &started["checkout"]).await?;
    wait_for(guest, &started["checkout"], "PAID").await?;
    Ok(started["checkout"]["orders"][0]["id"].clone())
}

async fn call_off(shop: &TestShop, boat: &Sailing, to: Option<&Sailing>) -> anyhow::Result<()> {
    let query = "mutation($input: CancelDepartureInput!) { cancelDeparture(input: $input) {
      departure { departure { status } } userErrors { code message path } } }";
    let input = json!({ "shopId": shop.id, "departureId": boat.departure, "reason": "Nước lớn",
        "moveTo": to.map(|boat| &boat.departure) });
    shop.owner.change(query, json!({ "input": input })).await?;
    Ok(())
}

async fn wait_for_notice(guest: &Api) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let found = guest.run(ORDERS, json!({})).await?;
        let order = &found["me"]["orders"]["nodes"][0];
        if order["notices"].as_array().is_some_and(|notices| !notices.is_empty()) {
            return Ok(order.clone());
        }
        ensure!(begun.elapsed() < PATIENCE, "nobody is told: {found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
