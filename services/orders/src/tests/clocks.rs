//! Clocks that are wrong, and the midnight that counts: a ticket is for a day in Vietnam.

use platform::on_each_database;
use proto::bookings::{Scan, ScanOutcome};

use super::*;

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

on_each_database! { migrations::orders::Migrator,
    async fn a_phone_whose_clock_runs_ahead_lets_guests_in_when_it_tells(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(1, 20);
        let bought = bench.bought(&[(&trip.adult, 1)]).await;
        let code = bench.tickets(&bought).await.remove(0).code;
        bench.clock.advance(HOUR);
        // Two days ahead: by its own clock it would be the wrong day.
        let ahead = bench.scan("ahead", &code, 48 * HOUR);
        let told = bench.clock.now();
        assert_eq!(bench.outcomes(&trip, std::slice::from_ref(&ahead)).await, [ScanOutcome::Admitted]);
        assert_eq!(bench.manifest(&trip).await.tickets[0].redeemed_at, told.micros());
        // Another phone, whose clock is right, saw the guest before and tells later.
        bench.clock.advance(MINUTE);
        let right = Scan {
            scanned_at: told.before(MINUTE).micros(),
            ..bench.scan("right", &code, Duration::ZERO)
        };
        let wanted = [ScanOutcome::Admitted, ScanOutcome::AlreadyAdmitted];
        assert_eq!(bench.outcomes(&trip, &[right, ahead]).await, wanted);
        let manifest = bench.manifest(&trip).await;
        assert_eq!((manifest.redeemed, manifest.tickets[0].redeemed_at), (1, told.before(MINUTE).micros()));
        bench.assert_sound().await;
    }

    async fn a_phone_whose_clock_stands_on_another_day_lets_nobody_in(database) {
        let bench = Bench::on(database);
        let trip = bench.trip_in(1, 20);
        let bought = bench.bought(&[(&trip.adult, 1)]).await;
        let code = bench.tickets(&bought).await.remove(0).code;
        bench.clock.advance(HOUR);
        let behind = Scan {
            scanned_at: bench.clock.now().before(24 * HOUR).micros(),
            ..bench.scan("behind", &code, Duration::ZERO)
        };
        assert_eq!(bench.outcomes(&trip, &[behind]).await, [ScanOutcome::NotToday]);
        assert_eq!(bench.manifest(&trip).await.redeemed, 0);
        bench.assert_sound().await;
    }

    async fn around_midnight_the_day_of_a_ticket_is_that_of_vietnam(database) {
        let bench = Bench::on(database);
        // The bench's clock stands at 15:00 in Vietnam. The boat leaves at 0:30, which is the same day in UTC.
        let midnight = bench.clock.now().after(9 * HOUR);
        let trip = bench.outside.departure(ids::new::<ShopId>(), midnight.after(30 * MINUTE), 20);
        let bought = bench.bought(&[(&trip.adult, 1)]).await;
        let code = bench.tickets(&bought).await.remove(0).code;
        bench.clock.advance(9 * HOUR + 10 * MINUTE);
        let at = |nonce: &str, moment: Timestamp| Scan {
            scanned_at: moment.micros(),
            ..bench.scan(nonce, &code, Duration::ZERO)
        };
        let scans = [at("before", midnight.before(Duration::from_micros(1))), at("after", midnight)];
        let wanted = [ScanOutcome::NotToday, ScanOutcome::Admitted];
        assert_eq!(bench.outcomes(&trip, &scans).await, wanted);
        bench.assert_sound().await;
    }
}
