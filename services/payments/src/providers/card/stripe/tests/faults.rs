//! Faults on the way: what is sent again has the key of the first try, so it happens once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kernel::Money;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{client, key, refund, refund_object};
use crate::providers::card::stripe::Stripe;
use crate::providers::card::{CardError, CardProvider, Refund};

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers in turn, the last for ever; and a client.
async fn answering(answers: Vec<ResponseTemplate>, whole_try: Duration) -> (MockServer, Stripe) {
    let server = MockServer::start().await;
    let turn = AtomicUsize::new(0);
    let respond = move |_: &Request| {
        let now = turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        answers[now].clone()
    };
    Mock::given(any()).respond_with(respond).mount(&server).await;
    let client = client(&server.uri(), whole_try);
    (server, client)
}

fn fails(status: u16) -> ResponseTemplate {
    let error = json!({ "error": { "type": "api_error", "message": "Sorry!" } });
    ResponseTemplate::new(status).set_body_json(error)
}

fn succeeds() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(refund_object())
}

async fn refunded(stripe: &Stripe) -> Result<Refund, CardError> {
    stripe.refund(&refund(Money::vnd(1_000)), &key("refund:1")).await
}

/// The keys and bodies that came, in order.
async fn sent(server: &MockServer) -> Vec<(String, Vec<u8>)> {
    let requests = server.received_requests().await.unwrap();
    let pair = |request: Request| {
        let key = request.headers["idempotency-key"].to_str().unwrap().to_owned();
        (key, request.body)
    };
    requests.into_iter().map(pair).collect()
}

fn assert_same(sent: &[(String, Vec<u8>)], times: usize) {
    assert_eq!(sent.len(), times);
    assert!(sent.iter().all(|one| *one == sent[0] && one.0 == "refund:1"), "{sent:?}");
}

#[tokio::test]
async fn a_fault_a_lock_and_a_limit_are_tried_again_with_the_same_key_and_body() {
    for status in [409, 429, 500, 503] {
        let (server, stripe) = answering(vec![fails(status), succeeds()], PATIENCE).await;
        assert_eq!(refunded(&stripe).await.unwrap().id.as_str(), "re_1");
        assert_same(&sent(&server).await, 2);
    }
}

#[tokio::test]
async fn after_three_tries_the_caller_is_told_that_it_may_have_happened() {
    let (server, stripe) = answering(vec![fails(500)], PATIENCE).await;
    assert!(matches!(refunded(&stripe).await, Err(CardError::Unavailable(_))));
    assert_same(&sent(&server).await, 3);
    let (server, stripe) = answering(vec![fails(429)], PATIENCE).await;
    assert!(matches!(refunded(&stripe).await, Err(CardError::RateLimited)));
    assert_same(&sent(&server).await, 3);
}

#[tokio::test]
async fn stripes_own_word_on_trying_again_is_heeded() {
    let never = fails(500).insert_header("stripe-should-retry", "false");
    let (server, stripe) = answering(vec![never, succeeds()], PATIENCE).await;
    assert!(matches!(refunded(&stripe).await, Err(CardError::Unavailable(_))));
    assert_same(&sent(&server).await, 1);
    let please = fails(400).insert_header("stripe-should-retry", "true");
    let (server, stripe) = answering(vec![please, succeeds()], PATIENCE).await;
    assert!(refunded(&stripe).await.is_ok());
    assert_same(&sent(&server).await, 2);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_asked_for_again_with_the_same_key() {
    let late = succeeds().set_delay(Duration::from_secs(60));
    let patience = Duration::from_millis(300);
    let (server, stripe) = answering(vec![late.clone(), succeeds()], patience).await;
    assert!(refunded(&stripe).await.is_ok());
    assert_same(&sent(&server).await, 2);
    let (server, stripe) = answering(vec![late], patience).await;
    assert!(matches!(refunded(&stripe).await, Err(CardError::Unavailable(_))));
    assert_same(&sent(&server).await, 3);
}

/// A provider that carries out what it is asked, keyed, and hangs up before it answers the first
/// call. It counts what it did.
async fn hangs_up_after_doing() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let key = read_key(&mut stream).await;
            let first = {
                let mut seen = seen.lock().unwrap();
                seen.push(key);
                seen.len() == 1
            };
            if first {
                continue; // The stream is dropped: the connection breaks without an answer.
            }
            let body = refund_object().to_string();
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}", body.len());
            stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
        }
    });
    (address, keys)
}

/// Reads a request to its end, and gives its key back.
async fn read_key(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut chunk = [0_u8; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "the request broke off");
        request.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&request);
        if text.ends_with("metadata%5Brefund_id%5D=refund_1") {
            let mut lines = text.lines();
            let key = lines.find_map(|line| line.strip_prefix("idempotency-key: "));
            return key.unwrap().to_owned();
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_charge_brings_the_same_key_again() {
    let (address, keys) = hangs_up_after_doing().await;
    let stripe = client(&address, PATIENCE);
    assert_eq!(refunded(&stripe).await.unwrap().id.as_str(), "re_1");
    assert_eq!(*keys.lock().unwrap(), ["refund:1", "refund:1"]);
}

#[tokio::test]
async fn a_provider_that_nobody_reaches_is_unavailable() {
    // The port was free a moment ago, and nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let stripe = client(&address, PATIENCE);
    assert!(matches!(refunded(&stripe).await, Err(CardError::Unavailable(_))));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let long = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 5 * 1024 * 1024]);
    let (server, stripe) = answering(vec![long], PATIENCE).await;
    assert!(matches!(refunded(&stripe).await, Err(CardError::Unreadable(_))));
    assert_same(&sent(&server).await, 1);
}
