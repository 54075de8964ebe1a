//! Fault 12: the disk is full. Reading goes on, who wants to write is told so and nothing is half done, and
//! when there is room again the market goes on by itself.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::ensure;
use journeys::bank::{sepay_body, webhook};
use journeys::market::WEBHOOK_SECRET;
use journeys::shopping::{add_line, create_cart, open_shop_at, sell};
use serde_json::json;

use super::processes::{Alone, Folder, embedded, findings};
use super::trade::{check_out, pay, until_paid};

/// The API's own limit is 10 s; the rest is for machines that others keep busy.
const TOLD_WITHIN: Duration = Duration::from_secs(15);

/// Starts a program that is told by an error, and not killed, when a file may not grow (setrlimit(2)).
const TOLD_OF_LIMITS: [&str; 4] = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];

/// Bounds the size of all files that a process writes: by 0, its disk is full. Needs no rights of its own.
fn bound_files(process: u32, size: &str) -> anyhow::Result<()> {
    let mut prlimit = Command::new("prlimit");
    let set =
        prlimit.args(["--pid", &process.to_string(), &format!("--fsize={size}:")]).status()?;
    ensure!(set.success(), "prlimit failed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_is_half_done_and_with_room_again_sales_go_on() -> anyhow::Result<()>
{
    let folder = Folder::new()?;
    let settings = embedded(&folder.join("data"));
    let mut market = Alone::start(&TOLD_OF_LIMITS, settings, &folder).await?;
    let (api, url) = (&market.api, market.process.url().to_owned());
    let shop = open_shop_at(api, &market.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100).await?;
    let begun = check_out(api, &goods).await?;
    // Nothing is on its way any more.
    assert_eq!(findings(&market.settings).await?, Vec::<String>::new());

    bound_files(market.process.id()?, "0")?;
    for _ in 0..3 {
        // An empty cart is not written down; what is in it is.
        let cart = create_cart(api).await?;
        let asked = Instant::now();
        let refused = add_line(api, &cart, &goods, 1).await;
        ensure!(refused.is_err(), "a line was written on a full disk: {refused:?}");
        ensure!(asked.elapsed() < TOLD_WITHIN, "told after {:?}", asked.elapsed());
    }
    // The bank is told to call again.
    let told = webhook(&url, &sepay_body(&begun, 1), WEBHOOK_SECRET, 0).await?;
    assert_eq!(told, 503);
    let shown = api.run("{ products(first: 10) { nodes { title } } }", json!({})).await?;
    ensure!(shown["products"]["nodes"].as_array().is_some_and(|all| all.len() == 1), "{shown}");
    let lives = reqwest::get(format!("{url}/healthz")).await?;
    ensure!(lives.status().is_success(), "it answers {}", lives.status());

    bound_files(market.process.id()?, "unlimited")?;
    pay(&url, &begun, 1).await?;
    until_paid(api, &begun).await?;
    let another = check_out(api, &goods).await?;
    pay(&url, &another, 2).await?;
    until_paid(api, &another).await?;
    assert_eq!(findings(&market.settings).await?, Vec::<String>::new());
    market.process.stop().await
}
