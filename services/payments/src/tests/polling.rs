//! Asking SePay: what its webhooks lost is found, nothing is recorded twice, and when SePay is down
//! nothing breaks. The peer is a small server that answers as SePay's documentation says.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::*;
use crate::SepayPollingParts;
use crate::providers::feeds::sepay_polling::SepayList;
use crate::usecases::poll_sepay::{poll_list, poll_sepay};

pub(super) const TOKEN: &str = "token-of-tests";

/// How the peer answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Well,
    Down,
    Babbling,
    Redirecting,
}

#[derive(Default)]
pub(super) struct Peer {
    pub(super) rows: Vec<Value>,
    mood: Mood,
    /// `transaction_date_min` of each call.
    pub(super) asked_from: Vec<String>,
}

pub(super) type Shared = Arc<Mutex<Peer>>;

impl Peer {
    fn answer(&mut self, query: &HashMap<String, String>) -> Response {
        let from = query["transaction_date_min"].clone();
        self.asked_from.push(from.clone());
        match self.mood {
            Mood::Well => {}
            Mood::Down => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Mood::Babbling => return "<html>".into_response(),
            Mood::Redirecting => return Redirect::temporary("/elsewhere").into_response(),
        }
        let date = |row: &Value| row["transaction_date"].as_str().unwrap().to_owned();
        let until = query.get("transaction_date_max");
        let mut rows: Vec<Value> = self
            .rows
            .iter()
            .filter(|row| row["account_number"] == query["account_number"].as_str())
            .filter(|row| date(row) >= from && until.is_none_or(|until| date(row) <= *until))
            .cloned()
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(date(row)));
        rows.truncate(query["limit"].parse().unwrap());
        Json(json!({ "status": 200, "error": null, "transactions": rows })).into_response()
    }
}

async fn list(
    State(peer): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    peer.lock().unwrap().answer(&query)
}

/// A bench that asks a peer on this machine.
pub(super) async fn bench_and_peer(database: Database, token: &str) -> (Bench, Shared) {
    let (base_url, peer) = peer().await;
    (bench_that_asks(database, base_url, token), peer)
}

/// A peer on this machine, and where it answers.
pub(super) async fn peer() -> (String, Shared) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let peer = Shared::default();
    let routes =
        Router::new().route("/userapi/transactions/list", get(list)).with_state(Arc::clone(&peer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (base_url, peer)
}

pub(super) fn bench_that_asks(database: Database, base_url: String, token: &str) -> Bench {
    let (token, every) = (token.to_owned(), Duration::from_secs(300));
    Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
        parts.sepay_polling = Some(SepayPollingParts { base_url, token, every });
    })
}

/// The row of the transfer of which [`body`] is the webhook.
pub(super) fn row(id: u64, amount: i64, memo: &str, time: &str) -> Value {
    json!({
        "id": id.to_string(), "bank_brand_name": "Vietcombank", "account_number": ACCOUNT,
        "transaction_date": format!("2027-01-15 {time}"), "amount_out": "0.00",
        "amount_in": format!("{amount}.00"), "accumulated": "1.00", "transaction_content": memo,
        "reference_number": "FT1", "code": null, "sub_account": null, "bank_account_id": "19",
    })
}

impl Bench {
    async fn poll(&self) -> anyhow::Result<u64> {
        let new = poll_sepay(&self.payments).await?;
        process_feed_events(&self.payments).await?;
        Ok(new)
    }

