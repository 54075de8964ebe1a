//! A believable Cần Thơ for trying and developing: people, shops and products, made through the
//! public API as people would. What is there already stays as it is.

mod files;
mod filling;
mod tours;
mod vouchers;

use std::process::ExitCode;

use platform::config::{Config, Mode};
use platform::telemetry::Telemetry;

pub use filling::{fill, fill_if_empty, people};

use crate::arguments::{Common, Target};
use crate::commands::configuration;
use crate::market::Market;
use crate::roles::Role;

/// Fills a running market, or the one in the data folder.
pub async fn run(common: &Common, target: Target) -> anyhow::Result<ExitCode> {
    let mut config = configuration(common)?;
    anyhow::ensure!(
        config.mode == Mode::Development,
        "seed is for development: it makes people with known passwords"
    );
    if let Some(url) = &target.url {
        let operator = target.operator_email.zip(target.operator_password);
        fill(&config, url, operator).await?;
        return Ok(ExitCode::SUCCESS);
    }
    config.server.listen = "127.0.0.1:0".to_owned();
    config.telemetry.filter = "warn".to_owned();
    let telemetry = Telemetry::start(&config.telemetry, "seed")?;
    let running = Market::bind(config.clone(), Role::ALL.to_vec())
        .await?
        .start(telemetry.metrics.clone())
        .await?;
    let filled = fill(&config, &running.url, None).await;
    running.stop().await?;
    filled?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the operator of a seeded market; only where its databases are at hand.
async fn make_operator(config: &Config, email: &str, password: &str) -> anyhow::Result<()> {
    crate::commands::add_operator(config, email, password).await?;
    Ok(())
}
