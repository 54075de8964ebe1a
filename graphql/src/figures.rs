//! Public figures, kept for a while: counting them costs more than a page.

use std::sync::Arc;
use std::time::Duration;

use platform::rpc::OrdersClient;
use proto::orders::{DigitalEconomy, DigitalEconomyRequest};
use tonic::Status;

/// How old a figure may be.
const KEPT_FOR: Duration = Duration::from_mins(5);
/// Spans of days that are kept at once.
const MOST_SPANS: u64 = 256;

/// The kept figures, by the first and the last day.
pub struct Figures(moka::future::Cache<(String, String), DigitalEconomy>);

impl Default for Figures {
    fn default() -> Self {
        let kept = moka::future::Cache::builder();
        Self(kept.max_capacity(MOST_SPANS).time_to_live(KEPT_FOR).build())
    }
}

impl Figures {
    /// The figures of some days. Who asks for the same at once waits for one count.
    pub async fn of_days(
        &self,
        orders: &OrdersClient,
        from: &str,
        to: &str,
    ) -> Result<DigitalEconomy, Status> {
        let (from, to) = (from.to_owned(), to.to_owned());
        let request = DigitalEconomyRequest { from: from.clone(), to: to.clone() };
        let mut orders = orders.clone();
        let count = async move {
            let answer = orders.get_digital_economy(request).await?;
            Ok::<_, Status>(answer.into_inner())
        };
        let found = self.0.try_get_with((from, to), count).await;
        found.map_err(|status: Arc<Status>| Status::clone(&status))
    }
}
