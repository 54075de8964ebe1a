//! What a reseller reads: the shop, its tours, and what is left of them.

use proto::tours::Departure;
use serde_json::{Value, json};

use crate::support::asking::Client;
use crate::support::market::{HOUR, Market, departure_id, product_id, shop, vnd};

fn question(option: &str) -> Value {
    json!({
        "productId": product_id(1),
        "optionId": option,
        "localDateStart": "2026-12-01",
        "localDateEnd": "2026-12-03",
    })
}

async fn check(client: &Client, question: &Value) -> Vec<Value> {
    let asked = client.post("/availability", "/availability", question).await;
    asked.json.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_supplier_is_the_shop_of_the_reseller() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/content");
    let supplier = client.get("/supplier", "/supplier").await.json;
    assert_eq!(supplier["id"], shop(1).id);
    assert_eq!(supplier["endpoint"], "https://chonoi.example/octo");
    assert_eq!(supplier["contact"]["website"], "https://chonoi.example/s/shop-1");
    assert_eq!(
        supplier["contact"]["address"],
        "38 Hai Bà Trưng, Phường Ninh Kiều, Cần Thơ, Việt Nam"
    );
    assert_eq!(supplier["shortDescription"], "Small boats");
    let other = client.with_key("other").get("/products", "/products").await.json;
    assert_eq!(other.as_array().unwrap().len(), 1, "each reseller sees the tours of one shop");
    assert_eq!(other[0]["id"], product_id(3));
}

#[tokio::test]
async fn a_tour_is_told_in_the_language_of_the_request() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/content, octo/cart");
    let path = format!("/products/{}", product_id(1));
    let asked = client.get("/products/{id}", &path).await;
    assert_eq!(asked.header("content-language"), "en");
    assert_eq!(asked.header("available-languages"), "vi, en");
    assert_eq!(
        asked.header("octo-capabilities"),
        "octo/content",
        "what we do not have is left out"
    );
    let tour = asked.json;
    assert_eq!(tour["title"], "Cái Răng floating market at dawn");
    assert_eq!(tour["internalName"], "Chợ nổi Cái Răng lúc bình minh");
    assert_eq!(tour["media"][0]["src"], "https://chonoi.example/media/tours/cai-rang.jpg");
    assert_eq!(tour["locations"][0]["types"], json!(["START", "REDEMPTION"]));
    assert_eq!(tour["timeZone"], "Asia/Ho_Chi_Minh");
    let option = &tour["options"][0];
    assert_eq!(option["cancellationCutoffAmount"], 72);
    assert_eq!(option["availabilityLocalStartTimes"], json!(["05:30"]));
    assert_eq!(option["units"][1]["restrictions"]["accompaniedBy"], json!(["adult"]));
    let private = &tour["options"][1];
    assert_eq!(private["restrictions"], json!({ "minUnits": 1, "maxUnits": 1 }));
    assert_eq!(private["units"][0]["type"], "OTHER");
    assert_eq!(private["units"][0]["restrictions"]["paxCount"], 12);
    assert_eq!(private["title"], "Thuyền riêng", "the other language where one is missing");
    let vietnamese = client.with_language("vi").get("/products/{id}", &path).await.json;
    assert_eq!(vietnamese["title"], "Chợ nổi Cái Răng lúc bình minh");
    assert_eq!(vietnamese["options"][0]["units"][0]["title"], "Người lớn");
}

#[tokio::test]
async fn what_is_left_is_told_in_the_words_of_octo() {
    let market = Market::new();
    let client = Client::new(market.routes());
    let id = departure_id(1, 0);
    let seen = async |option: &str, change: &dyn Fn(&mut Departure)| {
        market.change(&id, |departure| {
            *departure = crate::support::market::departure(1, 0);
            change(departure);
        });
        let found = check(&client, &question(option)).await.swap_remove(0);
        (found["status"].as_str().unwrap().to_owned(), found["vacancies"].as_u64().unwrap())
    };
    let none = |departure: &mut Departure| {
        departure.sold = 12;
        departure.tickets.iter_mut().for_each(|ticket| ticket.available = 0);
    };
    assert_eq!(seen("join-in", &|_| {}).await, ("AVAILABLE".to_owned(), 12));
    assert_eq!(
        seen("join-in", &|departure| (departure.sold, departure.held) = (4, 3)).await,
        ("LIMITED".to_owned(), 5)
    );
    assert_eq!(seen("join-in", &none).await, ("SOLD_OUT".to_owned(), 0));
    assert_eq!(seen("private", &none).await, ("SOLD_OUT".to_owned(), 0));
    assert_eq!(seen("private", &|_| {}).await, ("AVAILABLE".to_owned(), 1));
    let closed = |departure: &mut Departure| departure.for_sale = false;
    assert_eq!(seen("join-in", &closed).await, ("CLOSED".to_owned(), 12));
}

