//! `chonoi dead-letters`: events that consumers could not take, and giving them back.
//!
//! The market itself delivers them again, within a second if it runs, else at its next start; this
//! command only asks for it, so it may be run at any time.

use std::process::ExitCode;

use anyhow::bail;
use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::database::Database;
use platform::dead_letters::{self, DeadLetter, PAGE};
use serde_json::{Value, json};

use crate::arguments::{Common, DeadLetterId, DeadLetters, DeadLettersCommand};
use crate::market::{Databases, migrate};
use crate::roles::Role;

/// Lists the letters that wait, or asks for their replay.
pub async fn run(common: &Common, asked: &DeadLetters) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    match &asked.command {
        None | Some(DeadLettersCommand::List) => {
            let letters = waiting_dead_letters(&config).await?;
            if asked.json {
                let list: Vec<_> = letters.iter().map(|(of, letter)| listed(of, letter)).collect();
                println!("{}", json!({ "deadLetters": list }));
            } else {
                tell(&letters);
            }
        }
        Some(DeadLettersCommand::Replay { ids, all }) => {
            let chosen = (!all).then_some(ids.as_slice());
            let asked_for = replay_dead_letters(&config, chosen).await?;
            if asked.json {
                let ids: Vec<String> = asked_for.iter().map(ToString::to_string).collect();
                println!("{}", json!({ "replayRequested": ids }));
            } else {
                println!("{} dead letters will be delivered again", asked_for.len());
            }
            let missing: Vec<String> =
                ids.iter().filter(|id| !asked_for.contains(id)).map(ToString::to_string).collect();
            if !missing.is_empty() {
                bail!("no such dead letters wait: {}", missing.join(" "));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The letters that wait in the databases of a configuration, by service.
pub async fn waiting_dead_letters(
    config: &Config,
) -> anyhow::Result<Vec<(&'static str, DeadLetter)>> {
    let databases = open(config).await?;
    let mut letters = Vec::new();
    for (service, database) in databases.all() {
        for letter in all_of(database).await? {
            letters.push((service, letter));
        }
    }
    close(&databases).await?;
    Ok(letters)
}

/// Asks the market to deliver dead letters again: those named, or all. Gives those found waiting.
pub async fn replay_dead_letters(
    config: &Config,
    chosen: Option<&[DeadLetterId]>,
) -> anyhow::Result<Vec<DeadLetterId>> {
    let databases = open(config).await?;
    let now = SystemClock.now();
    let mut asked_for = Vec::new();
    for (service, database) in databases.all() {
        let here = chosen.map(|ids| {
            let of_service = ids.iter().filter(|id| id.service == service);
            of_service.map(|id| id.number).collect::<Vec<i64>>()
        });
        if here.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        let found = dead_letters::request_replay(database, now, here.as_deref()).await?;
        asked_for.extend(
            found.into_iter().map(|number| DeadLetterId { service: service.to_owned(), number }),
        );
    }
    close(&databases).await?;
    Ok(asked_for)
}

async fn open(config: &Config) -> anyhow::Result<Databases> {
    let databases = Databases::open(config, &Role::ALL).await?;
    migrate(&databases).await?;
    Ok(databases)
}

async fn close(databases: &Databases) -> anyhow::Result<()> {
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(())
}

async fn all_of(database: &Database) -> anyhow::Result<Vec<DeadLetter>> {
    let mut letters: Vec<DeadLetter> = Vec::new();
    loop {
        let after = letters.last().map_or(0, |letter| letter.id);
        let page = dead_letters::list(database, after).await?;
        let full = page.len() as u64 == PAGE;
        letters.extend(page);
        if !full {
            return Ok(letters);
        }
    }
}

fn listed(service: &str, letter: &DeadLetter) -> Value {
    json!({
        "id": format!("{service}:{}", letter.id),
        "service": service,
        "consumer": letter.consumer,
        "event": letter.event_id.to_string(),
        "aggregate": letter.aggregate,
        "error": letter.error,
        "failedAt": letter.failed_at.to_string(),
        "replayRequested": letter.replay_requested,
    })
}

fn tell(letters: &[(&'static str, DeadLetter)]) {
    if letters.is_empty() {
        println!("No dead letters wait.");
    }
    for (service, letter) in letters {
        let state = if letter.replay_requested { " (will be delivered again)" } else { "" };
        println!(
            "{service}:{}  {}  {}  {}{state}\n    {}",
            letter.id, letter.failed_at, letter.consumer, letter.aggregate, letter.error
        );
    }
}
