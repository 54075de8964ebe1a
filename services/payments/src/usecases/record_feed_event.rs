//! Takes what a bank feed tells: verified, stored as it came, worked on afterwards.

use kernel::Timestamp;
use platform::batching::Unanswered;
use platform::database::concerns_all;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::Payments;
use crate::providers::feeds::{self, Disbelieved, Proof};
use crate::store;
use crate::store::feed_event::Delivery;

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is not the provider's own.
    #[error(transparent)]
    Disbelieved(#[from] Disbelieved),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Too much comes at once.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

/// Stores an event of a feed once, however often it comes.
pub async fn record_feed_event(
    payments: &Payments,
    proof: Proof<'_>,
    body: &[u8],
) -> Result<(), RecordError> {
    let service = &payments.0;
    let feed = proof.feed();
    let now = service.clock.now();
    if let Err(reason) = verify(payments, proof, body, now) {
        let tx = service.database.begin().await?;
        store::feed_event::reject(&tx, feed.name(), &reason.to_string(), now).await?;
        tx.commit().await?;
        metrics::counter!("feed_rejections_total", "feed" => feed.name()).increment(1);
        return Err(reason.into());
    }
    // What is signed and yet unreadable is kept, too, under its own hash: a person looks at it.
    let provider_id = match feeds::read(feed, body) {
        Ok(transfer) => transfer.provider_id,
        Err(_) => format!("unreadable-{}", hex::encode(Sha256::digest(body))),
    };
    let delivery =
        Delivery { feed: feed.name(), provider_id, body: body.to_vec(), received_at: now };
    let together = payments.clone();
    let stored = service.deliveries.ask(delivery, move |deliveries| {
        let payments = together.clone();
        async move { store_all(&payments, deliveries).await }
    });
    stored.await??;
    service.fed.notify_one();
    Ok(())
}

/// Stores what comes at the same moment in one transaction; one by one, if that fails.
async fn store_all(payments: &Payments, deliveries: Vec<Delivery>) -> Vec<Result<(), DbErr>> {
    match store_together(payments, &deliveries).await {
        Ok(()) => return deliveries.iter().map(|_| Ok(())).collect(),
        Err(error) if deliveries.len() == 1 || concerns_all(&error) => {
            return deliveries.iter().map(|_| Err(error.clone())).collect();
        }
        Err(error) => tracing::debug!(%error, "feed events are stored one by one"),
    }
    let mut outcomes = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        outcomes.push(store_together(payments, &[delivery]).await);
    }
    outcomes
}

async fn store_together(payments: &Payments, deliveries: &[Delivery]) -> Result<(), DbErr> {
    let tx = payments.0.database.begin().await?;
    store::feed_event::insert(&tx, deliveries).await?;
    tx.commit().await
}

/// Whether a call is the feed's own. Nothing is believed of a feed that is not configured.
fn verify(
    payments: &Payments,
    proof: Proof<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Disbelieved> {
    let service = &payments.0;
    match proof {
        Proof::Sepay(proof) => service.sepay.verify(proof, body, now),
        Proof::Casso(signature) => {
            let secret = service.casso.as_ref().ok_or(Disbelieved::NoProof)?;
            secret.verify(signature, body, now)
        }
        Proof::Payos => service.payos.as_ref().ok_or(Disbelieved::NoProof)?.verify(body),
    }
}
