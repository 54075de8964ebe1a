//! `chonoi dead-letters` as an operator gives it, before a market runs and while it does.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use chonoi::market::{Market, Running};
use chonoi::roles::Role;
use platform::config::Config;
use platform::database::{Database, Location};
use platform::telemetry;
use prost::Message;
use proto::events::event::Body;
use proto::events::{CheckoutChanged, Event};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

/// The consumer of catalog that hears of checkouts.
const CONSUMER: &str = "catalog.checkouts";

fn chonoi(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chonoi"))
        .args(words)
        .arg("--data-dir")
        .arg(folder)
        .output()
        .unwrap()
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A letter of an event that the consumer can take by now.
async fn set_aside(database: &Database, checkout: &str) {
    let id: kernel::EventId = platform::ids::new();
    let order: kernel::CheckoutId = platform::ids::new();
    let event = Event {
        id: id.to_string(),
        occurred_at: 1,
        aggregate_id: checkout.to_owned(),
        body: Some(Body::CheckoutChanged(CheckoutChanged {
            checkout_id: order.to_string(),
            status: proto::orders::CheckoutStatus::Expired.into(),
        })),
    };
    let insert = Statement::from_sql_and_values(
        database.backend(),
        "INSERT INTO dead_letters (consumer, event_id, aggregate, payload, error, failed_at)
         VALUES ($1, $2, $3, $4, 'it was broken', 1)",
        [CONSUMER.into(), id.uuid().into(), checkout.into(), event.encode_to_vec().into()],
    );
    database.writer().execute_raw(insert).await.unwrap();
}

async fn count(database: &Database, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE consumer = '{CONSUMER}'");
    let statement = Statement::from_string(database.backend(), sql);
    database.reader().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn start(folder: &Path) -> Running {
    let mut config = Config::default();
    config.server.listen = "127.0.0.1:0".to_owned();
    config.server.shutdown_seconds = 5;
    config.database.data_dir = folder.display().to_string();
    let market = Market::bind(config, Role::ALL.to_vec()).await.unwrap();
    market.start(telemetry::unrecorded()).await.unwrap()
}

async fn settled(folder: &Path, left: usize) {
    let begun = Instant::now();
    loop {
        let listed = told(&chonoi(folder, &["dead-letters", "--json"]));
        if listed["deadLetters"].as_array().unwrap().len() == left {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{listed}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_listed_and_delivered_again_once_also_while_the_market_runs() {
    chonoi::choose_tls();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    assert!(chonoi(folder, &["migrate"]).status.success());
    let none = told(&chonoi(folder, &["dead-letters", "list", "--json"]));
    assert_eq!(none, json!({ "deadLetters": [] }));

    let file = folder.join("catalog.db");
    let database = Database::open(Location::File(&file)).await.unwrap();
    for checkout in ["one", "two", "three"] {
        set_aside(&database, checkout).await;
    }
    let listed = told(&chonoi(folder, &["dead-letters", "--json"]));
    let first = &listed["deadLetters"][0];
    assert_eq!(
        (&first["id"], &first["consumer"], &first["aggregate"], &first["error"]),
        (&json!("catalog:1"), &json!(CONSUMER), &json!("one"), &json!("it was broken"))
    );
    assert_eq!(first["replayRequested"], false);
    let words = String::from_utf8(chonoi(folder, &["dead-letters"]).stdout).unwrap();
    assert!(words.contains("catalog:3") && words.contains("it was broken"), "{words}");

    // Asked for while no market runs: the next start delivers it, and only it.
    let asked = told(&chonoi(folder, &["dead-letters", "replay", "catalog:1", "--json"]));
    assert_eq!(asked, json!({ "replayRequested": ["catalog:1"] }));
    let running = start(folder).await;
    settled(folder, 2).await;
    assert_eq!(count(&database, "inbox").await, 1);

    // While it runs.
    let asked = told(&chonoi(folder, &["dead-letters", "replay", "--all", "--json"]));
    assert_eq!(asked, json!({ "replayRequested": ["catalog:2", "catalog:3"] }));
    settled(folder, 0).await;
    assert_eq!(count(&database, "inbox").await, 3);
    assert_eq!(count(&database, "dead_letters").await, 3, "letters are kept");

    // What is settled is not delivered again, and the operator is told so.
    for ids in ["catalog:1", "catalog:77", "nobody:1"] {
        let refused = chonoi(folder, &["dead-letters", "replay", ids]);
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains(ids));
    }
    for words in [&["dead-letters", "replay"][..], &["dead-letters", "replay", "x"]] {
        assert_eq!(chonoi(folder, words).status.code(), Some(2));
    }
    assert_eq!(count(&database, "inbox").await, 3);
    running.stop().await.unwrap();
    database.close().await.unwrap();
}
