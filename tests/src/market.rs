//! A market of a test: the very market of `chonoi serve`, on SQLite in one process, or on
//! PostgreSQL and Redis.

use std::sync::Arc;

use anyhow::Context;
use chonoi::api::Api;
use chonoi::market::{Market, Running};
use chonoi::roles::Role;
use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::telemetry;
use serde_json::json;

pub use test_databases::required;

use crate::ground::Ground;

/// The operator of every test market.
pub const OPERATOR: (&str, &str) = ("dieuhanh@chonoi.example", "mot-mat-khau-de-thu");
/// The secret that signs the bank feed of every test market.
pub const WEBHOOK_SECRET: &str = "webhook-secret-of-tests";

/// What a market stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// SQLite files, events in process.
    Embedded,
    /// PostgreSQL, events over Redis.
    Servers,
}

/// A market that is gone when the test ends.
pub struct TestMarket {
    running: Option<Running>,
    ground: Ground,
    clock: Arc<dyn Clock>,
    /// The API, as nobody.
    pub api: Api,
    /// The API, as the operator.
    pub operator: Api,
    /// Which work of its processes failed.
    failures: Vec<String>,
}

impl TestMarket {
    /// Starts an empty market; `change` may configure it first.
    pub async fn start(stand: Stand, change: impl FnOnce(&mut Config)) -> anyhow::Result<Self> {
        Self::start_by(Arc::new(SystemClock), stand, change).await
    }

    /// The same by another clock than the machine's.
    pub async fn start_by(
        clock: Arc<dyn Clock>,
        stand: Stand,
        change: impl FnOnce(&mut Config),
    ) -> anyhow::Result<Self> {
        let mut ground = Box::pin(Ground::lay(stand)).await?;
        ground.config.bank.sepay_hmac_secret = WEBHOOK_SECRET.to_owned();
        change(&mut ground.config);
        chonoi::commands::add_operator(&ground.config, OPERATOR.0, OPERATOR.1).await?;
        let running = start(&ground.config, &clock).await?;
        let api = Api::at(&running.url)?;
        let operator = sign_in(&api, OPERATOR.0, OPERATOR.1).await?;
        Ok(Self { running: Some(running), ground, clock, api, operator, failures: Vec::new() })
    }

    /// Address of the market.
    pub fn url(&self) -> &str {
        self.api.url()
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.ground.config
    }

    /// Stops the process and starts another one on the same data. Sessions go on.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        let running = start(&self.ground.config, &self.clock).await?;
        self.api = Api::at(&running.url)?;
        self.operator = sign_in(&self.api, OPERATOR.0, OPERATOR.1).await?;
        self.running = Some(running);
        Ok(())
    }

    async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(running) = self.running.take() {
            let told = |(work, error)| format!("the work {work} failed: {error}");
            // Whoever floods a market leaves no connection to its own work: that waits for its next turn.
            let flooded = |error: &String| error.contains("Connection pool timed out");
            let failures = running.failures().into_iter().filter(|(_, error)| !flooded(error));
            self.failures.extend(failures.map(told));
            running.stop().await?;
        }
        Ok(())
    }

    /// The same where something that the market needs was away for a while: its own work may have failed
    /// meanwhile, and is told of no more.
    pub async fn end_after_outage(mut self) -> anyhow::Result<Vec<String>> {
        self.stop().await?;
        self.failures.clear();
        Box::pin(self.restart()).await?;
        Box::pin(self.end()).await
    }

    /// Stops the market and says what does not hold in its databases, and which work of its own failed.
    pub async fn end(mut self) -> anyhow::Result<Vec<String>> {
        // Events of the last steps may still be on their way from service to service.
        for _ in 0..100 {
            if chonoi::commands::examine(&self.ground.config).await?.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        self.stop().await?;
        let mut findings = chonoi::commands::examine(&self.ground.config).await?;
        findings.append(&mut self.failures);
        self.ground.clear();
        Ok(findings)
    }
}

async fn start(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Running> {
    let market = Market::bind(config.clone(), Role::ALL.to_vec()).await?;
    market.with_clock(Arc::clone(clock)).start(telemetry::unrecorded()).await
}

/// The API with somebody's session.
pub async fn sign_in(api: &Api, login: &str, password: &str) -> anyhow::Result<Api> {
    let query = "mutation($input: SignInInput!) { signIn(input: $input) { session { token } userErrors { code message } } }";
    let input = json!({ "login": login, "password": password });
    let payload = api.change(query, json!({ "input": input })).await?;
    Ok(api.with_token(payload["session"]["token"].as_str().context("no session")?))
}
