//! A shop moves in with the goods of its old till, buyers look for them near their ward, say what they are
//! like, and the shop takes them away again.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{
    PATIENCE, TestShop, check_out_one, open_shop, page, pay, sell, sign_up, wait_for,
};
use kernel::ward_centre;
use serde_json::{Value, json};

/// As KiotViet exports it, saved as text: one cake in two sizes, one without a price.
const KIOTVIET: &str = "Loại hàng,Nhóm hàng(3 Cấp),Mã hàng,Mã vạch,Tên hàng,Giá bán,Tồn kho,ĐVT,Thuộc tính,Mã HH Liên quan,Đang kinh doanh\n\
    Hàng hóa,Bánh kẹo,BP4,,Bánh pía đậu xanh,\"65,000\",10,Hộp,Cỡ:4 bánh,,1\n\
    Hàng hóa,Bánh kẹo,BP8,,Bánh pía đậu xanh,\"120,000\",5,Hộp,Cỡ:8 bánh,BP4,1\n\
    Hàng hóa,Bánh kẹo,BT,,Bánh tét,,5,Đòn,,,1\n";

/// Uploads a file without saying what it is; gives the import as it ended.
async fn import(shop: &TestShop, file: &str, dry_run: bool) -> anyhow::Result<Value> {
    let query = "mutation($shop: ID!, $file: Upload!, $dryRun: Boolean!) {
      importProducts(input: {shopId: $shop, file: $file, dryRun: $dryRun}) {
        import { id } userErrors { code message } } }";
    let variables = json!({ "shop": shop.id, "file": null, "dryRun": dry_run });
    let begun = shop.owner.upload(query, &variables, "file", "hang.csv", file.as_bytes()).await?;
    let id = begun["import"]["id"].clone();
    ensure!(id.is_string(), "refused: {begun}");
    let query = "query($shop: ID!, $id: ID!) { me { shop(id: $shop) { import(id: $id) {
      format status created updated unchanged failed
      rows(first: 10, status: FAILED) { nodes { problems { line column code } } } } } } }";
    let started = Instant::now();
    loop {
        let data = shop.owner.run(query, json!({ "shop": shop.id, "id": id })).await?;
        let import = &data["me"]["shop"]["import"];
        if !matches!(import["status"].as_str(), Some("QUEUED" | "RUNNING")) {
            return Ok(import.clone());
        }
        ensure!(started.elapsed() < PATIENCE, "the import does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Titles of what is found around a ward, nearest first.
async fn near(market: &TestMarket, ward: &str, radius_km: f64) -> anyhow::Result<Vec<String>> {
    let centre = ward_centre(ward).context("no such ward")?;
    let near =
        json!({ "lat": centre.latitude(), "lng": centre.longitude(), "radiusKm": radius_km });
    let query =
        "query($near: NearInput) { search(query: \"\", filter: {near: $near}, sort: DISTANCE) {
      nodes { product { title } } } }";
    let data = market.api.run(query, json!({ "near": near })).await?;
    let nodes = data["search"]["nodes"].as_array().cloned().unwrap_or_default();
    let titles = nodes.iter().filter_map(|hit| hit["product"]["title"].as_str());
    Ok(titles.map(ToOwned::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_of_an_old_till_are_sold_found_nearby_and_taken_away_again() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let shop = open_shop(&market, "Lò bánh Cái Răng").await?;
    // What is for sale once shows that catalog knows the shop.
    sell(&shop, "Trái cây", 50_000, 5).await?;
    let tried = import(&shop, KIOTVIET, true).await?;
    ensure!(tried["format"] == "KIOTVIET" && tried["created"] == 1, "{tried}");
    let done = import(&shop, KIOTVIET, false).await?;
    ensure!((&done["created"], &done["failed"]) == (&json!(1), &json!(1)), "{done}");
    let problem = json!({ "line": 4, "column": "Giá bán", "code": "required" });
    ensure!(done["rows"]["nodes"][0]["problems"] == json!([problem]), "{done}");
    let again = import(&shop, KIOTVIET, false).await?;
    ensure!((&again["unchanged"], &again["created"]) == (&json!(1), &json!(0)), "{again}");

    // The shop is in Cái Răng (31186), a neighbour of Ninh Kiều (31135); Ô Môn is far from both.
    let started = Instant::now();
    while near(&market, "31135", 10.0).await?.len() < 2 {
        ensure!(started.elapsed() < PATIENCE, "the goods are not found");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(near(&market, "31135", 10.0).await?[0] == "Bánh pía đậu xanh");
    ensure!(near(&market, "31135", 2.0).await?.is_empty());
    let found = page(&market.api, "/search?near=31135&km=10&sort=DISTANCE", "", None).await?;
    ensure!(found.contains("data-test=\"around\"") && found.contains("Bánh pía"), "{found}");
    let nothing = page(&market.api, "/search?near=31135&km=%22%3E%3Cscript%3E", "", None).await?;
    ensure!(!nothing.contains("\"><script>"), "{nothing}");

    for format in ["CHONOI", "SHOPIFY", "KIOTVIET", "SAPO"] {
        let query = "query($shop: ID!, $format: ImportFormat!) {
          exportProducts(shopId: $shop, format: $format) { content } }";
        let variables = json!({ "shop": shop.id, "format": format });
        let data = shop.owner.run(query, variables).await?;
        let file = data["exportProducts"]["content"].as_str().context("no file")?;
        let back = import(&shop, file, false).await?;
        ensure!((&back["format"], &back["unchanged"]) == (&json!(format), &json!(2)), "{back}");
    }
    let failures = market.end().await?;
    ensure!(failures.is_empty(), "{failures:?}");
    Ok(())
}

/// The first product that is found, once search knows it.
async fn found_product(market: &TestMarket, text: &str) -> anyhow::Result<Value> {
    let query = "query($text: String!) { search(query: $text) { nodes { product { id slug } } } }";
    let started = Instant::now();
    loop {
        let found = market.api.run(query, json!({ "text": text })).await?;
        let product = &found["search"]["nodes"][0]["product"];
        if product["id"].is_string() {
            return Ok(product.clone());
        }
        ensure!(started.elapsed() < PATIENCE, "{text} is not found");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A buyer says something of a product; gives the refusal's code, if it was refused.
async fn review(buyer: &Api, product: &str, rating: i64, text: &str) -> anyhow::Result<Value> {
    let input = json!({ "productId": product, "rating": rating, "text": text });
    let query = "mutation($input: ReviewProductInput!) { reviewProduct(input: $input) {
      review { id } userErrors { code } } }";
    buyer.attempt(query, json!({ "input": input })).await
}

/// What would run if a page wrote it as it stands.
const SCRIPT: &str = "</textarea><script>alert('xoài')</script><img src=x onerror=alert(1)>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_bought_and_got_a_product_reviews_it_and_an_operator_removes_what_must_go()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let shop = open_shop(&market, "Vựa xoài").await?;
    let variant = sell(&shop, "Xoài cát", 85_000, 5).await?;
    let (buyer, stranger) =
        (sign_up(&market.api, "Lê Thị Ba").await?, sign_up(&market.api, "Người lạ").await?);
    let checkout = check_out_one(&buyer, &variant).await?.map_err(anyhow::Error::msg)?;
    let product = found_product(&market, "xoai").await?;
    let id = product["id"].as_str().context("no id")?;
    pay(&buyer, &checkout).await?;
    wait_for(&buyer, &checkout, "PAID").await?;
    // Paid is not yet got.
    let early = review(&buyer, id, 5, "Ngọt").await?;
    ensure!(early["userErrors"][0]["code"] == "NOT_BOUGHT", "{early}");
    let fulfil = "mutation($input: FulfilOrderInput!) { fulfilOrder(input: $input) { userErrors { code } } }";
    let input = json!({ "shopId": shop.id, "orderId": checkout["orders"][0]["id"] });
    shop.owner.change(fulfil, json!({ "input": input })).await?;
    let started = Instant::now();
    let written = loop {
        let written = review(&buyer, id, 4, SCRIPT).await?;
        if written["review"]["id"].is_string() {
            break written;
        }
        ensure!(started.elapsed() < PATIENCE, "nothing can be said: {written}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let refused = review(&stranger, id, 1, "Dở").await?;
    ensure!(refused["userErrors"][0]["code"] == "NOT_BOUGHT", "{refused}");

    // Everybody reads it, and nobody's browser runs it.
    let slug = product["slug"].as_str().context("no slug")?;
    let cookie = |who: &Api| format!("session={}", who.token().unwrap_or_default());
    for (path, who) in [
        (format!("/p/{slug}"), String::new()),
        (format!("/reviews/{id}"), String::new()),
        (format!("/reviews/{id}"), cookie(&buyer)),
        (format!("/reviews/{id}"), cookie(&market.operator)),
    ] {
        let seen = page(&market.api, &path, &who, None).await?;
        ensure!(seen.contains("data-test=\"review-of\""), "{path}: {seen}");
        ensure!(!seen.contains("<script>alert") && !seen.contains("<img src=x"), "{path}: {seen}");
    }
    let order = checkout["orders"][0]["id"].as_str().unwrap_or_default();
    let bought =
        format!("/checkout/{}/orders/{order}", checkout["id"].as_str().unwrap_or_default());
    let seen = page(&market.api, &bought, &cookie(&buyer), None).await?;
    ensure!(seen.contains(&format!("href=\"/reviews/{id}\"")), "{seen}");
    // The buyer changes it with the form, and search knows of it.
    let fields = [("rating", "5"), ("text", "Ngon")];
    let path = format!("/reviews/{id}");
    let seen = page(&market.api, &path, &cookie(&buyer), Some(&fields)).await?;
    ensure!(seen.contains("Ngon") && !seen.contains("alert("), "{seen}");
    let rated = || async {
        let query = "{ search(query: \"\", filter: {ratingMin: 4.5}, sort: RATING) {
          nodes { product { rating { average count } } } } }";
        let data = market.api.run(query, json!({})).await?;
        anyhow::Ok(data["search"]["nodes"].clone())
    };
    let wanted = json!([{ "product": { "rating": { "average": 5.0, "count": 1 } } }]);
    let started = Instant::now();
    while rated().await? != wanted {
        ensure!(started.elapsed() < PATIENCE, "search does not find it: {}", rated().await?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let review_id = written["review"]["id"].as_str().unwrap_or_default();
    let path = format!("/reviews/{id}/{review_id}/remove");
    let fields = [("reason", "spam")];
    let seen = page(&market.api, &path, &cookie(&market.operator), Some(&fields)).await?;
    ensure!(!seen.contains("data-test=\"review-of\""), "{seen}");
    let again = review(&buyer, id, 5, "Ngon").await?;
    ensure!(again["userErrors"][0]["code"] == "STATUS_CONFLICT", "{again}");
    let failures = market.end().await?;
    ensure!(failures.is_empty(), "{failures:?}");
    Ok(())
}
