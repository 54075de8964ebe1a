//! What the services do together, on a clock that stands until a test moves it: on SQLite, and on
//! PostgreSQL. (Through the public API, with Redis and on the clock of the machine: `river`, `journey`.)

mod agreement;
mod boat;
mod ends;
mod extending;

use journeys::market::Stand;

/// Makes two tests of a story.
macro_rules! on_each_stand {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> anyhow::Result<()> {
                Box::pin(super::$name(crate::Stand::Embedded)).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> anyhow::Result<()> {
                Box::pin(super::$name(crate::Stand::Servers)).await
            }
        }
    )*};
}

use on_each_stand;
