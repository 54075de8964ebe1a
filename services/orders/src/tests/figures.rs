//! Public figures: what was paid in some days, in sums that tell of nobody.

use platform::on_each_database;
use proto::orders::{DigitalEconomy, DigitalEconomyRequest};

use super::returns::by_shop;
use super::*;

impl Bench {
    async fn figures(&self, from: &str, to: &str) -> Result<DigitalEconomy, Status> {
        let request = DigitalEconomyRequest { from: from.to_owned(), to: to.to_owned() };
        Ok(self.client.clone().get_digital_economy(request).await?.into_inner())
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn what_was_paid_is_summed_unless_it_tells_of_one_shop(database) {
        let bench = Bench::on(database);
        // 2027-01-15, 15:00 in Vietnam.
        let goods: Vec<String> = (1..=3).map(|price| bench.offer(price * 1_000, 10)).collect();
        let pay = |lines: Vec<(usize, i64)>| {
            let (bench, goods) = (bench.clone(), goods.clone());
            async move {
                let lines: Vec<_> = lines.iter().map(|(at, count)| (goods[*at].as_str(), *count)).collect();
                let checkout = bench.awaiting(&lines).await;
                bench.hear(&[bench.outside.pay(&checkout.id)]).await;
                bench.relay().await;
                checkout
            }
        };
        pay(vec![(0, 1), (1, 2)]).await;
        bench.awaiting(&[(&goods[2], 1)]).await;
        let two = bench.figures("2027-01-15", "2027-01-15").await.unwrap();
        assert_eq!((two.shops, two.orders, two.turnover, two.ways.len()), (2, 2, None, 0));
        pay(vec![(2, 1)]).await;
        let called_off = pay(vec![(2, 3)]).await;
        bench.cancel_paid(by_shop(&called_off.orders[0])).await.unwrap();
        let three = bench.figures("2027-01-15", "2027-01-16").await.unwrap();
        assert_eq!((three.shops, three.orders, three.turnover.unwrap().minor), (3, 3, 8_000));
        let way = &three.ways[0];
        assert_eq!((way.pay_with(), way.orders, three.ways.len()), (PayWith::Vietqr, 3, 1));
        // Days are Vietnam's.
        assert_eq!(bench.figures("2027-01-14", "2027-01-14").await.unwrap().orders, 0);
        bench.clock.advance(Duration::from_secs(9 * 3600));
        pay(vec![(0, 1)]).await;
        assert_eq!(bench.figures("2027-01-15", "2027-01-15").await.unwrap().orders, 3);
        assert_eq!(bench.figures("2027-01-16", "2027-01-16").await.unwrap().orders, 1);
        for (from, to) in [("", "2027-01-15"), ("2027-01-16", "2027-01-15"), ("2026-01-14", "2027-01-15")] {
            assert_eq!(bench.figures(from, to).await.unwrap_err().code(), Code::FailedPrecondition);
        }
        bench.assert_sound().await;
    }
}
