//! Rounds of asking SePay: they go on where they stood, whatever restarts.

use super::polling::{TOKEN, bench_and_peer, bench_that_asks, row};
use super::*;
use crate::providers::feeds::sepay_polling::SepayList;
use crate::usecases::poll_sepay::{poll_list, poll_sepay};

on_each_database! { migrations::payments::Migrator,
    async fn a_process_that_starts_goes_on_where_the_one_before_it_stood(database) {
        let (bench, peer) = bench_and_peer(database.clone(), TOKEN).await;
        poll_sepay(&bench.payments).await.unwrap();
        let parts = bench.payments.0.polling.as_ref().unwrap().parts().clone();
        let restarted = bench_that_asks(database, parts.base_url, TOKEN);
        poll_sepay(&restarted.payments).await.unwrap();
        let asked_from = peer.lock().unwrap().asked_from.clone();
        assert_eq!(asked_from, ["2027-01-08 15:00:00", "2027-01-14 15:00:00"]);
    }

    async fn a_list_that_is_longer_than_one_asks_for_is_asked_for_to_its_end(database) {
        let (bench, peer) = bench_and_peer(database.clone(), TOKEN).await;
        for id in 1..=50_u64 {
            let time = format!("14:{id:02}:00");
            peer.lock().unwrap().rows.push(row(id, 1_000, &format!("khach {id}"), &time));
        }
        let parts = bench.payments.0.polling.as_ref().unwrap().parts().clone();
        let list = SepayList::new(&parts).unwrap().with_page_rows(2);
        let mut found = Vec::new();
        // Each time by another process.
        for _ in 0..3 {
            let bench = bench_that_asks(database.clone(), parts.base_url.clone(), TOKEN);
            found.push(poll_list(&bench.payments, &list, Duration::ZERO).await.unwrap());
        }
        assert_eq!(found, [21, 20, 9]);
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.credits().await.len(), 50);
    }
}
