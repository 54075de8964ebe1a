//! One piece and a thousand shoppers, a hundred times.

use super::*;

const RUSHES: usize = 100;
const SHOPPERS: usize = 1_000;

on_each_database! { migrations::catalog::Migrator,
    async fn of_a_thousand_at_once_one_holds_the_only_piece_a_hundred_times(database) {
        let bench = Arc::new(Bench::on(database).await);
        let piece = bench.sell("Quả cuối cùng", 50_000, 0).await.variants[0].id;
        for rush in 0..RUSHES {
            let change = StockChange {
                variant: piece, change: 1, reason: "một quả nữa".to_owned(), idempotency_key: format!("qua thu {rush}"),
            };
            adjust_stock(&bench.catalog, bench.scope, change).await.unwrap();
            let tries = (0..SHOPPERS).map(|shopper| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move {
                    let reference = format!("chk_{rush}_{shopper}");
                    bench.hold(&reference, &[(piece, 1)]).await.map(|_| reference)
                })
            });
            let gone = LineProblem::InsufficientStock { line: 0, variant: piece, available: 0 };
            let mut holders = Vec::new();
            for outcome in futures_util::future::join_all(tries).await {
                match outcome.unwrap() {
                    Ok(reference) => holders.push(reference),
                    Err(HoldStockError::Lines(problems)) => assert_eq!(problems, std::slice::from_ref(&gone)),
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert_eq!(holders.len(), 1, "rush {rush}: {holders:?}");
            assert_eq!(bench.stock(piece).await, (1, 1), "rush {rush}");
            bench.checkout_is(&holders[0], CheckoutStatus::Paid).await;
            assert_eq!(bench.stock(piece).await, (0, 0), "rush {rush}");
        }
        bench.assert_sound().await;
    }
}
