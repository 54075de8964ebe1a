//! To which account a payment asks for money: a shop's own, if the shop wants it so, may have it, and nobody
//! else is paid by the same transfer; the market's else.
//!
//! Which shops are paid directly is read at most every few seconds, not for each payment. That is soon enough:
//! a shop's own account counts only a day after it was named, and who goes back to the market's is still paid,
//! and reconciled, on its own account for those seconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{ShopId, Timestamp};
use sea_orm::DbErr;
use tokio::sync::RwLock;

use crate::Payments;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payment::Payment;
use crate::domain::payment_destination::PaymentDestination;
use crate::store;

/// How long what was read is believed.
const BELIEVED: Duration = Duration::from_secs(5);

/// The shops that want their money in their own accounts.
#[derive(Default)]
pub struct Destinations(RwLock<Option<Read>>);

struct Read {
    until: Timestamp,
    shops: Arc<HashMap<ShopId, PaymentDestination>>,
}

impl Destinations {
    async fn shops(
        &self,
        payments: &Payments,
    ) -> Result<Arc<HashMap<ShopId, PaymentDestination>>, DbErr> {
        let service = &payments.0;
        let now = service.clock.now();
        let fresh = |read: &Option<Read>| {
            let read = read.as_ref().filter(|read| now < read.until);
            read.map(|read| Arc::clone(&read.shops))
        };
        if let Some(shops) = fresh(&*self.0.read().await) {
            return Ok(shops);
        }
        // Whoever comes meanwhile waits for the one that reads.
        let mut read = self.0.write().await;
        if let Some(shops) = fresh(&read) {
            return Ok(shops);
        }
        let wanting = store::payment_destination::wanting(service.database.reader()).await?;
        let shops: HashMap<ShopId, PaymentDestination> =
            wanting.into_iter().map(|one| (one.shop, one)).collect();
        let shops = Arc::new(shops);
        *read = Some(Read { until: now.after(BELIEVED), shops: Arc::clone(&shops) });
        Ok(shops)
    }

    /// Something changed: the next payment asks anew.
    pub async fn forget(&self) {
        *self.0.write().await = None;
    }
}

/// The shop's own account that a payment asks for money on, if it does.
pub async fn receiving_account(
    payments: &Payments,
    payment: &Payment,
) -> Result<Option<PayeeAccount>, DbErr> {
    let Some(shop) = payment.only_shop() else { return Ok(None) };
    let service = &payments.0;
    let shops = service.destinations.shops(payments).await?;
    let now = service.clock.now();
    Ok(shops.get(&shop).and_then(|destination| destination.account_at(now)).cloned())
}
