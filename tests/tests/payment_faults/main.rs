//! Faults of payments through the whole market: webhooks that come too often, too late, in disorder or
//! forged; a feed that falls silent; memos as people write them; refunds that race. After each, all
//! that must hold, holds.

/// Makes two tests of each: on SQLite in one process, and on PostgreSQL with Redis. The first part
/// changes the configuration; the market of the body is whole at its end.
macro_rules! on_both_stands {
    ($($change:expr => async fn $name:ident($market:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn check(mut $market: TestMarket) -> anyhow::Result<()> {
                $body
                // Those that restart need `mut`; the others do not.
                let _ = &mut $market;
                assert_eq!($market.end().await?, Vec::<String>::new());
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() -> anyhow::Result<()> {
                check(TestMarket::start(Stand::Embedded, $change).await?).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn servers() -> anyhow::Result<()> {
                check(TestMarket::start(Stand::Servers, $change).await?).await
            }
        }
    )*};
}

mod books;
mod cards;
mod feeds;
mod keys;
mod memos;
mod refunds;
mod silence;
mod webhooks;
