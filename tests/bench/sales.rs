//! Whole sales, as shoppers make them.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::shopping::{
    TestShop, add_line, create_cart, listen_until_paid, open_shop_at, pay, start_checkout,
};
use serde_json::json;

use crate::load::Measured;
use crate::process::MarketProcess;

/// Opens the shop that sells.
pub async fn open_shop(market: &MarketProcess) -> anyhow::Result<TestShop> {
    open_shop_at(market.api(), market.operator(), "Vựa trái cây").await
}

const NAMES: [&str; 8] = [
    "Xoài cát Hòa Lộc",
    "Bánh pía sầu riêng",
    "Vú sữa Lò Rèn",
    "Nem chua Lai Vung",
    "Khóm Cầu Đúc",
    "Gạo thơm Sóc Trăng",
    "Cá lóc khô",
    "Dừa xiêm xanh",
];

/// Imports so many products by files; gives the ids of some variants.
pub async fn import(shop: &TestShop, products: usize) -> anyhow::Result<Vec<String>> {
    for (number, chunk) in (0..products).collect::<Vec<_>>().chunks(2_000).enumerate() {
        let mut file = String::from("handle,title_vi,title_en,unit,sku,price,currency,stock\n");
        for index in chunk {
            let name = NAMES[index % NAMES.len()];
            file.push_str(&format!(
                "sp-{index},{name} {index},,kg,S{index},{},VND,1000000\n",
                10_000 + index
            ));
        }
        let done = chonoi::commands::follow_import(
            &shop.owner,
            &shop.id,
            Some("CHONOI"),
            file.as_bytes(),
            false,
        )
        .await?;
        ensure!(done["failed"] == 0, "file {number}: {done}");
    }
    let query = "query($id: ID!) { me { shop(id: $id) { products(first: 100) { nodes { variants { id } } } } } }";
    let found = shop.owner.run(query, json!({ "id": shop.id })).await?;
    let nodes = found["me"]["shop"]["products"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(nodes
        .iter()
        .filter_map(|node| node["variants"][0]["id"].as_str().map(ToOwned::to_owned))
        .collect())
}

/// Waits until search has heard of all products.
pub async fn wait_for_index(market: &MarketProcess, products: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let found =
            market.api().run("{ search(query: \"\", first: 1) { totalCount } }", json!({})).await?;
        if found["search"]["totalCount"].as_u64().unwrap_or(0) >= products as u64 {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_secs(120), "the index stays at {found}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What shoppers measured.
pub struct Sold {
    /// Whole sales.
    pub sales: Measured,
    /// From the transfer in the banking app, by the bank's webhook, until the shopper's page is told.
    pub paid: Measured,
}

/// So many shoppers buy for so long; a sale counts when it is paid.
pub async fn sell(
    market: &MarketProcess,
    variants: &[String],
    shoppers: usize,
    span: Duration,
) -> anyhow::Result<Sold> {
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for shopper in 0..shoppers {
        let (api, variants) = (market.api().clone(), variants.to_vec());
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < span {
                let variant = &variants[(shopper * 7 + times.len()) % variants.len()];
                let sold = Instant::now();
                let paid = buy(&api, variant).await?;
                times.push((milliseconds(sold.elapsed()), milliseconds(paid)));
            }
            anyhow::Ok(times)
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    let span = begun.elapsed();
    let (sales, paid): (Vec<f64>, Vec<f64>) = all.into_iter().unzip();
    Ok(Sold { sales: Measured::of(sales, span), paid: Measured::of(paid, span) })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Buys one piece; gives how long it took from the transfer until the market said "paid".
async fn buy(api: &Api, variant: &str) -> anyhow::Result<Duration> {
    let cart = create_cart(api).await?;
    let added = add_line(api, &cart, variant, 1).await?;
    ensure!(added["userErrors"] == json!([]), "{added}");
    let payload =
        start_checkout(api, &cart, &format!("khoa-{:016x}", rand::random::<u64>())).await?;
    let checkout = payload.get("checkout").filter(|checkout| !checkout.is_null());
    let checkout = checkout.with_context(|| format!("{payload}"))?;
    let transferred = Instant::now();
    let (paid, told) = tokio::join!(listen_until_paid(api, checkout), pay(api, checkout));
    told.and(paid)?;
    Ok(transferred.elapsed())
}
