//! Limits, caches and remembered answers: in this process, over a real Redis, and while it is away.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::sync::Arc;
use std::time::Duration;

use kernel::Clock;
use platform::cache::Cache;
use platform::clock::SystemClock;
use platform::database::Database;
use platform::events::RedisBus;
use platform::idempotency::{Recalled, recall, remember};
use platform::limits::{Quota, RateLimiter};
use platform::on_each_database;
use platform::testing::{REDIS_URL, required};
use redis::aio::ConnectionManager;

fn prefix() -> String {
    format!("test-{}", uuid::Uuid::now_v7().simple())
}

async fn redis() -> ConnectionManager {
    let clock = Arc::new(SystemClock);
    RedisBus::connect(&required(REDIS_URL), &prefix(), clock).await.unwrap().connection()
}

/// What is allowed is allowed, what is refused says when it is allowed again, and then it is.
async fn keeps_its_word(limiters: &[RateLimiter]) {
    let quota = Quota { burst: 3, per: Duration::from_millis(1_500) };
    for n in 0..3 {
        assert!(limiters[n % limiters.len()].check("a", quota).await.is_ok());
    }
    for limiter in limiters {
        let wait = limiter.check("a", quota).await.unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_millis(500), "{wait:?}");
        assert!(limiter.check("b", quota).await.is_ok(), "another key has its own credit");
    }
    let wait = limiters[0].check("a", quota).await.unwrap_err();
    // A refusal uses nothing up: after the wait one more is allowed, and only one.
    tokio::time::sleep(wait + Duration::from_millis(20)).await;
    assert!(limiters[0].check("a", quota).await.is_ok());
    assert!(limiters[limiters.len() - 1].check("a", quota).await.is_err());
}

#[tokio::test]
async fn a_limit_of_this_process_says_when_it_ends() {
    keeps_its_word(&[RateLimiter::in_process()]).await;
}

#[tokio::test]
async fn processes_share_a_limit_over_redis() {
    let prefix = prefix();
    let limiters =
        [RateLimiter::redis(redis().await, &prefix), RateLimiter::redis(redis().await, &prefix)];
    keeps_its_word(&limiters).await;
}

#[tokio::test]
async fn of_a_hundred_at_once_exactly_the_burst_is_allowed() {
    let limiter = Arc::new(RateLimiter::redis(redis().await, &prefix()));
    let quota = Quota { burst: 7, per: Duration::from_secs(3_600) };
    let asked = (0..100).map(|_| {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move { limiter.check("a", quota).await.is_ok() })
    });
    let mut allowed = 0;
    for answer in asked.collect::<Vec<_>>() {
        allowed += usize::from(answer.await.unwrap());
    }
    assert_eq!(allowed, 7);
}

#[tokio::test]
async fn a_cache_keeps_for_a_while_here_and_for_all() {
    let (prefix, ttl) = (prefix(), Duration::from_secs(1));
    let here = Cache::in_process(10_000, ttl);
    let (one, other) =
        (Cache::redis(redis().await, &prefix, ttl), Cache::redis(redis().await, &prefix, ttl));
    for (writer, reader) in [(&here, &here), (&one, &other)] {
        assert_eq!(reader.get("k").await, None);
        writer.put("k", b"v".to_vec()).await;
        assert_eq!(reader.get("k").await.as_deref(), Some(&b"v"[..]));
    }
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(here.get("k").await, None);
    assert_eq!(other.get("k").await, None);
}

#[tokio::test]
async fn a_cache_of_this_process_is_bounded_by_bytes() {
    let cache = Cache::in_process(100_000, Duration::from_secs(60));
    for number in 0..100 {
        cache.put(&format!("k{number}"), vec![0; 10_000]).await;
    }
    // What is too much goes a moment later.
    tokio::time::sleep(Duration::from_millis(500)).await;
    cache.put("last", vec![0; 100]).await;
    let mut kept = 0;
    for number in 0..100 {
        kept += usize::from(cache.get(&format!("k{number}")).await.is_some());
    }
    assert!(kept <= 10, "{kept} entries of 10 kB are kept in 100 kB");
}

async fn answer(database: &Database, key: &str, body: &[u8]) -> anyhow::Result<Recalled> {
    let tx = database.begin().await?;
    let known = recall(&tx, "orders.start", key, body).await?;
    if known == Recalled::New {
        remember(&tx, "orders.start", key, body, b"answer", SystemClock.now()).await?;
    }
    tx.commit().await?;
    Ok(known)
}

on_each_database! { migrations::payments::Migrator,
    async fn the_same_key_gets_the_same_answer_and_another_body_is_told_apart(database) {
        assert_eq!(answer(&database, "k", b"one").await.unwrap(), Recalled::New);
        let same = Recalled::Same(b"answer".to_vec());
        assert_eq!(answer(&database, "k", b"one").await.unwrap(), same);
        assert_eq!(answer(&database, "k", b"two").await.unwrap(), Recalled::Different);
        let tx = database.begin().await.unwrap();
        assert_eq!(recall(&tx, "another", "k", b"two").await.unwrap(), Recalled::New);
        tx.rollback().await.unwrap();
    }

    async fn of_twenty_at_once_with_one_key_one_does_the_work(database) {
        let asked: Vec<_> = (0..20).map(|_| {
            let database = database.clone();
            tokio::spawn(async move { answer(&database, "k", b"one").await })
        }).collect();
        let mut new = 0;
        for asked in asked {
            // One that lost the race fails on the key, and finds the answer when it asks again.
            if let Ok(known) = asked.await.unwrap() {
                new += usize::from(known == Recalled::New);
            }
        }
        assert_eq!(new, 1);
        let same = Recalled::Same(b"answer".to_vec());
        assert_eq!(answer(&database, "k", b"one").await.unwrap(), same);
    }
}
