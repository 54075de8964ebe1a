//! What a client may ask at most. Every refusal says which limit it is and by how much.

mod measure;
mod shape;
mod tokens;

use std::time::Duration;

pub use measure::measure;
pub use shape::Shape;
pub use tokens::check_text;

use crate::failure::{Failure, Limit};

/// Bytes of a JSON body.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Bytes of a multipart body of somebody who is signed in: a photo of 8 MiB and what is around it.
pub const MAX_UPLOAD_BYTES: usize = 8_448 * 1_024;
/// Bytes of a file that is no photo. Of nobody a multipart body of [`MAX_BODY_BYTES`] is read: whoever sends a
/// larger one signs in first.
pub const MAX_FILE_BYTES: usize = 2_560 * 1_024;
/// Operations in one batch.
pub const MAX_BATCH: usize = 10;
/// Words and signs of a query's text.
pub const MAX_TOKENS: usize = 2_000;
/// How deep brackets are nested in a query's text: the parser calls itself for each.
pub const MAX_NESTING: usize = 50;
/// How deep fields are nested.
pub const MAX_DEPTH: usize = 15;
/// The sum of all fields, those of lists as often as the list may be long.
pub const MAX_COMPLEXITY: usize = 10_000;
/// Fields with another name than their own.
pub const MAX_ALIASES: usize = 30;
/// Directives in a query.
pub const MAX_DIRECTIVES: usize = 50;
/// How long an operation may take that is no subscription.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Operations that run at once in this process; more wait for their turn. Many times what it takes to keep all
/// processors and database connections busy.
pub const MAX_RUNNING: usize = 2_048;
/// How long an operation waits for its turn at most.
pub const TURN_WITHIN: Duration = Duration::from_secs(1);
/// Open subscriptions of this process.
pub const MAX_SUBSCRIPTIONS: usize = 5_000;
/// Open subscriptions of one address. Many people share one behind a mobile network.
pub const MAX_SUBSCRIPTIONS_OF_ADDRESS: usize = 250;
/// Open subscriptions of one WebSocket.
pub const MAX_SUBSCRIPTIONS_OF_SOCKET: usize = 20;

/// Refuses what is over a limit.
pub fn within(limit: Limit, found: usize, allowed: usize) -> Result<(), Failure> {
    if found > allowed {
        metrics::counter!("graphql_limit_exceeded", "limit" => limit.name()).increment(1);
        return Err(Failure::LimitExceeded { limit, allowed, found });
    }
    Ok(())
}
