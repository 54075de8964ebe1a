//! `chonoi serve`: runs the market, or some of its roles.

use std::process::ExitCode;

use anyhow::bail;
use platform::config::{Config, Mode};
use platform::telemetry::Telemetry;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::{Common, Serve};
use crate::market::Market;
use crate::roles::Role;
use crate::seed;

/// Serves until the process is told to stop (SIGTERM, SIGINT).
pub async fn run(common: &Common, serve: Serve) -> anyhow::Result<ExitCode> {
    let mut config = super::configuration(common)?;
    if let Some(listen) = serve.listen {
        config.server.listen = listen;
    }
    let roles = if serve.roles.is_empty() { Role::ALL.to_vec() } else { serve.roles };
    refuse_impossible(&config, &roles, serve.seed)?;
    let name = if roles.len() == 1 { roles[0].name() } else { "market" };
    let telemetry = Telemetry::start(&config.telemetry, name)?;
    // Listening for signals from the start: a stop while starting is a stop, too.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let started = std::time::Instant::now();
    let market = Market::bind(config.clone(), roles.clone()).await?;
    let running = market.start(telemetry.metrics.clone()).await?;
    let ready_ms = started.elapsed().as_millis();
    tracing::info!(role = name, url = running.url, ready_ms, "serving");
    if serve.seed {
        seed::fill_if_empty(&config, &running.url).await?;
    }
    if roles.contains(&Role::Web) {
        welcome(&running.url, &config, serve.seed);
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await?;
    telemetry.stop();
    Ok(ExitCode::SUCCESS)
}

fn refuse_impossible(config: &Config, roles: &[Role], seed: bool) -> anyhow::Result<()> {
    if roles.len() < Role::ALL.len() && config.events.redis_url.is_empty() {
        bail!("events.redis_url: roles in several processes hear of each other through Redis only");
    }
    if seed && config.mode == Mode::Production {
        bail!("--seed is for development: it makes people with known passwords");
    }
    Ok(())
}

fn welcome(url: &str, config: &Config, seeded: bool) {
    println!("\nChợ Nổi is open.\n");
    println!("  pages       {url}/");
    if config.security.explorer {
        println!("  API         {url}/graphql  (explorer in the browser)");
    }
    println!("  health      {url}/readyz   {url}/metrics");
    println!("  data        {}", config.database.data_dir);
    if seeded {
        let people = seed::people();
        println!(
            "\n  sign in as  {}  (shopkeeper)  password {}",
            people.shopkeeper, people.password
        );
        println!("              {}  (operator)    password {}", people.operator, people.password);
    }
    println!("\nStop with Ctrl-C. Everything stays in the data folder.\n");
}
