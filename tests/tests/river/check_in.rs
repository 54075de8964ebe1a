//! Two hundred guests are checked in off line by two phones, which tell later, in parts, in any order, twice.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use journeys::market::{Stand, TestMarket};
use journeys::matching_set::Chance;
use journeys::sailing::{put_on_sale, schedule};
use journeys::shopping::{
    TestShop, add_line, create_cart, open_shop, pay, start_checkout, wait_for,
};
use serde_json::{Value, json};

use crate::{end, on_each_stand};

const GUESTS: usize = 200;
/// Scans of one request of a phone.
const PART: usize = 37;

on_each_stand! { two_phones_off_line_let_each_of_two_hundred_guests_in_once }

/// What a phone saw and tells: the name of the scan, and the code.
#[derive(Clone)]
struct Seen {
    phone: usize,
    nonce: String,
    code: String,
    at: i64,
}

async fn two_phones_off_line_let_each_of_two_hundred_guests_in_once(
    stand: Stand,
) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let shop = open_shop(&market, "Tàu lớn").await?;
    let product = put_on_sale(&shop, GUESTS as i64, 100_000).await?;
    // The last minute of today is still to come, whenever the test runs.
    let tonight = format!("{}T23:59:00+07:00", chonoi::days::from_today(0)?);
    let boat = schedule(&shop, &product, &[tonight]).await?.remove(0);
    let cart = create_cart(&market.api).await?;
    let added = add_line(&market.api, &cart, &boat.variant, GUESTS as i64).await?;
    ensure!(added["userErrors"] == json!([]), "{added}");
    let started = start_checkout(&market.api, &cart, "hai-tram-khach").await?;
    pay(&market.api, &started["checkout"]).await?;
    wait_for(&market.api, &started["checkout"], "PAID").await?;
    let codes: Vec<String> = guests(&shop, &boat.departure).await?.into_keys().collect();
    ensure!(codes.len() == GUESTS, "{} codes", codes.len());

    let mut chance = Chance::of(20_261_127);
    let scans = seen(&codes, &mut chance);
    // Each phone tells all that it saw twice, in parts, the parts in any order and both phones at once.
    let mut parts: Vec<Vec<Seen>> = Vec::new();
    for phone in 0..2 {
        let own: Vec<Seen> = scans.iter().filter(|seen| seen.phone == phone).cloned().collect();
        for _ in 0..2 {
            parts.extend(own.chunks(PART).map(<[Seen]>::to_vec));
        }
    }
    for place in (1..parts.len()).rev() {
        parts.swap(place, chance.below(place + 1));
    }
    for pair in parts.chunks(2) {
        let told = pair.iter().map(|part| tell(&shop, &boat.departure, part));
        for answer in futures_util::future::join_all(told).await {
            answer?;
        }
    }
    // What each scan came to, once all is known: of each guest one was let in, by the earliest scan.
    let mut admitted: BTreeMap<&str, &Seen> = BTreeMap::new();
    let mut outcomes = BTreeMap::new();
    for part in scans.chunks(PART) {
        for scan in tell(&shop, &boat.departure, part).await? {
            let nonce = scan["nonce"].as_str().context("no nonce")?.to_owned();
            outcomes.insert(nonce, scan["outcome"].clone());
        }
    }
    for scan in &scans {
        let first = admitted.entry(&scan.code).or_insert(scan);
        if (scan.at, &scan.nonce) < (first.at, &first.nonce) {
            *first = scan;
        }
    }
    for scan in &scans {
        let first = admitted[scan.code.as_str()].nonce == scan.nonce;
        let wanted = if first { "ADMITTED" } else { "ALREADY_ADMITTED" };
        ensure!(outcomes[&scan.nonce] == wanted, "{} is {}", scan.nonce, outcomes[&scan.nonce]);
    }
    let standing = guests(&shop, &boat.departure).await?;
    ensure!(standing.len() == GUESTS);
    ensure!(standing.values().all(|status| status == "REDEEMED"), "{standing:?}");
    end(market).await
}

/// Every guest by one phone, every third by both: at the second gate nobody knew of the first.
fn seen(codes: &[String], chance: &mut Chance) -> Vec<Seen> {
    let clock = platform::clock::SystemClock;
    let now = kernel::Clock::now(&clock).micros();
    let mut scans = Vec::new();
    for (place, code) in codes.iter().enumerate() {
        let first = chance.below(2);
        let phones = if place % 3 == 0 { vec![first, 1 - first] } else { vec![first] };
        for phone in phones {
            scans.push(Seen {
                phone,
                nonce: format!("phone-{phone}-{:016x}", chance.next()),
                code: code.clone(),
                at: now - 1_000_000 * (1 + chance.below(300) as i64),
            });
        }
    }
    scans
}

/// A phone tells what it saw.
async fn tell(shop: &TestShop, departure: &str, part: &[Seen]) -> anyhow::Result<Vec<Value>> {
    let query = "mutation($input: RedeemTicketsInput!) { redeemTickets(input: $input) {
      scans { nonce outcome admitted } userErrors { code message path } } }";
    let scan = |seen: &Seen| {
        let at = kernel::Timestamp::from_micros(seen.at).to_rfc3339();
        json!({ "nonce": seen.nonce, "code": seen.code, "scannedAt": at })
    };
    let input = json!({
        "shopId": shop.id, "departureId": departure,
        "device": format!("phone {}", part[0].phone),
        "scans": part.iter().map(scan).collect::<Vec<_>>(),
    });
    let told = shop.owner.change(query, json!({ "input": input })).await?;
    told["scans"].as_array().cloned().context("no scans")
}

/// Codes and standing of the guests of a departure.
async fn guests(shop: &TestShop, departure: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let query = "query($shop: ID!, $departure: ID!) { me { shop(id: $shop) {
      manifest(departureId: $departure) { tickets { code status } } } } }";
    let found = shop.owner.run(query, json!({ "shop": shop.id, "departure": departure })).await?;
    let tickets = &found["me"]["shop"]["manifest"]["tickets"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tickets = tickets.as_array().context("no tickets")?.iter();
    Ok(tickets.map(|ticket| (text(&ticket["code"]), text(&ticket["status"]))).collect())
}
