//! Takes what a card provider tells: verified, stored as it came, worked on afterwards.

use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::Payments;
use crate::providers::card::stripe::webhook::{self, Disbelieved};
use crate::store;

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RecordCardEventError {
    /// It is not the provider's own.
    #[error(transparent)]
    Disbelieved(#[from] Disbelieved),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Stores an event once, however often it comes.
pub async fn record_card_event(
    payments: &Payments,
    signature: Option<&str>,
    body: &[u8],
) -> Result<(), RecordCardEventError> {
    let service = &payments.0;
    let now = service.clock.now();
    let verified = match &service.card {
        Some(card) => card.secrets.verify(signature, body, now),
        None => Err(Disbelieved::NoProof),
    };
    if let Err(reason) = verified {
        let tx = service.database.begin().await?;
        store::feed_event::reject(&tx, webhook::FEED, &reason.to_string(), now).await?;
        tx.commit().await?;
        metrics::counter!("feed_rejections_total", "feed" => webhook::FEED).increment(1);
        return Err(reason.into());
    }
    // What is signed and yet unreadable is kept, too, under its own hash: a person looks at it.
    let event_id = match webhook::read(body) {
        Ok(hint) => hint.id.to_string(),
        Err(_) => format!("unreadable-{}", hex::encode(Sha256::digest(body))),
    };
    let tx = service.database.begin().await?;
    store::cards::event::insert(&tx, webhook::FEED, &event_id, body, now).await?;
    tx.commit().await?;
    service.carded.notify_one();
    Ok(())
}
