//! Takes what a bank feed tells: verified, stored as it came, worked on afterwards.

use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::Payments;
use crate::providers::feeds::sepay::{self, Disbelieved, Proof};
use crate::store;

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is not the provider's own.
    #[error(transparent)]
    Disbelieved(#[from] Disbelieved),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Stores an event of SePay once, however often it comes.
pub async fn record_sepay_event(
    payments: &Payments,
    proof: Proof<'_>,
    body: &[u8],
) -> Result<(), RecordError> {
    let service = &payments.0;
    let now = service.clock.now();
    if let Err(reason) = service.sepay.verify(proof, body, now) {
        let tx = service.database.begin().await?;
        store::feed_event::reject(&tx, sepay::FEED, &reason.to_string(), now).await?;
        tx.commit().await?;
        metrics::counter!("feed_rejections_total", "feed" => sepay::FEED).increment(1);
        return Err(reason.into());
    }
    // What is signed and yet unreadable is kept, too, under its own hash: a person looks at it.
    let provider_id = match sepay::read(body) {
        Ok(transfer) => transfer.provider_id,
        Err(_) => format!("unreadable-{}", hex::encode(Sha256::digest(body))),
    };
    let tx = service.database.begin().await?;
    store::feed_event::insert(&tx, sepay::FEED, &provider_id, body, now).await?;
    tx.commit().await?;
    service.fed.notify_one();
    Ok(())
}
