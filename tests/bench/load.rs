//! A closed loop of clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Bytes of an answer at most.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// How answers begin that hold no data.
const FAILED: [&[u8]; 2] = [b"{\"errors", b"{\"data\":null"];

/// What a load measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// All answers.
    pub answers: usize,
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers took at most this.
    pub p50_ms: f64,
    /// 99 of 100 answers took at most this.
    pub p99_ms: f64,
}

impl Measured {
    /// From the times of all answers, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "counts of answers are far below 2^52")]
    pub fn of(mut times_ms: Vec<f64>, span: Duration) -> Self {
        times_ms.sort_by(f64::total_cmp);
        let at = |share: f64| {
            times_ms.get((times_ms.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN)
        };
        Self {
            answers: times_ms.len(),
            per_second: times_ms.len() as f64 / span.as_secs_f64(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
        }
    }

    /// In a table's words.
    pub fn text(&self) -> String {
        format!("{:.0}/s, p50 {:.1} ms, p99 {:.1} ms", self.per_second, self.p50_ms, self.p99_ms)
    }
}

/// What is asked: a GET, or a POST of JSON.
#[derive(Clone, Debug)]
pub struct Ask {
    path: Uri,
    body: Option<Bytes>,
}

impl Ask {
    /// A GET.
    pub fn get(path: &str) -> anyhow::Result<Self> {
        Ok(Self { path: path.parse()?, body: None })
    }

    /// A POST.
    pub fn post(path: &'static str, body: String) -> Self {
        Self { path: Uri::from_static(path), body: Some(body.into()) }
    }
}

/// Requests of clients, each with a connection of its own.
pub struct Load {
    address: String,
    asks: Arc<dyn Fn(usize) -> anyhow::Result<Ask> + Send + Sync>,
    asked: Arc<AtomicUsize>,
}

impl Load {
    /// The same request again and again, at an address (`http://host:port`).
    pub fn repeated(url: &str, ask: Ask) -> anyhow::Result<Self> {
        Self::varied(url, move |_| Ok(ask.clone()))
    }

    /// Requests by their number: no two of this load have the same.
    pub fn varied(
        url: &str,
        asks: impl Fn(usize) -> anyhow::Result<Ask> + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let address = url.strip_prefix("http://").context("no http:// address")?.to_owned();
        Ok(Self { address, asks: Arc::new(asks), asked: Arc::default() })
    }

    /// Three runs of 32 clients; the one in the middle.
    pub async fn measure(&self, span: Duration) -> anyhow::Result<Measured> {
        self.run(8, Duration::from_millis(500)).await?;
        let mut runs = Vec::new();
        for _ in 0..3 {
            runs.push(self.run(32, span).await?);
        }
        runs.sort_by(|left, right| left.per_second.total_cmp(&right.per_second));
        Ok(runs.swap_remove(1))
    }

    /// So many clients for so long; every answer must be good.
    async fn run(&self, clients: usize, span: Duration) -> anyhow::Result<Measured> {
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(Connection::open(&self.address).await?);
        }
        let begun = Instant::now();
        let mut tasks = Vec::new();
        for mut connection in connections {
            let (asks, asked) = (Arc::clone(&self.asks), Arc::clone(&self.asked));
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < span {
                    let ask = asks(asked.fetch_add(1, Ordering::Relaxed))?;
                    let sent = Instant::now();
                    let (status, bytes) = connection.ask(ask).await?;
                    let failed = FAILED.iter().any(|begin| bytes.starts_with(begin));
                    ensure!(status.is_success() && !failed, "{status}: {bytes:?}");
                    times.push(sent.elapsed().as_secs_f64() * 1_000.0);
                }
                anyhow::Ok(times)
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await??);
        }
        Ok(Measured::of(all, begun.elapsed()))
    }
}

/// A connection of HTTP/1.1. A client with a pool, redirects and time limits would take more of the cores
/// that it shares with the servers.
struct Connection {
    sender: SendRequest<Body>,
    host: HeaderValue,
}

impl Connection {
    async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // What fails in it, the next question is told.
        tokio::spawn(connection);
        Ok(Self { sender, host: HeaderValue::from_str(address)? })
    }

    async fn ask(&mut self, ask: Ask) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::builder()
            .uri(ask.path)
            .header(header::HOST, self.host.clone())
            .header(header::ACCEPT, "*/*");
        let request = match ask.body {
            Some(body) => request
                .method(Method::POST)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body))?,
            None => request.body(Body::empty())?,
        };
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        Ok((status, to_bytes(Body::new(response.into_body()), MAX_ANSWER).await?))
    }
}

/// The middle of some figures.
pub fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
