//! Rate limits: how often something may be done under one key, in this process or for all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use redis::aio::ConnectionManager;

/// How much is allowed: a burst, refilled evenly over a time.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// How often at once.
    pub burst: u32,
    /// The time in which the whole burst is refilled.
    pub per: Duration,
}

/// Keys kept in this process at most; beyond it those are forgotten whose credit is nearest to full.
const MAX_KEYS: usize = 100_000;
/// How many are forgotten at once at least, so that not every check looks at all keys.
const FORGOTTEN_AT_ONCE: usize = MAX_KEYS / 4;

/// What counts as one client: an IPv4 address, or the /64 network that one IPv6 subscriber has for
/// themselves. Callers who say nothing count as one client together.
pub fn network(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let prefix = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(prefix).to_string()
        }
        Ok(address) => address.to_string(),
        Err(_) => address.trim().to_owned(),
    }
}

/// The generic cell rate algorithm: `theoretical` is when the key's credit is full again.
/// KEYS[1]; ARGV: emission interval µs, tolerance µs. Answers the µs to wait, 0 if allowed.
const GCRA: &str = r"
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local tat = tonumber(redis.call('GET', KEYS[1]) or now)
if tat < now then tat = now end
local wait = tat - tonumber(ARGV[2]) - now
if wait > 0 then return wait end
local next = tat + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1)
return 0";

/// Counts what is done under keys.
pub struct RateLimiter(Kind);

enum Kind {
    InProcess(Mutex<HashMap<String, Instant>>),
    Redis {
        connection: ConnectionManager,
        prefix: String,
        script: redis::Script,
        fallback: Mutex<HashMap<String, Instant>>,
    },
}

impl RateLimiter {
    /// Limits of this process only.
    pub fn in_process() -> Self {
        Self(Kind::InProcess(Mutex::default()))
    }

    /// Limits that all processes share; `prefix` keeps the markets on one Redis apart. While Redis is away, each process limits for itself.
    pub fn redis(connection: ConnectionManager, prefix: &str) -> Self {
        let (script, prefix) = (redis::Script::new(GCRA), prefix.to_owned());
        Self(Kind::Redis { connection, prefix, script, fallback: Mutex::default() })
    }

    /// Counts one use of a key; the error is how long to wait before the next.
    pub async fn check(&self, key: &str, quota: Quota) -> Result<(), Duration> {
        match &self.0 {
            Kind::InProcess(keys) => check_here(keys, key, quota),
            Kind::Redis { connection, prefix, script, fallback } => {
                let interval = quota.per / quota.burst.max(1);
                let tolerance = quota.per.saturating_sub(interval);
                let answer: redis::RedisResult<u64> = script
                    .key(format!("{prefix}:limit:{key}"))
                    .arg(interval.as_micros() as u64)
                    .arg(tolerance.as_micros() as u64)
                    .invoke_async(&mut connection.clone())
                    .await;
                match answer {
                    Ok(0) => Ok(()),
                    Ok(micros) => Err(Duration::from_micros(micros)),
                    Err(_) => check_here(fallback, key, quota),
                }
            }
        }
    }
}

impl std::fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::InProcess(_) => "RateLimiter(in process)",
            Kind::Redis { .. } => "RateLimiter(redis)",
        })
    }
}

fn check_here(
    keys: &Mutex<HashMap<String, Instant>>,
    key: &str,
    quota: Quota,
) -> Result<(), Duration> {
    let now = Instant::now();
    let interval = quota.per / quota.burst.max(1);
    let tolerance = quota.per.saturating_sub(interval);
    let mut keys = keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if keys.len() >= MAX_KEYS && !keys.contains_key(key) {
        forget(&mut keys, now);
    }
    let full_at = keys.get(key).copied().unwrap_or(now).max(now);
    let wait = full_at.saturating_duration_since(now).saturating_sub(tolerance);
    if !wait.is_zero() {
        return Err(wait);
    }
    keys.insert(key.to_owned(), full_at + interval);
    Ok(())
}

/// Forgets keys whose credit is full, and of the others those that used least of it.
fn forget(keys: &mut HashMap<String, Instant>, now: Instant) {
    keys.retain(|_, full_at| *full_at > now);
    let Some(surplus) = (keys.len() + FORGOTTEN_AT_ONCE).checked_sub(MAX_KEYS + 1) else { return };
    let mut moments: Vec<Instant> = keys.values().copied().collect();
    if surplus < moments.len() {
        let (_, bound, _) = moments.select_nth_unstable(surplus);
        let bound = *bound;
        keys.retain(|_, full_at| *full_at > bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_is_allowed_and_then_no_more() {
        let limiter = RateLimiter::in_process();
        let quota = Quota { burst: 3, per: Duration::from_secs(3_600) };
        for _ in 0..3 {
            assert!(limiter.check("a", quota).await.is_ok());
        }
        let wait = limiter.check("a", quota).await.unwrap_err();
        assert!(
            wait > Duration::from_secs(1_000) && wait <= Duration::from_secs(1_200),
            "{wait:?}"
        );
        assert!(limiter.check("b", quota).await.is_ok());
    }

    #[test]
    fn an_ipv6_subscriber_counts_as_one_client() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network(" 192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }

    #[tokio::test]
    async fn a_flood_of_addresses_lets_nobody_go_without_limit() {
        let limiter = RateLimiter::in_process();
        let quota = Quota { burst: 2, per: Duration::from_secs(3_600) };
        for number in 0..MAX_KEYS {
            assert!(limiter.check(&number.to_string(), quota).await.is_ok());
        }
        // Who comes now is counted like all others,
        assert!(limiter.check("new", quota).await.is_ok());
        assert!(limiter.check("new", quota).await.is_ok());
        assert!(limiter.check("new", quota).await.is_err());
        // and the place for it was made for many at once.
        let Kind::InProcess(keys) = &limiter.0 else { unreachable!() };
        assert!(keys.lock().unwrap().len() <= MAX_KEYS - FORGOTTEN_AT_ONCE + 1);
    }
}
