//! A Redis that is emptied, or killed and back with older data, in mid flight: nothing is lost, the
//! order of an aggregate is kept, and effects stay one.

use std::sync::Arc;
use std::time::Duration;

use platform::events::{EventBus, RedisBus};
use platform::on_each_database;
use platform::outbox::pending;
use platform::workers::Tasks;

use crate::bench::{
    DyingBus, Scribe, clock, effects_when, in_order, in_turns, prefix, prepare, relay, tell, until,
};
use crate::own_redis::OwnRedis;

async fn bus(redis: &OwnRedis) -> Arc<RedisBus> {
    Arc::new(RedisBus::connect(&redis.url(), &prefix(), clock()).await.unwrap())
}

on_each_database! { migrations::payments::Migrator,
    async fn emptied_again_and_again_while_events_flow(database) {
        prepare(&database).await;
        let redis = OwnRedis::start().await;
        let bus = bus(&redis).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        let relay = relay(&database, bus);
        tasks.start(|stop| relay.run(stop));
        let names = ["a", "b", "c"];
        for (n, chunk) in in_turns(&names, 400).chunks(12).enumerate() {
            tell(&database, chunk).await;
            if n % 20 == 7 {
                redis.say(&["FLUSHALL"]).await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let seen = effects_when(&database, "one", 1_200).await;
        assert_eq!(seen, in_order(&names, 400));
        assert!(tasks.stop(Duration::from_secs(10)).await);
    }

    async fn emptied_before_anybody_had_read(database) {
        prepare(&database).await;
        let redis = OwnRedis::start().await;
        let bus = bus(&redis).await;
        let relay = relay(&database, Arc::clone(&bus) as _);
        tell(&database, &in_turns(&["a"], 5)).await;
        relay.drain().await.unwrap();
        assert_eq!(pending(&database).await.unwrap(), 0);
        redis.say(&["FLUSHALL"]).await.unwrap();
        // New events do not overtake the lost ones.
        tell(&database, &[("a", 6)]).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        tasks.start(|stop| relay.run(stop));
        let seen = effects_when(&database, "one", 6).await;
        assert_eq!(seen, in_order(&["a"], 6));
        // And with nothing new to tell, it is noticed as well.
        redis.say(&["FLUSHALL"]).await.unwrap();
        until(async || {
            let keys = redis.say(&["DBSIZE"]).await.unwrap();
            keys != redis::Value::Int(0)
        }).await;
        assert!(tasks.stop(Duration::from_secs(10)).await);
    }

    async fn emptied_between_publishing_and_noting_it(database) {
        prepare(&database).await;
        let redis = OwnRedis::start().await;
        let bus = bus(&redis).await;
        let emptied = DyingBus::emptied(Arc::clone(&bus) as _, &redis.url());
        let first = relay(&database, emptied);
        tell(&database, &in_turns(&["a"], 5)).await;
        assert!(first.drain().await.is_err());
        assert_eq!(pending(&database).await.unwrap(), 5, "nothing counts as published");
        // The other way: it dies before it notes anything, Redis is emptied, it starts again.
        let second = relay(&database, DyingBus::new(Arc::clone(&bus) as _));
        assert!(second.drain().await.is_err());
        redis.say(&["FLUSHALL"]).await.unwrap();
        second.drain().await.unwrap();
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        assert_eq!(effects_when(&database, "one", 5).await, in_order(&["a"], 5));
        assert!(tasks.stop(Duration::from_secs(10)).await);
    }

    async fn killed_and_back_with_older_data(database) {
        prepare(&database).await;
        let mut redis = OwnRedis::start().await;
        let bus = bus(&redis).await;
        let relay = relay(&database, Arc::clone(&bus) as _);
        tell(&database, &in_turns(&["a"], 3)).await;
        relay.drain().await.unwrap();
        redis.say(&["SAVE"]).await.unwrap();
        tell(&database, &[("a", 4), ("a", 5)]).await;
        relay.drain().await.unwrap();
        redis.kill();
        tell(&database, &[("a", 6)]).await;
        assert!(relay.drain().await.is_err(), "while Redis is away, events stay in their outbox");
        redis.go_on().await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        tasks.start(|stop| relay.run(stop));
        let seen = effects_when(&database, "one", 6).await;
        assert_eq!(seen, in_order(&["a"], 6));
        assert!(tasks.stop(Duration::from_secs(10)).await);
    }
}
