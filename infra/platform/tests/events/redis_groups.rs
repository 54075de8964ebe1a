//! Over Redis: groups, their turns, and what a dead process left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::events::{EventBus, RedisBus};
use platform::on_each_database;
use platform::outbox::pending;
use platform::testing::{REDIS_URL, required};
use platform::workers::Tasks;
use redis::Value;

use crate::bench::{
    DyingBus, Fate, Scribe, clock, effects, effects_when, in_order, in_turns, prefix, prepare,
    relay, tell, until,
};

async fn bus(prefix: &str) -> RedisBus {
    RedisBus::connect(&required(REDIS_URL), prefix, clock()).await.unwrap()
}

on_each_database! { migrations::payments::Migrator,
    async fn over_redis_too_a_crash_repeats_and_effects_stay_one_and_in_order(database) {
        prepare(&database).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        let bus = DyingBus::new(Arc::new(bus(&prefix()).await));
        let relay = relay(&database, Arc::clone(&bus) as _);
        tell(&database, &in_turns(&["a", "b"], 50)).await;
        assert!(relay.drain().await.is_err(), "it died after the bus took them");
        assert_eq!(pending(&database).await.unwrap(), 100);
        relay.drain().await.unwrap();
        // Both copies are read in one batch.
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        let seen = effects_when(&database, "one", 100).await;
        assert_eq!(seen, in_order(&["a", "b"], 50));
        assert!(tasks.stop(Duration::from_secs(10)).await);
    }

    async fn what_a_dead_process_had_read_is_taken_over_before_anything_new(database) {
        prepare(&database).await;
        let prefix = prefix();
        let bus = Arc::new(bus(&prefix).await);
        let relay = relay(&database, Arc::clone(&bus) as _);
        tell(&database, &in_turns(&["a"], 4)).await;
        relay.drain().await.unwrap();
        // A process that has its turn reads two, and dies.
        let (stream, turn) = (format!("{prefix}:events:payments"), format!("{prefix}:turn:one"));
        let mut connection = bus.connection();
        let group = ["XGROUP", "CREATE", &stream, "one", "0"];
        let read =
            ["XREADGROUP", "GROUP", "one", "dead", "COUNT", "2", "STREAMS", &stream, ">"];
        let held = ["SET", &turn, "dead", "PX", "1500"];
        for words in [&group[..], &held, &read] {
            let mut command = redis::cmd(words[0]);
            for word in &words[1..] {
                command.arg(word);
            }
            let _: Value = command.query_async(&mut connection).await.unwrap();
        }
        tell(&database, &[("a", 5)]).await;
        relay.drain().await.unwrap();
        let (scribe, tasks, begun) = (Scribe::new("one", &database), Tasks::default(), Instant::now());
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        let seen = effects_when(&database, "one", 5).await;
        assert!(begun.elapsed() >= Duration::from_secs(1), "it waited for its turn");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!(seen, in_order(&["a"], 5));
        assert!(tasks.stop(Duration::from_secs(10)).await);
        let left: (u64, Value, Value, Value) = redis::cmd("XPENDING")
            .arg(&stream).arg("one").query_async(&mut connection).await.unwrap();
        assert_eq!(left.0, 0, "everything is acknowledged");
    }

    async fn whoever_has_not_done_with_events_is_told_of(database) {
        prepare(&database).await;
        let prefix = prefix();
        let bus = Arc::new(bus(&prefix).await);
        let relay = relay(&database, Arc::clone(&bus) as _);
        tell(&database, &in_turns(&["a"], 3)).await;
        relay.drain().await.unwrap();
        let ends = bus.ends().await.unwrap();
        assert!(bus.behind(&ends).await.unwrap().is_empty(), "nobody listens");
        // One event is read and not acknowledged, two are not even read.
        let (stream, mut connection) = (format!("{prefix}:events:payments"), bus.connection());
        let group = ["XGROUP", "CREATE", &stream, "one", "0"];
        let read = ["XREADGROUP", "GROUP", "one", "dead", "COUNT", "1", "STREAMS", &stream, ">"];
        for words in [&group[..], &read] {
            let mut command = redis::cmd(words[0]);
            for word in &words[1..] {
                command.arg(word);
            }
            let _: Value = command.query_async(&mut connection).await.unwrap();
        }
        let payments = proto::Topic::Payments;
        assert_eq!(bus.behind(&ends).await.unwrap(), [("one".to_owned(), payments)]);
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        assert_eq!(effects_when(&database, "one", 3).await, in_order(&["a"], 3));
        until(async || bus.behind(&ends).await.unwrap().is_empty()).await;
        // What is told later is not meant.
        assert!(tasks.stop(Duration::from_secs(10)).await);
        tell(&database, &[("a", 9)]).await;
        relay.drain().await.unwrap();
        assert!(bus.behind(&ends).await.unwrap().is_empty());
        let now = bus.ends().await.unwrap();
        assert_eq!(bus.behind(&now).await.unwrap(), [("one".to_owned(), payments)]);
    }

    async fn two_processes_of_a_role_keep_order_also_when_one_of_them_stops(database) {
        prepare(&database).await;
        let prefix = prefix();
        let names = ["a", "b", "c", "d"];
        let mut processes = Vec::new();
        for _ in 0..2 {
            let (tasks, bus) = (Tasks::default(), bus(&prefix).await);
            bus.attach(Scribe::new("one", &database), &tasks);
            processes.push(tasks);
        }
        let tasks = Tasks::default();
        let relay = relay(&database, Arc::new(bus(&prefix).await));
        tasks.start(|stop| relay.run(stop));
        for (n, chunk) in in_turns(&names, 300).chunks(40).enumerate() {
            tell(&database, chunk).await;
            if n == 10 {
                let first = processes.remove(0);
                assert!(first.stop(Duration::from_secs(10)).await);
            }
        }
        let seen = effects_when(&database, "one", 1_200).await;
        assert_eq!(seen, in_order(&names, 300));
        processes.push(tasks);
        for tasks in processes {
            assert!(tasks.stop(Duration::from_secs(10)).await);
        }
    }

    async fn poison_is_set_aside_and_others_go_on_over_redis(database) {
        prepare(&database).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        scribe.doom("a", 1, Fate::Poisonous);
        let bus = Arc::new(bus(&prefix()).await);
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        tell(&database, &in_turns(&["a", "b"], 2)).await;
        relay(&database, bus).drain().await.unwrap();
        let seen = effects_when(&database, "one", 2).await;
        assert_eq!(seen, in_order(&["b"], 2));
        until(async || platform::dead_letters::waiting(&database).await.unwrap() == 2).await;
        assert!(tasks.stop(Duration::from_secs(10)).await);
    }

    async fn publishing_waits_for_a_consumer_before_entries_could_fall_off_unread(database) {
        prepare(&database).await;
        let prefix = prefix();
        let bus = Arc::new(bus(&prefix).await.with_stream_length(2_000));
        let relay = relay(&database, Arc::clone(&bus) as _);
        // The consumer was there once, so its group is known; now it is away.
        let scribe = Scribe::new("one", &database);
        let before = Tasks::default();
        bus.attach(Arc::clone(&scribe) as _, &before);
        tell(&database, &[("a", 1)]).await;
        relay.drain().await.unwrap();
        effects_when(&database, "one", 1).await;
        assert!(before.stop(Duration::from_secs(10)).await);

        let mut refused = None;
        for chunk in in_turns(&["a"], 4_000)[1..].chunks(100) {
            tell(&database, chunk).await;
            if let Err(error) = relay.drain().await {
                refused = Some(error.to_string());
            }
        }
        assert!(refused.unwrap().contains("events behind"));
        assert!(pending(&database).await.unwrap() > 2_000);
        let tasks = Tasks::default();
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        tasks.start(|stop| relay.run(stop));
        let seen = effects_when(&database, "one", 4_000).await;
        assert_eq!(seen, in_order(&["a"], 4_000));
        assert!(tasks.stop(Duration::from_secs(10)).await);
        assert_eq!(effects(&database, "one").await["a"].len(), 4_000);
    }
}
