//! The marker of a service: as long as it is in Redis, the streams hold all that the service
//! published. It names the run of Redis, so that a Redis which came back with older data counts as
//! emptied, too.

use redis::aio::ConnectionManager;
use redis::{RedisResult, Script};
use uuid::Uuid;

use super::super::{Receipt, Refill, StoredEvent};

/// KEYS: marker. ARGV: length of streams; then stream and payload of each event.
/// Answers the marker, or nothing if the streams were lost; then nothing is added.
const ADD: &str = r"
local marker = redis.call('GET', KEYS[1])
local ready = 'ready:' .. string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if not marker or string.sub(marker, 1, #ready) ~= ready then return false end
for i = 2, #ARGV, 2 do
  redis.call('XADD', ARGV[i], 'MAXLEN', '~', ARGV[1], '*', 'e', ARGV[i + 1])
end
return marker";

/// KEYS: marker; ARGV: token of a refill. Answers 1 if the marker is now ready.
const READY: &str = r"
if redis.call('GET', KEYS[1]) ~= 'refilling:' .. ARGV[1] then return 0 end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
redis.call('SET', KEYS[1], 'ready:' .. run .. ':' .. ARGV[1])
return 1";

/// The marker of one service.
pub(super) struct Marker {
    key: String,
}

impl Marker {
    pub(super) fn new(prefix: &str, service: &str) -> Self {
        Self { key: format!("{prefix}:filled:{service}") }
    }

    /// Adds events to streams, all or none; nothing comes back if the streams were lost.
    pub(super) async fn add(
        &self,
        connection: &mut ConnectionManager,
        stream_length: usize,
        events: impl Iterator<Item = (String, StoredEvent)>,
    ) -> RedisResult<Option<Receipt>> {
        let script = Script::new(ADD);
        let mut call = script.key(&self.key);
        call.arg(stream_length);
        for (stream, event) in events {
            call.arg(stream).arg(event.payload);
        }
        let marker: Option<String> = call.invoke_async(connection).await?;
        Ok(marker.map(Receipt))
    }

    /// The marker, if the streams are there.
    pub(super) async fn receipt(
        &self,
        connection: &mut ConnectionManager,
        stream_length: usize,
    ) -> RedisResult<Option<Receipt>> {
        self.add(connection, stream_length, std::iter::empty()).await
    }

    pub(super) async fn begin_refill(
        &self,
        connection: &mut ConnectionManager,
    ) -> RedisResult<Refill> {
        let token = Uuid::now_v7().simple().to_string();
        redis::cmd("SET")
            .arg(&self.key)
            .arg(format!("refilling:{token}"))
            .query_async::<()>(connection)
            .await?;
        Ok(Refill(token))
    }

    pub(super) async fn end_refill(
        &self,
        connection: &mut ConnectionManager,
        refill: &Refill,
    ) -> RedisResult<bool> {
        Script::new(READY).key(&self.key).arg(&refill.0).invoke_async(connection).await
    }
}
