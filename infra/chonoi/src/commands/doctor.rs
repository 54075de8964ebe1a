//! `chonoi doctor`: checks what must always hold, in every database of the configuration and between them.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Timestamp};
use platform::clock::SystemClock;
use platform::config::Config;
use platform::events::RedisBus;
use platform::{dead_letters, outbox};
use serde_json::json;

use crate::agreement::{Disagreement, disagreements};
use crate::arguments::Common;
use crate::market::Databases;
use crate::roles::Role;

/// How often services are compared with each other, and the pause between: of a market that serves, one
/// has always just done what another has not heard yet.
const LOOKS: usize = 3;
const PAUSE: Duration = Duration::from_secs(2);

/// Something that should hold and does not.
struct Finding {
    service: &'static str,
    what: String,
}

/// Prints what does not hold; exit code 1 if there is anything.
pub async fn run(common: &Common, json: bool) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    let mut findings = findings(&config, LOOKS).await?;
    findings.extend(streams(&config).await);
    if json {
        let list: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "service": finding.service, "finding": finding.what }))
            .collect();
        println!("{}", json!({ "healthy": list.is_empty(), "findings": list }));
    } else if findings.is_empty() {
        println!("All that must hold, holds.");
    } else {
        for finding in &findings {
            println!("{}: {}", finding.service, finding.what);
        }
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What does not hold in the databases of a configuration, in words. Services are compared once.
pub async fn examine(config: &Config) -> anyhow::Result<Vec<String>> {
    Ok(in_words(findings(config, 1).await?))
}

/// The same of databases that are open, at some moment.
pub async fn examine_at(databases: &Databases, now: Timestamp) -> anyhow::Result<Vec<String>> {
    let mut findings = examine_each(databases, now).await?;
    findings.extend(compare(databases, 1).await?);
    Ok(in_words(findings))
}

fn in_words(findings: Vec<Finding>) -> Vec<String> {
    let said = |finding: Finding| format!("{}: {}", finding.service, finding.what);
    findings.into_iter().map(said).collect()
}

async fn findings(config: &Config, looks: usize) -> anyhow::Result<Vec<Finding>> {
    let databases = Databases::open(config, &Role::ALL).await?;
    let mut findings = examine_each(&databases, SystemClock.now()).await?;
    findings.extend(compare(&databases, looks).await?);
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(findings)
}

/// On what services do not agree in any of so many looks.
async fn compare(databases: &Databases, looks: usize) -> anyhow::Result<Vec<Finding>> {
    let mut found = disagreements(databases).await?;
    for _ in 1..looks {
        if found.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        let again = disagreements(databases).await?;
        found.retain(|one| again.contains(one));
    }
    let finding = |one: Disagreement| Finding { service: one.between, what: one.what };
    Ok(found.into_iter().map(finding).collect())
}

/// Which consumers have not done in time with what stood on the streams of events, where there are streams.
async fn streams(config: &Config) -> Vec<Finding> {
    let (url, prefix) = (&config.events.redis_url, &config.events.prefix);
    if url.is_empty() {
        return Vec::new();
    }
    let behind = async {
        let bus = RedisBus::connect(url, prefix, Arc::new(SystemClock)).await?;
        // Of what was told until now: on a market that serves, something new is always under way.
        let ends = bus.ends().await?;
        let mut behind = bus.behind(&ends).await?;
        for _ in 1..LOOKS {
            if behind.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            behind = bus.behind(&ends).await?;
        }
        anyhow::Ok(behind)
    };
    let said: Vec<String> = match behind.await {
        Ok(behind) => behind
            .into_iter()
            .map(|(consumer, topic)| format!("{consumer} is behind on {}", topic.name()))
            .collect(),
        Err(error) => vec![format!("the streams cannot be looked at: {error:#}")],
    };
    said.into_iter().map(|what| Finding { service: "events", what }).collect()
}

async fn examine_each(databases: &Databases, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut note = |service: &'static str, list: Vec<String>| {
        findings.extend(list.into_iter().map(|what| Finding { service, what }));
    };
    if let Some(database) = &databases.accounts {
        note("accounts", accounts::doctor(database).await?);
    }
    if let Some(database) = &databases.catalog {
        note("catalog", catalog::doctor(database, now).await?);
    }
    if let Some(database) = &databases.orders {
        note("orders", orders::doctor(database, now).await?);
    }
    if let Some(database) = &databases.payments {
        note("payments", payments::doctor(database, now).await?);
    }
    for (service, database) in databases.all() {
        let waiting = outbox::pending(database).await?;
        if waiting > 0 {
            note(service, vec![format!("{waiting} events wait in the outbox")]);
        }
        let dead = dead_letters::waiting(database).await?;
        if dead > 0 {
            note(service, vec![format!("{dead} dead letters wait for an operator")]);
        }
    }
    Ok(findings)
}
