//! Tours through the public API, on SQLite in one process and on PostgreSQL with Redis: races for seats
//! around the end of their time, check-in off line, waiting lists, departures that do not happen.

mod check_in;
mod notices;
mod races;
mod waiting;

use journeys::market::{Stand, TestMarket};

/// Ends a market in which all that must hold, holds.
async fn end(market: TestMarket) -> anyhow::Result<()> {
    let findings = market.end().await?;
    anyhow::ensure!(findings.is_empty(), "{findings:?}");
    Ok(())
}

/// Makes two tests of a journey.
macro_rules! on_each_stand {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() -> anyhow::Result<()> {
                Box::pin(super::$name(crate::Stand::Embedded)).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn servers() -> anyhow::Result<()> {
                Box::pin(super::$name(crate::Stand::Servers)).await
            }
        }
    )*};
}

use on_each_stand;
