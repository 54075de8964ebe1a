//! A closed loop of clients on one request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::Value;

/// What a load measured.
#[derive(Clone, Debug)]
pub struct Measured {
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

/// One request, to be sent again and again.
pub struct Load {
    client: reqwest::Client,
    url: String,
    body: Option<Arc<str>>,
}

impl Load {
    /// A GET, or a POST of JSON.
    pub fn new(url: &str, body: Option<&Value>) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().pool_max_idle_per_host(64).build()?;
        Ok(Self { client, url: url.to_owned(), body: body.map(|body| body.to_string().into()) })
    }

    /// So many clients for so long; every answer must be good.
    pub async fn run(&self, clients: usize, span: Duration) -> anyhow::Result<Measured> {
        let begun = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..clients {
            let (client, url, body) = (self.client.clone(), self.url.clone(), self.body.clone());
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < span {
                    let sent = Instant::now();
                    let request = match &body {
                        Some(body) => client
                            .post(&url)
                            .header("content-type", "application/json")
                            .body(body.to_string()),
                        None => client.get(&url),
                    };
                    let response = request.send().await?;
                    let status = response.status();
                    let bytes = response.bytes().await?;
                    ensure!(
                        status.is_success() && !bytes.starts_with(b"{\"errors"),
                        "{status}: {bytes:?}"
                    );
                    times.push(sent.elapsed().as_secs_f64() * 1_000.0);
                }
                Ok(times)
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await??);
        }
        Ok(Measured::of(all, begun.elapsed()))
    }
}

/// The middle of some figures.
pub fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
