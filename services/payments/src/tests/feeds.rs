//! Casso and payOS: what is theirs pays, what is not leaves a rejection and nothing else.

use serde_json::Value;

use super::*;
use crate::providers::feeds::Disbelieved;
use crate::providers::feeds::casso::CassoSecret;
use crate::providers::feeds::payos::PayosChecksumKey;

pub(super) fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/data/vn-webhooks.json")).unwrap()
}

pub(super) fn casso_secret() -> CassoSecret {
    CassoSecret::new(vectors()["casso_v2"]["checksumKey"].as_str().unwrap()).unwrap()
}

pub(super) fn payos_key() -> PayosChecksumKey {
    PayosChecksumKey::new(vectors()["payos_webhook"][0]["checksumKey"].as_str().unwrap()).unwrap()
}

/// A market to which both tell, at the moment of Casso's published sample.
fn bench_of_both(database: Database) -> Bench {
    Bench::with(database, Timestamp::from_micros(1_727_948_258_788_000), |parts| {
        parts.casso = Some(casso_secret());
        parts.payos = Some(payos_key());
    })
}

fn casso_body(id: i64, amount: i64, memo: &str) -> String {
    let mut body = vectors()["casso_v2"]["body"].clone();
    body["data"]["id"] = id.into();
    body["data"]["amount"] = amount.into();
    body["data"]["description"] = memo.into();
    body["data"]["accountNumber"] = ACCOUNT.into();
    body.to_string()
}

fn payos_body(reference: &str, amount: i64, memo: &str, key: &PayosChecksumKey) -> String {
    let mut data = vectors()["payos_webhook"][1]["data"].clone();
    data["reference"] = reference.into();
    data["amount"] = amount.into();
    data["description"] = memo.into();
    data["accountNumber"] = ACCOUNT.into();
    data["counterAccountName"] = "LE MINH".into();
    let signature = key.sign(data.as_object().unwrap()).unwrap();
    json!({ "code": "00", "desc": "success", "success": true, "data": data, "signature": signature })
        .to_string()
}

impl Bench {
    async fn tell_as_casso(&self, header: Option<&str>, body: &str) -> Result<(), Disbelieved> {
        self.tell_as(Proof::Casso(header), body).await
    }

    async fn tell_as_payos(&self, body: &str) -> Result<(), Disbelieved> {
        self.tell_as(Proof::Payos, body).await
    }

    async fn tell_as(&self, proof: Proof<'_>, body: &str) -> Result<(), Disbelieved> {
        let told = record_feed_event(&self.payments, proof, body.as_bytes()).await;
        process_feed_events(&self.payments).await.unwrap();
        match told {
            Ok(()) => Ok(()),
            Err(RecordError::Disbelieved(reason)) => Err(reason),
            Err(error) => panic!("{error}"),
        }
    }

    async fn counts(&self) -> (u64, u64) {
        store::feed_event::counts(self.database.reader()).await.unwrap()
    }

    async fn outcomes(&self) -> Vec<(String, String, i64, Option<String>)> {
        store::feed_event::outcomes(self.database.reader()).await.unwrap()
    }
}

fn outcome(
    feed: &str,
    id: &str,
    deliveries: i64,
    outcome: &str,
) -> (String, String, i64, Option<String>) {
    (feed.to_owned(), id.to_owned(), deliveries, Some(outcome.to_owned()))
}

