//! `chonoi doctor`: checks what must always hold, in every database of the configuration.

use std::process::ExitCode;
use std::sync::Arc;

use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::{dead_letters, outbox};
use serde_json::json;

use crate::arguments::Common;
use crate::market::Databases;
use crate::roles::Role;

/// Something that should hold and does not.
struct Finding {
    service: &'static str,
    what: String,
}

/// Prints what does not hold; exit code 1 if there is anything.
pub async fn run(common: &Common, json: bool) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    let findings = findings(&config).await?;
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

/// What does not hold in the databases of a configuration, in words.
pub async fn examine(config: &Config) -> anyhow::Result<Vec<String>> {
    let findings = findings(config).await?;
    Ok(findings
        .into_iter()
        .map(|finding| format!("{}: {}", finding.service, finding.what))
        .collect())
}

async fn findings(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let databases = Databases::open(config, &Role::ALL).await?;
    let findings = examine_all(&databases).await?;
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(findings)
}

async fn examine_all(databases: &Databases) -> anyhow::Result<Vec<Finding>> {
    let now = (Arc::new(SystemClock) as Arc<dyn Clock>).now();
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
