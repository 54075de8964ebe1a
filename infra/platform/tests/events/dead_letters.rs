//! What a consumer cannot take: set aside with what follows it for the same aggregate, and given
//! back when an operator says so.

use std::sync::Arc;
use std::time::Duration;

use kernel::Clock;
use platform::clock::SystemClock;
use platform::consumer::{deliver, replay_requested};
use platform::dead_letters::{list, request_replay, waiting};
use platform::events::{EventBus, InProcessBus};
use platform::on_each_database;
use platform::outbox::{pending, republish};
use platform::workers::Tasks;

use crate::bench::{Fate, Scribe, clock, effects, heard, in_order, in_turns, prepare, relay, tell};

on_each_database! { migrations::payments::Migrator,
    async fn poison_harms_its_own_aggregate_only_and_keeps_its_order(database) {
        prepare(&database).await;
        let (scribe, tasks) = (Scribe::new("one", &database), Tasks::default());
        scribe.doom("a", 2, Fate::Poisonous);
        let bus = Arc::new(InProcessBus::new(clock()));
        bus.attach(Arc::clone(&scribe) as _, &tasks);
        let relay = relay(&database, bus);
        tell(&database, &in_turns(&["a", "b"], 3)).await;
        relay.drain().await.unwrap();

        let seen = effects(&database, "one").await;
        assert_eq!((&seen["a"], &seen["b"]), (&vec![1], &vec![1, 2, 3]));
        let tries = scribe.tries("a", 2);
        assert_eq!(tries.len(), 5);
        let pauses: Vec<_> = tries.windows(2).map(|two| two[1] - two[0]).collect();
        for (pause, least) in pauses.iter().zip([50, 100, 200, 400]) {
            assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
        }
        // What comes later for the same aggregate waits behind it, untried; others go on.
        tell(&database, &[("a", 4), ("b", 4)]).await;
        relay.drain().await.unwrap();
        assert_eq!(pending(&database).await.unwrap(), 0);
        let seen = effects(&database, "one").await;
        assert_eq!((&seen["a"], &seen["b"]), (&vec![1], &vec![1, 2, 3, 4]));
        let letters = list(&database, 0).await.unwrap();
        assert_eq!(letters.len(), 3);
        assert!(letters.iter().all(|letter| letter.aggregate == "a" && letter.consumer == "one"));
        assert!(letters[0].error.contains("a 2 cannot be taken") && !letters[0].replay_requested);
        assert!(letters[1].error.contains("waits behind") && letters[1].replay_requested);
        // Told again, nothing new happens.
        republish(&database).await.unwrap();
        relay.drain().await.unwrap();
        assert_eq!(waiting(&database).await.unwrap(), 3);
        assert_eq!(effects(&database, "one").await, seen);
        // Nobody asked for a replay yet, so those behind do not go either.
        assert_eq!(replay_requested(scribe.as_ref(), SystemClock.now()).await.unwrap(), 0);

        scribe.mend();
        let asked = request_replay(&database, SystemClock.now(), Some(&[letters[0].id])).await;
        assert_eq!(asked.unwrap(), [letters[0].id]);
        assert_eq!(replay_requested(scribe.as_ref(), SystemClock.now()).await.unwrap(), 3);
        let seen = effects(&database, "one").await;
        assert_eq!(seen, in_order(&["a", "b"], 4));
        assert_eq!(waiting(&database).await.unwrap(), 0);
        // Settled letters are not replayed again, and what follows is not held up any more.
        assert!(request_replay(&database, SystemClock.now(), None).await.unwrap().is_empty());
        republish(&database).await.unwrap();
        tell(&database, &[("a", 5), ("b", 5)]).await;
        relay.drain().await.unwrap();
        assert_eq!(effects(&database, "one").await, in_order(&["a", "b"], 5));
    }

    async fn what_fails_again_waits_for_an_operator_again(database) {
        prepare(&database).await;
        let scribe = Scribe::new("one", &database);
        scribe.doom("a", 1, Fate::Poisonous);
        deliver(scribe.as_ref(), SystemClock.now(), &[heard("a", 1), heard("a", 2)]).await.unwrap();
        request_replay(&database, SystemClock.now(), None).await.unwrap();
        assert_eq!(replay_requested(scribe.as_ref(), SystemClock.now()).await.unwrap(), 0);
        let letters = list(&database, 0).await.unwrap();
        assert_eq!(letters.len(), 2);
        assert!(!letters[0].replay_requested && letters[1].replay_requested);
        assert!(effects(&database, "one").await.is_empty());
        // An outage during the replay is no failure of the letter: it stays asked for.
        request_replay(&database, SystemClock.now(), None).await.unwrap();
        scribe.mend();
        scribe.doom("a", 1, Fate::Outage);
        assert!(replay_requested(scribe.as_ref(), SystemClock.now()).await.is_err());
        assert!(list(&database, 0).await.unwrap()[0].replay_requested);
        scribe.mend();
        assert_eq!(replay_requested(scribe.as_ref(), SystemClock.now()).await.unwrap(), 2);
        assert_eq!(effects(&database, "one").await, in_order(&["a"], 2));
    }

    async fn a_letter_whose_event_was_taken_meanwhile_has_no_second_effect(database) {
        prepare(&database).await;
        let (scribe, other) = (Scribe::new("one", &database), Scribe::new("two", &database));
        scribe.doom("a", 1, Fate::Poisonous);
        let event = heard("a", 1);
        for consumer in [&scribe, &other] {
            deliver(consumer.as_ref(), SystemClock.now(), std::slice::from_ref(&event)).await.unwrap();
        }
        scribe.mend();
        request_replay(&database, SystemClock.now(), None).await.unwrap();
        // Two processes of the market replay at once.
        let now = SystemClock.now();
        let both = tokio::join!(
            replay_requested(scribe.as_ref(), now),
            replay_requested(scribe.as_ref(), now)
        );
        assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
        deliver(scribe.as_ref(), now, std::slice::from_ref(&event)).await.unwrap();
        assert_eq!(effects(&database, "one").await, in_order(&["a"], 1));
        assert_eq!(effects(&database, "two").await, in_order(&["a"], 1));
    }
}