on_each_database! { migrations::payments::Migrator,
    async fn a_transfer_that_casso_tells_of_pays_once_and_names_who_paid(database) {
        let bench = bench_of_both(database);
        let payment = bench.start(100_000).await;
        let body = casso_body(4_711, 100_000, &format!("tra {}", payment.code));
        for _ in 0..3 {
            let header = casso_secret().sign(bench.clock.now(), body.as_bytes());
            assert_eq!(bench.tell_as_casso(Some(&header), &body).await, Ok(()));
            bench.clock.advance(Duration::from_secs(30));
        }
        let outgoing = casso_body(4_712, -5_000, "phi");
        let header = casso_secret().sign(bench.clock.now(), outgoing.as_bytes());
        assert_eq!(bench.tell_as_casso(Some(&header), &outgoing).await, Ok(()));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        let credits = bench.credits().await;
        assert_eq!(credits.len(), 1);
        assert_eq!((credits[0].feed.as_str(), credits[0].bank.as_str()), ("casso", "VPBank"));
        assert_eq!(credits[0].counterparty_name.as_deref(), Some("NGUYEN VAN A"));
        assert_eq!(credits[0].counterparty_account.as_deref(), Some("8888888888"));
        assert_eq!(bench.outcomes().await, [
            outcome("casso", "4711", 3, "credited"), outcome("casso", "4712", 1, "outgoing"),
        ]);
        bench.assert_sound().await;
    }

    async fn what_is_not_cassos_leaves_a_rejection_and_nothing_else(database) {
        let bench = bench_of_both(database);
        let payment = bench.start(100_000).await;
        let body = casso_body(4_711, 100_000, &payment.code.to_string());
        let now = bench.clock.now();
        let header = casso_secret().sign(now, body.as_bytes());
        let old = casso_secret().sign(now.before(Duration::from_secs(301)), body.as_bytes());
        let other = CassoSecret::new("another").unwrap().sign(now, body.as_bytes());
        let altered = body.replace("100000", "100001");
        assert_ne!(altered, body);
        for (header, body, reason) in [
            (Some(&header), &altered, Disbelieved::WrongSignature),
            (Some(&other), &body, Disbelieved::WrongSignature),
            (None, &body, Disbelieved::NoProof),
            (Some(&old), &body, Disbelieved::Stale),
        ] {
            let told = bench.tell_as_casso(header.map(String::as_str), body).await;
            assert_eq!(told, Err(reason));
        }
        assert_eq!(bench.counts().await, (0, 4));
        assert_eq!((bench.postings().await, bench.credits().await.len()), (0, 0));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
    }

    async fn trials_are_answered_and_kept_and_are_no_money(database) {
        let bench = bench_of_both(database);
        let all = vectors();
        let header = all["casso_v2"]["header"].as_str().unwrap().split_once(": ").unwrap().1;
        let body = all["casso_v2"]["body"].to_string();
        assert_eq!(bench.tell_as_casso(Some(header), &body).await, Ok(()));
        let vector = &all["payos_webhook"][0];
        let body = json!({ "code": "00", "data": vector["data"], "signature": vector["signature"] });
        assert_eq!(bench.tell_as_payos(&body.to_string()).await, Ok(()));
        assert_eq!(bench.outcomes().await, [
            outcome("casso", "trial-MA_GIAO_DICH_THU_NGHIEM", 1, "trial"),
            outcome("payos", "124c33293c43417ab7879e14c8d9eb18:TF230204212323", 1, "trial"),
        ]);
        assert_eq!((bench.postings().await, bench.credits().await.len()), (0, 0));
    }

    async fn a_transfer_that_payos_tells_of_pays_once_however_often_it_is_replayed(database) {
        let bench = bench_of_both(database);
        let (payment, next) = (bench.start(100_000).await, bench.start(100_000).await);
        let body = payos_body("TF1", 100_000, &payment.code.to_string(), &payos_key());
        for _ in 0..3 {
            assert_eq!(bench.tell_as_payos(&body).await, Ok(()));
            // Nothing in the signature ages.
            bench.clock.advance(Duration::from_secs(10));
        }
        // What is around the data is not signed: changed, it is still the same transfer.
        let around = body.replace("\"desc\":\"success\"", "\"desc\":\"another\"");
        assert_eq!(bench.tell_as_payos(&around).await, Ok(()));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.status(&next).await, PaymentStatus::Pending);
        let credits = bench.credits().await;
        assert_eq!(credits.len(), 1);
        assert_eq!(credits[0].counterparty_name.as_deref(), Some("LE MINH"));
        assert_eq!(bench.counts().await, (1, 0));
        bench.assert_sound().await;
    }

    async fn what_is_not_payoss_leaves_a_rejection_and_nothing_else(database) {
        let bench = bench_of_both(database);
        let payment = bench.start(100_000).await;
        let body = payos_body("TF1", 100_000, &payment.code.to_string(), &payos_key());
        let other = PayosChecksumKey::new("another").unwrap();
        let forged = payos_body("TF1", 100_000, &payment.code.to_string(), &other);
        let unsigned = body.replace("\"signature\"", "\"signatur\"");
        let altered = body.replace("100000", "100001");
        for (body, reason) in [
            (&altered, Disbelieved::WrongSignature),
            (&forged, Disbelieved::WrongSignature),
            (&unsigned, Disbelieved::NoProof),
        ] {
            assert_eq!(bench.tell_as_payos(body).await, Err(reason));
        }
        assert_eq!(bench.counts().await, (0, 3));
        assert_eq!((bench.postings().await, bench.credits().await.len()), (0, 0));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
    }

    async fn a_door_that_is_not_configured_is_not_there(database) {
        let bench = Bench::with(database, Timestamp::from_micros(1_727_948_258_788_000), |parts| {
            parts.casso = Some(casso_secret());
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let routes = bench.payments.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        let body = casso_body(1, 5_000, "x");
        let header = casso_secret().sign(bench.clock.now(), body.as_bytes());
        let call = |feed: &str| http.post(format!("{url}/{feed}")).body(body.clone());
        let told = call("casso").header("x-casso-signature", header).send().await.unwrap();
        assert_eq!(told.status(), 200);
        assert_eq!(told.text().await.unwrap(), r#"{"success":true}"#);
        assert_eq!(call("casso").send().await.unwrap().status(), 401);
        assert_eq!(call("sepay").send().await.unwrap().status(), 401);
        assert_eq!(call("payos").send().await.unwrap().status(), 404);
        assert_eq!(bench.counts().await, (1, 2));
        // Even past the door, nothing is believed without a key.
        let body = payos_body("TF1", 5_000, "x", &payos_key());
        assert_eq!(bench.tell_as_payos(&body).await, Err(Disbelieved::NoProof));
    }
}
