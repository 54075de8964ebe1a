//! Takes what a bank feed tells: verified, stored as it came, worked on afterwards.

use kernel::Timestamp;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::Payments;
use crate::providers::feeds::{self, Disbelieved, Proof};
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
    let tx = service.database.begin().await?;
    store::feed_event::insert(&tx, feed.name(), &provider_id, body, now).await?;
    tx.commit().await?;
    service.fed.notify_one();
    Ok(())
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
