//! What came raw is forgotten after its time, and still known.

use sea_orm::{ConnectionTrait, Statement};

use super::*;
use crate::usecases::forget_raw_events::forget_raw_events;

impl Cards {
    /// Forgets what is so many days old.
    async fn forget_after(&self, days: u64) {
        self.bench.clock.advance(Duration::from_secs(days * 24 * 3_600));
        forget_raw_events(&self.bench.payments).await.unwrap();
    }

    /// How long the bodies of a table's events are, in the order in which they came.
    async fn bodies(&self, table: &str) -> Vec<i64> {
        let question = format!("SELECT CAST(LENGTH(body) AS BIGINT) FROM {table} ORDER BY id");
        let asked = Statement::from_string(self.bench.database.backend(), question);
        let rows = self.bench.database.reader().query_all_raw(asked).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    async fn rejections(&self) -> u64 {
        store::feed_event::counts(self.bench.database.reader()).await.unwrap().1
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn bodies_and_rejections_are_forgotten_after_their_time_and_events_stay_known(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        assert_eq!(cards.bench.credit(1, 100_000, &payment.code.to_string()).await, CreditState::Matched);
        cards.tell("evt_1", "charge", "ch_unknown").await.unwrap();
        cards.work().await;
        let unsigned = record_card_event(&cards.bench.payments, None, b"{}").await;
        assert!(matches!(unsigned, Err(RecordCardEventError::Disbelieved(_))));
        cards.forget_after(89).await;
        assert_eq!(cards.rejections().await, 1);
        cards.forget_after(2).await;
        assert_eq!(cards.rejections().await, 0);
        cards.forget_after(308).await;
        assert!(cards.bodies("feed_events").await[0] > 0);
        assert!(cards.bodies("card_events").await[0] > 0);
        // One of each that came but now stays whole.
        cards.bench.credit(2, 7_000, "cam on").await;
        cards.tell("evt_2", "charge", "ch_unknown").await.unwrap();
        cards.work().await;
        cards.forget_after(2).await;
        for table in ["feed_events", "card_events"] {
            let bodies = cards.bodies(table).await;
            assert!(bodies[0] == 0 && bodies[1] > 0, "{table} {bodies:?}");
        }
        // The same again is the same: nothing is booked twice, and nothing is kept anew.
        let postings = cards.bench.postings().await;
        cards.bench.tell(1, 100_000, &payment.code.to_string()).await.unwrap();
        process_feed_events(&cards.bench.payments).await.unwrap();
        cards.tell("evt_1", "charge", "ch_unknown").await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.postings().await, postings);
        assert_eq!(cards.bodies("feed_events").await[0], 0);
        assert_eq!(cards.bodies("card_events").await[0], 0);
        cards.bench.assert_sound().await;
    }

    async fn an_event_that_waits_keeps_its_body_however_old_it_is(database) {
        let cards = Cards::on(database);
        cards.bench.tell(1, 5_000, "cam on").await.unwrap();
        cards.tell("evt_1", "charge", "ch_unknown").await.unwrap();
        cards.forget_after(500).await;
        assert!(cards.bodies("feed_events").await[0] > 0);
        assert!(cards.bodies("card_events").await[0] > 0);
    }

    async fn more_than_a_batch_is_forgotten_in_one_run(database) {
        let cards = Cards::on(database);
        for number in 0..1_001 {
            let now = cards.bench.clock.now();
            let db = cards.bench.database.writer();
            store::feed_event::reject(db, "sepay", &format!("no_proof {number}"), now).await.unwrap();
        }
        cards.forget_after(91).await;
        assert_eq!(cards.rejections().await, 0);
    }
}