#[tokio::test]
async fn units_are_counted_in_seats_and_priced_together() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/pricing");
    market.change(&departure_id(1, 0), |departure| departure.sold = 10);
    let mut asked = question("join-in");
    asked["units"] = json!([
        { "id": "adult", "quantity": 1 }, { "id": "child", "quantity": 1 },
        { "id": "infant", "quantity": 1 }, { "id": "adult", "quantity": 0 },
    ]);
    let found = check(&client, &asked).await;
    assert_eq!(found[0]["available"], true, "an infant takes no seat");
    assert_eq!(found[0]["pricing"]["retail"], 375_000);
    assert_eq!(found[0]["unitPricing"][1]["unitId"], "child");
    assert_eq!(found[0]["utcCutoffAt"], "2026-11-30T21:30:00Z", "an hour before the start");
    asked["units"] = json!([{ "id": "adult", "quantity": 2 }, { "id": "child", "quantity": 1 }]);
    let found = check(&client, &asked).await;
    assert_eq!((&found[0]["available"], &found[0]["status"]), (&json!(false), &json!("SOLD_OUT")));
    assert_eq!(found[1]["available"], true);
}

#[tokio::test]
async fn departures_are_found_by_id_and_by_local_start_alone_and_within_days() {
    let market = Market::new();
    let client = Client::new(market.routes());
    let mut by_ids = question("join-in");
    let object = by_ids.as_object_mut().unwrap();
    object.remove("localDateStart");
    object.remove("localDateEnd");
    object.insert(
        "availabilityIds".to_owned(),
        json!([
            departure_id(1, 5),
            "2026-12-02T05:30:00+07:00",
            "2026-12-01T22:30:00Z",
            "2026-12-03T06:00:00+07:00",
            departure_id(2, 0),
            "dep_x",
            "x",
        ]),
    );
    let ids = |found: &[Value]| found.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    let found = check(&client, &by_ids).await;
    assert_eq!(
        ids(&found),
        [departure_id(1, 1), departure_id(1, 5)],
        "each once, of this tour only"
    );
    let mut within = question("join-in");
    within["availabilityIds"] = by_ids["availabilityIds"].clone();
    assert_eq!(ids(&check(&client, &within).await), [departure_id(1, 1)]);
    by_ids["availabilityIds"] = json!(["2026-01-01T05:30:00+07:00", "2026-12-01T05:30:00+07:00"]);
    let far = client.post("/availability", "/availability", &by_ids).await;
    assert_eq!(far.error(), "BAD_REQUEST", "ids do not get around the bound on days");
}

#[tokio::test]
async fn a_calendar_has_every_day_with_the_best_of_its_departures() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/pricing");
    let mut second = crate::support::market::departure(1, 7);
    second.starts_at -= 7 * 24 * HOUR - 3 * HOUR;
    second.ends_at = second.starts_at + HOUR;
    second.local_start = "2026-12-01T08:30:00+07:00".to_owned();
    second.sold = 10;
    for ticket in &mut second.tickets {
        ticket.price = Some(vnd(ticket.price.as_ref().unwrap().minor / 2));
    }
    market.change(&departure_id(1, 7), |departure| *departure = second);
    let mut asked = question("join-in");
    asked["localDateStart"] = json!("2026-11-30");
    asked["units"] = json!([{ "id": "adult", "quantity": 2 }]);
    let days = client.post("/availability/calendar", "/availability/calendar", &asked).await.json;
    let days = days.as_array().unwrap();
    assert_eq!(days.len(), 4);
    assert_eq!(
        (&days[0]["localDate"], &days[0]["status"]),
        (&json!("2026-11-30"), &json!("CLOSED"))
    );
    assert_eq!((&days[1]["status"], &days[1]["vacancies"]), (&json!("AVAILABLE"), &json!(12)));
    assert_eq!(days[1]["unitPricingFrom"][0]["retail"], 125_000, "the lowest of the day");
    assert_eq!(days[1]["pricingFrom"]["retail"], 250_000);
    assert_eq!(days[2]["pricingFrom"]["retail"], 500_000);
    assert_eq!(days[0].get("pricingFrom"), None, "nothing to be had, no price");
}
