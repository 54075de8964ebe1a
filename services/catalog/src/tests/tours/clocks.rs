//! Processes whose clocks do not agree, as after a clock was set: the database is one.

use super::*;

const OFF_BY: Duration = Duration::from_mins(10);

/// A process on the same database, by another clock.
fn another(database: &Database, now: Timestamp) -> Catalog {
    Catalog::new(CatalogParts {
        database: database.clone(),
        clock: Arc::new(ManualClock::at(now)),
        search: Arc::new(EmbeddedSearch::open(None).unwrap()),
    })
}

on_each_database! { migrations::catalog::Migrator,
    async fn processes_whose_clocks_are_ten_minutes_off_sell_each_seat_once(database) {
        let pier = Pier::on(database.clone()).await;
        let now = pier.bench.clock.now();
        let (behind, ahead) = (another(&database, now.before(OFF_BY)), another(&database, now.after(OFF_BY)));
        let departure = pier.departure(30).await;
        let adult = variant(&departure, "adult");
        // Eight of twelve seats are held for a minute: too short a time for the one, and over for the other.
        pier.hold("chk_1", &[(adult, 8)]).await.unwrap();
        expire_holds(&behind).await.unwrap();
        assert_eq!(pier.seats(&departure).await, (8, 0));
        expire_holds(&ahead).await.unwrap();
        assert_eq!(pier.seats(&departure).await, (0, 0));
        // Somebody else has them by the time that they are paid for: who paid is told of, and gets the money back.
        pier.hold("chk_2", &[(adult, 8)]).await.unwrap();
        pier.told().await;
        pier.bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        assert!(matches!(pier.told().await.as_slice(), [Body::HoldCommitRefused(said)] if said.reference == "chk_1"));
        pier.bench.checkout_is("chk_2", CheckoutStatus::Paid).await;
        for catalog in [&ahead, &behind, &pier.bench.catalog] {
            expire_holds(catalog).await.unwrap();
            assert_eq!(pier.seats(&departure).await, (0, 8));
        }
        // Nobody else took them: who paid in time keeps them, though a clock ran ahead.
        pier.hold("chk_3", &[(adult, 4)]).await.unwrap();
        expire_holds(&ahead).await.unwrap();
        pier.bench.checkout_is("chk_3", CheckoutStatus::Paid).await;
        assert_eq!(pier.seats(&departure).await, (0, 12));
        pier.bench.assert_sound().await;
    }
}
