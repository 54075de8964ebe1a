//! Everything at once, and around the moment at which a hold ends.

use super::*;
use crate::usecases::settle_holds::commit_holds;

impl Pier {
    /// Commits as orders does when a payment came: whether it was sold.
    async fn commit(&self, reference: &str) -> bool {
        let tx = self.bench.database.begin().await.unwrap();
        let settled =
            commit_holds(&self.bench.catalog, &tx, &[reference.to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        settled.refused.is_empty()
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn expiry_and_payment_within_five_milliseconds_give_every_seat_one_owner(database) {
        let pier = Arc::new(Pier::on(database).await);
        let start = pier.bench.clock.now();
        // Each round a departure with 12 seats: one checkout holds 8 of them and another all that is left,
        // and a third wants 8 as soon as the first hold runs out.
        for round in 0..20_u64 {
            let departure = pier.departure(100 + round).await;
            let adult = variant(&departure, "adult");
            let (paid, next) = (format!("chk_{round}_paid"), format!("chk_{round}_next"));
            pier.hold(&paid, &[(adult, 8)]).await.unwrap();
            let runs_out = pier.bench.clock.now().after(Duration::from_secs(60));
            // From 5 ms before its end to 5 ms after.
            let offset = Duration::from_micros(500 * (round % 21));
            let moment = runs_out.before(Duration::from_millis(5)).after(offset);
            pier.bench.clock.advance(moment.since(pier.bench.clock.now()));
            let (one, two, three) = (Arc::clone(&pier), Arc::clone(&pier), Arc::clone(&pier));
            let (reference, other) = (paid.clone(), next.clone());
            let committing = tokio::spawn(async move { one.commit(&reference).await });
            let sweeping = tokio::spawn(async move { expire_holds(&two.bench.catalog).await.unwrap() });
            let holding = tokio::spawn(async move { three.hold(&other, &[(adult, 8)]).await.is_ok() });
            let (sold, swept, held) = tokio::join!(committing, sweeping, holding);
            swept.unwrap();
            let (sold, held) = (sold.unwrap(), held.unwrap());
            let (seats_held, seats_sold) = pier.seats(&departure).await;
            assert!(!(sold && held), "round {round}: eight seats have two owners");
            assert_eq!((seats_held, seats_sold), (if held { 8 } else { 0 }, if sold { 8 } else { 0 }), "round {round}");
            // Nobody who paid is forgotten: refused, it is told; said again, it stays what it is.
            assert_eq!(pier.commit(&paid).await, sold, "round {round}");
            pier.bench.checkout_is(&next, CheckoutStatus::Cancelled).await;
            pier.bench.assert_sound().await;
        }
        assert!(pier.bench.clock.now() > start);
    }

    async fn histories_of_everything_at_once_leave_no_seat_unaccounted_for(database) {
        let pier = Arc::new(Pier::on(database).await);
        let departures = [pier.departure(30).await, pier.departure(54).await, pier.departure(78).await];
        let workers = (0..8_u64).map(|worker| {
            let (pier, departures) = (Arc::clone(&pier), departures.clone());
            tokio::spawn(async move {
                // A small generator of its own: each worker's history can be repeated by its number.
                let mut state = worker.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
                let mut next = move |below: u64| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state % below
                };
                for step in 0..25 {
                    let reference = format!("chk_{worker}_{step}");
                    let (one, two) = (next(3) as usize, next(3) as usize);
                    let code = ["adult", "adult", "boat"][next(3) as usize];
                    let count = if code == "boat" { 1 } else { 2 + next(3) as i64 };
                    let mut lines = vec![(variant(&departures[one], code), count)];
                    if one != two {
                        lines.push((variant(&departures[two], "adult"), 2));
                    }
                    if pier.hold(&reference, &lines).await.is_err() {
                        continue;
                    }
                    match next(4) {
                        0 => pier.bench.checkout_is(&reference, CheckoutStatus::Cancelled).await,
                        1 => {
                            assert!(pier.commit(&reference).await);
                            pier.give_back(&format!("tcan_{reference}"), &reference, &lines).await.unwrap();
                        }
                        2 => assert!(pier.commit(&reference).await),
                        _ => {}
                    }
                }
            })
        });
        for worker in futures_util::future::join_all(workers).await {
            worker.unwrap();
        }
        pier.bench.assert_sound().await;
        // What is left of holds runs out, and then only what was sold is taken.
        pier.bench.clock.advance(Duration::from_secs(61));
        expire_holds(&pier.bench.catalog).await.unwrap();
        for departure in &departures {
            assert_eq!(pier.seats(departure).await.0, 0);
        }
        pier.bench.assert_sound().await;
    }
}
