//! A cache of bytes, in this process or shared through Redis. Everything in it may vanish.

use std::time::Duration;

use redis::AsyncCommands;
use redis::aio::ConnectionManager;

/// What an entry costs besides its key and its bytes, about.
const ENTRY_BYTES: usize = 128;

/// Keeps bytes under keys for a while.
#[derive(Clone)]
pub struct Cache(Kind);

#[derive(Clone)]
enum Kind {
    InProcess(moka::future::Cache<String, Vec<u8>>),
    Redis { connection: ConnectionManager, prefix: String, ttl: Duration },
}

impl Cache {
    /// A cache of this process, of at most so many bytes, keys and what an entry costs among them.
    pub fn in_process(max_bytes: u64, ttl: Duration) -> Self {
        let weigh = |key: &String, bytes: &Vec<u8>| {
            u32::try_from(key.len() + bytes.len() + ENTRY_BYTES).unwrap_or(u32::MAX)
        };
        let kept = moka::future::Cache::builder();
        Self(Kind::InProcess(kept.max_capacity(max_bytes).weigher(weigh).time_to_live(ttl).build()))
    }

    /// A cache that all processes share. While Redis is away, it is empty.
    pub fn redis(connection: ConnectionManager, prefix: &str, ttl: Duration) -> Self {
        Self(Kind::Redis { connection, prefix: prefix.to_owned(), ttl })
    }

    /// What is kept under a key.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        match &self.0 {
            Kind::InProcess(cache) => cache.get(key).await,
            Kind::Redis { connection, prefix, .. } => {
                connection.clone().get(format!("{prefix}:{key}")).await.ok().flatten()
            }
        }
    }

    /// Keeps bytes under a key.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) {
        match &self.0 {
            Kind::InProcess(cache) => cache.insert(key.to_owned(), bytes).await,
            Kind::Redis { connection, prefix, ttl } => {
                let kept: redis::RedisResult<()> = connection
                    .clone()
                    .set_ex(format!("{prefix}:{key}"), bytes, ttl.as_secs())
                    .await;
                if let Err(error) = kept {
                    tracing::debug!(%error, "not cached");
                }
            }
        }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::InProcess(_) => "Cache(in process)",
            Kind::Redis { .. } => "Cache(redis)",
        })
    }
}
