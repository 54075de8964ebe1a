//! The turn of one process in a consumer group. Two at once would take a stream's entries by turns
//! and break the order of an aggregate; nothing worse, for the inbox keeps effects to one.

use std::time::{Duration, Instant};

use redis::aio::ConnectionManager;
use redis::{RedisResult, Script};

/// How long a turn lasts without being renewed: what a dead process leaves waits this long.
const LASTS: Duration = Duration::from_secs(5);
/// How often it is renewed.
const RENEWED_EVERY: Duration = Duration::from_secs(1);

/// KEYS: lease; ARGV: member, milliseconds. Answers 1 if the member has the turn now.
const TAKE: &str = r"
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1";

/// KEYS: lease; ARGV: member.
const LEAVE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0";

/// A member's turn in a group, or its wish for one.
pub(super) struct Lease {
    key: String,
    member: String,
    renewed_at: Option<Instant>,
}

impl Lease {
    pub(super) fn new(prefix: &str, group: &str, member: &str) -> Self {
        Self { key: format!("{prefix}:turn:{group}"), member: member.to_owned(), renewed_at: None }
    }

    /// Takes the turn, or renews it when that is due; whether it is this member's now.
    pub(super) async fn hold(&mut self, connection: &mut ConnectionManager) -> RedisResult<bool> {
        if self.renewed_at.is_some_and(|renewed| renewed.elapsed() < RENEWED_EVERY) {
            return Ok(true);
        }
        let asked_at = Instant::now();
        let held: bool = Script::new(TAKE)
            .key(&self.key)
            .arg(&self.member)
            .arg(LASTS.as_millis() as u64)
            .invoke_async(connection)
            .await?;
        self.renewed_at = held.then_some(asked_at);
        Ok(held)
    }

    /// Gives the turn to whoever waits.
    pub(super) async fn leave(&mut self, connection: &mut ConnectionManager) -> RedisResult<()> {
        self.renewed_at = None;
        let script = Script::new(LEAVE);
        let _: u8 = script.key(&self.key).arg(&self.member).invoke_async(connection).await?;
        Ok(())
    }
}
