//! Fault 17: SIGTERM under load. What is in flight is answered, nothing new is taken, and the process ends in
//! time.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use journeys::shopping::{TestCart, add_line, create_cart, open_shop_at, sell};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::processes::{Alone, Folder, embedded, findings};
use super::trade::{pay, until_paid};

/// Requests that are in flight when the process is told to stop.
const IN_FLIGHT: usize = 50;
/// Promised by docs/operations.md: requests get `server.shutdown_seconds` (20) to end, background work the rest.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// No step of a request takes longer, with a machine that others keep busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A checkout whose body is still to be sent: the process has taken the request, and waits for it.
struct InFlight {
    stream: TcpStream,
    body: String,
}

impl InFlight {
    async fn begin(url: &str, cart: &TestCart, key: &str) -> anyhow::Result<Self> {
        let input = json!({
            "cartId": cart.id, "cartToken": cart.token,
            "contact": { "name": "Lê Minh", "phone": "0900000456" },
            "delivery": { "method": "PICKUP" }, "payWith": "VIETQR", "idempotencyKey": key,
        });
        let query = "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) {
          checkout { id token status payment { id amount { amount } qr { accountNumber memo } } }
          userErrors { code message } } }";
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let address = url.strip_prefix("http://").context("no address")?;
        let mut stream = TcpStream::connect(address).await?;
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             accept: application/json\r\nexpect: 100-continue\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        // By this the process says that it reads the body now (RFC 9110, 10.1.1): nothing has to be guessed.
        let mut answer = [0; 25];
        tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await??;
        ensure!(
            &answer == b"HTTP/1.1 100 Continue\r\n\r\n",
            "{}",
            String::from_utf8_lossy(&answer)
        );
        Ok(Self { stream, body })
    }

    /// Sends the rest; gives the checkout.
    async fn end(mut self) -> anyhow::Result<Value> {
        self.stream.write_all(self.body.as_bytes()).await?;
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, self.stream.read_to_string(&mut answer)).await??;
        ensure!(answer.starts_with("HTTP/1.1 200"), "it was not answered well: {answer}");
        let (_, json) = answer.split_once("\r\n\r\n").context("no body")?;
        let json: Value = serde_json::from_str(json).with_context(|| answer.clone())?;
        let checkout = json["data"]["startCheckout"]["checkout"].clone();
        ensure!(checkout["payment"]["qr"]["memo"].is_string(), "{json}");
        Ok(checkout)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_fails_nothing_that_is_in_flight_and_ends_in_time() -> anyhow::Result<()>
{
    let folder = Folder::new()?;
    let settings = embedded(&folder.join("data"));
    let mut market = Alone::start(&[], settings, &folder).await?;
    let shop = open_shop_at(&market.api, &market.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 1_000).await?;
    let mut carts = Vec::new();
    for _ in 0..IN_FLIGHT {
        let cart = create_cart(&market.api).await?;
        let added = add_line(&market.api, &cart, &goods, 1).await?;
        ensure!(added["userErrors"] == json!([]), "{added}");
        carts.push(cart);
    }
    let url = market.process.url().to_owned();
    let begun = carts.iter().map(|cart| InFlight::begin(&url, cart, &cart.id));
    let in_flight = try_join_all(begun).await?;

    let stopped = Instant::now();
    market.process.tell_to_stop()?;
    let address = url.strip_prefix("http://").context("no address")?;
    while TcpStream::connect(address).await.is_ok() {
        ensure!(stopped.elapsed() < PATIENCE, "newcomers are still let in");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let checkouts = try_join_all(in_flight.into_iter().map(InFlight::end)).await?;
    let status = market.process.ended(ENDS_WITHIN).await?;
    ensure!(status.success(), "it ended with {status}");
    ensure!(stopped.elapsed() < ENDS_WITHIN, "it ended after {:?}", stopped.elapsed());

    // All that was answered is there after the next start.
    market.process.go_on()?;
    market.process.wait_until_ready().await?;
    for (checkout, id) in checkouts.iter().zip(1..) {
        pay(&url, checkout, id).await?;
        until_paid(&market.api, checkout).await?;
    }
    assert_eq!(findings(&market.settings).await?, Vec::<String>::new());
    market.process.stop().await
}
