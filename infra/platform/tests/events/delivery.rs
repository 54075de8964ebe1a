//! From outbox to consumer in one process: once in effect, in order, whatever fails.

use std::sync::Arc;
use std::time::Duration;

use kernel::Clock;
use platform::clock::SystemClock;
use platform::consumer::deliver;
use platform::dead_letters;
use platform::events::{EventBus, InProcessBus};
use platform::on_each_database;
use platform::outbox::{pending, republish};
use platform::workers::Tasks;
use sea_orm::{ConnectionTrait, Statement};

use crate::bench::{
    DyingBus, Fate, NOBODYS, Scribe, clock, effects, effects_when, heard, in_order, in_turns,
    prepare, relay, tell,
};

on_each_database! { migrations::payments::Migrator,
    async fn what_is_told_arrives_in_order_and_once(database) {
        prepare(&database).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        let bus = Arc::new(InProcessBus::new(clock()));
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        let relay = relay(&database, bus);
        tasks.start(|stop| relay.run(stop));
        for chunk in in_turns(&["a", "b", "c"], 400).chunks(70) {
            tell(&database, chunk).await;
        }
        let seen = effects_when(&database, "one", 1_200).await;
        assert_eq!(seen, in_order(&["a", "b", "c"], 400));
        // A stop lets the relay finish: nothing waits afterwards.
        tell(&database, &[("a", 401)]).await;
        assert!(tasks.stop(Duration::from_secs(10)).await);
        assert_eq!(pending(&database).await.unwrap(), 0);
        assert_eq!(effects(&database, "one").await["a"].len(), 401);
    }

    async fn an_event_that_comes_twice_even_in_one_batch_has_one_effect(database) {
        prepare(&database).await;
        let scribe = Scribe::new("one", &database);
        let (first, second) = (heard("a", 1), heard("a", 2));
        let batch = [first.clone(), second.clone(), first.clone(), second.clone()];
        deliver(scribe.as_ref(), SystemClock.now(), &batch).await.unwrap();
        // Known, new, new once more: as after a crash and a republication.
        let third = heard("a", 3);
        let batch = [first, third.clone(), third, second];
        deliver(scribe.as_ref(), SystemClock.now(), &batch).await.unwrap();
        assert_eq!(effects(&database, "one").await, in_order(&["a"], 3));
    }

    async fn what_a_consumer_passes_over_is_neither_applied_nor_written_of(database) {
        prepare(&database).await;
        let scribe = Scribe::new("one", &database);
        let before = database.statements();
        let others = [heard(NOBODYS, 1), heard(NOBODYS, 2)];
        deliver(scribe.as_ref(), SystemClock.now(), &others).await.unwrap();
        assert_eq!(database.statements(), before, "nothing was asked");
        let mixed = [heard(NOBODYS, 3), heard("a", 1), heard(NOBODYS, 4), heard("a", 2)];
        deliver(scribe.as_ref(), SystemClock.now(), &mixed).await.unwrap();
        assert_eq!(effects(&database, "one").await, in_order(&["a"], 2));
        let noted = "SELECT COUNT(*) AS n FROM inbox";
        let noted = Statement::from_string(database.backend(), noted);
        let noted = database.reader().query_one_raw(noted).await.unwrap().unwrap();
        assert_eq!(noted.try_get::<i64>("", "n").unwrap(), 2);
    }

    async fn a_crash_between_publishing_and_noting_it_repeats_and_the_effect_stays_one(database) {
        prepare(&database).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        let bus = DyingBus::new(Arc::new(InProcessBus::new(clock())));
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        let relay = relay(&database, bus);
        tell(&database, &in_turns(&["a", "b"], 3)).await;
        assert!(relay.drain().await.is_err());
        assert_eq!(effects(&database, "one").await, in_order(&["a", "b"], 3));
        assert_eq!(pending(&database).await.unwrap(), 6, "nobody noted that they were published");
        relay.drain().await.unwrap();
        assert_eq!(pending(&database).await.unwrap(), 0);
        // And once more, as when a bus lost everything.
        assert_eq!(republish(&database).await.unwrap(), 6);
        relay.drain().await.unwrap();
        assert_eq!(effects(&database, "one").await, in_order(&["a", "b"], 3));
    }

    async fn an_outage_of_one_consumer_loses_nothing_and_does_not_keep_the_others_back(database) {
        prepare(&database).await;
        let (well, ill) = (Scribe::new("well", &database), Scribe::new("ill", &database));
        ill.doom("a", 2, Fate::Outage);
        let (bus, tasks) = (Arc::new(InProcessBus::new(clock())), Tasks::default());
        bus.attach(Arc::clone(&ill) as _, &tasks);
        bus.attach(Arc::clone(&well) as _, &tasks);
        let relay = relay(&database, bus);
        tell(&database, &in_turns(&["a"], 3)).await;
        assert!(relay.drain().await.is_err());
        assert_eq!(effects(&database, "well").await, in_order(&["a"], 3));
        assert!(effects(&database, "ill").await.is_empty(), "its transaction was undone");
        assert_eq!(pending(&database).await.unwrap(), 3);
        assert_eq!(dead_letters::waiting(&database).await.unwrap(), 0, "an outage is no poison");
        ill.mend();
        relay.drain().await.unwrap();
        for name in ["well", "ill"] {
            assert_eq!(effects(&database, name).await, in_order(&["a"], 3));
        }
    }
}
