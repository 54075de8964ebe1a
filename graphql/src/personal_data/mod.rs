//! What the market keeps of a person, gathered from all services into one file, for themselves.
//!
//! The right to see and take away one's data: Law 91/2025/QH15. Each part has a bound; what a person bought comes
//! in parts, each of which says where the next one is. What opens something (passwords, tokens, codes of tickets)
//! is in none of them, and nothing of other people.

mod account;
pub mod open;
mod purchases;
mod reviews;
mod words;

use async_graphql::Error;
use kernel::Clock;
use platform::clock::SystemClock;
use serde_json::{Value, json};

use crate::scope::Scope;
use words::moment;

/// One part of the file of whoever is signed in: the first, or that behind a purchase.
pub async fn gather(scope: &Scope, after: Option<String>) -> Result<String, Error> {
    let actor = scope.actor().await?;
    let first = after.is_none();
    let bought = purchases::part(scope, &actor.user.id, after.unwrap_or_default()).await?;
    let next = bought.next.map(|cursor| next_part(&scope.settings.public_url, &cursor));
    let mut file = json!({
        "market": scope.settings.public_url,
        "writtenAt": moment(SystemClock.now().micros()),
        "nextPart": next,
    });
    let mut parts = Vec::new();
    if first {
        parts.push(account::all(scope, &actor).await?);
        parts.push(json!({ "reviews": reviews::all(scope, &actor.user.id).await? }));
    }
    parts.push(json!({ "purchases": bought.purchases }));
    if let Value::Object(fields) = &mut file {
        for part in parts {
            if let Value::Object(more) = part {
                fields.extend(more);
            }
        }
    }
    let text = serde_json::to_string_pretty(&file);
    text.map_err(|error| scope.refuse(crate::failure::Failure::fault("a file of data", &error)))
}

/// The address of the page that gives the next part.
fn next_part(public_url: &str, cursor: &str) -> String {
    format!("{public_url}/my-data/file?after={cursor}")
}