    async fn event_counts(&self) -> (u64, u64) {
        store::feed_event::counts(self.database.reader()).await.unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn what_webhooks_lost_in_an_hour_is_found_and_nothing_twice(database) {
        let (bench, peer) = bench_and_peer(database, TOKEN).await;
        let mut payments = Vec::new();
        for id in 1..=30_u64 {
            let payment = bench.start(1_000 + id as i64).await;
            let memo = payment.code.to_string();
            let time = format!("14:{id:02}:00");
            peer.lock().unwrap().rows.push(row(id, payment.amount.minor, &memo, &time));
            // The webhooks of the first ten come, then none does.
            if id <= 10 {
                bench.tell(id, payment.amount.minor, &memo).await.unwrap();
            }
            payments.push(payment);
        }
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.credits().await.len(), 10);
        assert_eq!(bench.poll().await.unwrap(), 20);
        for payment in &payments {
            assert_eq!(bench.status(payment).await, PaymentStatus::Succeeded);
        }
        // Asked again, and told by webhooks that come late after all.
        assert_eq!(bench.poll().await.unwrap(), 0);
        for (id, payment) in (1..).zip(&payments) {
            bench.tell(id, payment.amount.minor, &payment.code.to_string()).await.unwrap();
        }
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.event_counts().await, (30, 0));
        assert_eq!((bench.credits().await.len(), bench.postings().await), (30, 30));
        bench.assert_sound().await;
    }

    async fn a_list_of_many_pages_is_asked_for_to_its_end(database) {
        let (bench, peer) = bench_and_peer(database, TOKEN).await;
        for id in 1..=9_u64 {
            // Three of one minute: pages begin and end within it.
            let time = format!("14:{:02}:00", 10 + id / 3);
            peer.lock().unwrap().rows.push(row(id, 1_000, &format!("khach {id}"), &time));
        }
        let mut outgoing = row(10, 0, "phi", "14:30:00");
        outgoing["amount_out"] = "5500.00".into();
        peer.lock().unwrap().rows.push(outgoing);
        let polling = bench.payments.0.polling.as_ref().unwrap();
        let list = |rows| SepayList::new(polling.parts()).unwrap().with_page_rows(rows);
        let poll = async |rows| poll_list(&bench.payments, &list(rows), Duration::ZERO).await;
        // Pages no longer than what is of one second lead nowhere, and that is said.
        let stuck = poll(2).await.unwrap_err();
        assert!(stuck.to_string().contains("more transactions"), "{stuck}");
        assert!(bench.event_counts().await.0 < 10);
        poll(4).await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.event_counts().await, (10, 0));
        assert_eq!(bench.credits().await.len(), 9);
        assert_eq!(poll(4).await.unwrap(), 0);
    }

    async fn while_sepay_does_not_answer_well_nothing_breaks_and_nothing_is_forgotten(database) {
        let (bench, peer) = bench_and_peer(database, TOKEN).await;
        let (told, lost) = (bench.start(1_000).await, bench.start(2_000).await);
        peer.lock().unwrap().rows.push(row(2, 2_000, &lost.code.to_string(), "14:10:00"));
        for mood in [Mood::Down, Mood::Babbling, Mood::Redirecting] {
            peer.lock().unwrap().mood = mood;
            assert!(bench.poll().await.is_err(), "{mood:?}");
        }
        assert_eq!(bench.event_counts().await, (0, 0));
        assert_eq!(bench.credit(1, 1_000, &told.code.to_string()).await, CreditState::Matched);
        // Each round over the same span, until one is complete.
        peer.lock().unwrap().mood = Mood::Well;
        assert_eq!(bench.poll().await.unwrap(), 1);
        assert_eq!(bench.status(&lost).await, PaymentStatus::Succeeded);
        assert_eq!(bench.poll().await.unwrap(), 0);
        let first = "2027-01-08 15:00:00";
        let asked_from = peer.lock().unwrap().asked_from.clone();
        assert_eq!(asked_from, [first, first, first, first, "2027-01-14 15:00:00"]);
        bench.assert_sound().await;
    }

    async fn a_wrong_token_or_nobody_there_is_an_error_and_no_more(database) {
        let (bench, _peer) = bench_and_peer(database.clone(), "another").await;
        let refused = bench.poll().await.unwrap_err();
        assert_eq!(refused.to_string(), "SePay answers 401");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let bench = bench_that_asks(database, nobody, TOKEN);
        let work = bench.payments.periodics();
        let polling = work.iter().find(|work| work.name() == "payments.polling").unwrap();
        let failed = format!("{:#}", polling.run_once().await.unwrap_err());
        assert!(failed.contains("does not answer") && !failed.contains(TOKEN), "{failed}");
        assert_eq!(bench.event_counts().await, (0, 0));
    }

    async fn without_a_token_nobody_is_asked(database) {
        let bench = Bench::on(database);
        assert!(bench.payments.periodics().iter().all(|work| work.name() != "payments.polling"));
        assert_eq!(poll_sepay(&bench.payments).await.unwrap(), 0);
    }
}
