//! The server of a role: a graceful end, and clients that are slow, silent or too big.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use platform::server::{self, HeldConnection};
use platform::workers::{Periodic, Tasks};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

async fn serve(app: Router, grace: Duration) -> Served {
    let (listener, address) = server::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(server::serve(listener, app, stop.clone(), grace));
    Served { address, stop, server }
}

fn slow(time: Duration) -> Router {
    let answer = move || async move {
        tokio::time::sleep(time).await;
        "done"
    };
    Router::new().route("/slow", get(answer)).route("/", get(|| async { "here" }))
}

/// Says something and gives what comes until the server closes.
async fn say(address: SocketAddr, words: &[u8]) -> (String, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words).await.unwrap();
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer));
    // A reset is an end, too.
    assert!(closed.await.is_ok(), "the server never closed the connection");
    (String::from_utf8_lossy(&answer).into_owned(), begun.elapsed())
}

#[tokio::test]
async fn a_stop_lets_what_runs_end_and_takes_nothing_new() {
    let served = serve(slow(Duration::from_secs(1)), Duration::from_secs(10)).await;
    let address = served.address;
    // Kept alive and idle: it must not hold the stop up.
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    idle.readable().await.unwrap();
    let mut running = Vec::new();
    for _ in 0..20 {
        running.push(tokio::spawn(say(address, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped_at = Instant::now();
    served.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody is let in any more");
    for request in running {
        let (answer, _) = request.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    }
    served.server.await.unwrap();
    assert!(stopped_at.elapsed() < Duration::from_secs(3), "{:?}", stopped_at.elapsed());
}

#[tokio::test]
async fn a_full_house_hears_of_the_stop() {
    let (listener, address) = server::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let app = slow(Duration::from_secs(2));
    let served = server::serve_at_most(1, listener, app, stop.clone(), Duration::from_secs(10));
    let served = tokio::spawn(served);
    let request = tokio::spawn(say(address, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.cancel();
    tokio::time::sleep(Duration::from_millis(300)).await;
    // The only place is still taken.
    assert!(TcpStream::connect(address).await.is_err(), "nobody is let in any more");
    let (answer, _) = request.await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    served.await.unwrap();
}

/// Takes its connection over, as a WebSocket does, and keeps it until the process stops.
async fn upgrade(Extension(held): Extension<HeldConnection>, request: Request) -> Response {
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.unwrap();
        held.stopping().await;
        let mut upgraded = hyper_util::rt::TokioIo::new(upgraded);
        upgraded.write_all(b"goodbye").await.unwrap();
    });
    let headers = [("connection", "upgrade"), ("upgrade", "words")];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

#[tokio::test]
async fn a_connection_that_was_taken_over_counts_and_is_told_of_the_stop() {
    let (listener, address) = server::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let app = slow(Duration::ZERO).route("/upgrade", get(upgrade));
    let grace = Duration::from_secs(10);
    let served = tokio::spawn(server::serve_at_most(1, listener, app, stop.clone(), grace));
    let words =
        b"GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: words\r\n\r\n";
    let first = tokio::spawn(say(address, words));
    tokio::time::sleep(Duration::from_millis(300)).await;
    // It has the only place: the next is not answered.
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let answered = tokio::time::timeout(Duration::from_millis(500), second.readable()).await;
    assert!(answered.is_err(), "the place of the first was given away");
    stop.cancel();
    let (answer, _) = first.await.unwrap();
    assert!(answer.ends_with("goodbye"), "{answer}");
    served.await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_in_time_does_not_hold_the_process() {
    let served = serve(slow(Duration::from_secs(60)), Duration::from_millis(500)).await;
    let address = served.address;
    let request = tokio::spawn(say(address, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    served.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(3), served.server).await;
    assert!(ended.is_ok(), "the grace has an end");
    request.abort();
}

#[tokio::test]
async fn background_work_ends_its_round_before_the_process_ends() {
    let (tasks, begun, ended) =
        (Tasks::default(), Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&ended));
    tasks.start_periodic(Periodic::new("slow", Duration::from_millis(1), move || {
        let (begins, ends) = (Arc::clone(&begins), Arc::clone(&ends));
        async move {
            begins.store(true, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(500)).await;
            ends.store(true, Ordering::SeqCst);
            Ok(())
        }
    }));
    while !begun.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(tasks.stop(Duration::from_secs(5)).await);
    assert!(ended.load(Ordering::SeqCst));
}

/// Clients that would hold a place for ever, by what they say.
async fn is_cut(words: &'static [u8]) {
    let served = serve(slow(Duration::ZERO), Duration::from_secs(1)).await;
    let (answer, took) = say(served.address, words).await;
    assert!(!answer.contains("200"), "{answer}");
    assert!(took >= Duration::from_secs(8) && took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test]
async fn slow_headers_are_cut() {
    is_cut(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut() {
    is_cut(b"").await;
}

#[tokio::test]
async fn half_a_preface_of_http_2_is_cut() {
    is_cut(b"PRI * HTTP/2.0\r\n").await;
}

#[tokio::test]
async fn a_kept_connection_without_a_next_request_is_cut() {
    let served = serve(slow(Duration::ZERO), Duration::from_secs(1)).await;
    let (answer, took) = say(served.address, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.ends_with("here"), "{answer}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test]
async fn a_short_request_with_a_slow_answer_is_not_cut() {
    let served = serve(slow(Duration::from_secs(12)), Duration::from_secs(1)).await;
    let words = b"GET /slow HTTP/1.0\r\n\r\n";
    let (answer, took) = say(served.address, words).await;
    assert!(answer.ends_with("done"), "{answer}");
    assert!(took >= Duration::from_secs(12));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_all_of_it_came() {
    let app = Router::new()
        .route("/", post(|body: Bytes| async move { body.len().to_string() }))
        .layer(DefaultBodyLimit::max(1_000));
    let served = serve(app, Duration::from_secs(1)).await;
    // All that is sent of a hundred megabytes is a little more than is allowed.
    let mut big = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\n".to_vec();
    big.extend(std::iter::repeat_n(b'a', 2_000));
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&big).await.unwrap();
    let mut answer = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(2), stream.read_exact(&mut answer));
    read.await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    // Chunked, so that nothing says how much will come.
    let mut chunked = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    chunked.extend_from_slice(b"7d0\r\n");
    chunked.extend(std::iter::repeat_n(b'a', 2_000));
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&chunked).await.unwrap();
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_that_trickles_is_cut() {
    let app = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
    let served = serve(app, Duration::from_secs(1)).await;
    let (begun, stream) = (Instant::now(), TcpStream::connect(served.address).await.unwrap());
    let (mut reader, mut writer) = stream.into_split();
    writer.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n").await.unwrap();
    let trickle = tokio::spawn(async move {
        while writer.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(30), reader.read_to_end(&mut answer));
    assert!(closed.await.is_ok(), "the server never closed the connection");
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    assert!(begun.elapsed() > Duration::from_secs(10), "{:?}", begun.elapsed());
    trickle.abort();
}
