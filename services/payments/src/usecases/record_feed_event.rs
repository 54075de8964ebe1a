//! Takes what a bank feed tells: verified, stored as it came, worked on afterwards.

use kernel::Timestamp;
use platform::batching::{Unanswered, together_or_alone};
use platform::secrets;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::Payments;
use crate::domain::payment_destination::ShopAccount;
use crate::providers::feeds::{self, Disbelieved, Feed, Proof};
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
    let now = service.clock.now();
    let verified = match verify(payments, proof, body, now) {
        Ok(()) => Ok(None),
        Err(reason) => shop_account(payments, proof, body).await?.map(Some).ok_or(reason),
    };
    let own = match verified {
        Ok(own) => own,
        Err(reason) => return Err(reject(payments, proof.feed(), reason, now).await?),
    };
    let feed = if own.is_some() { Feed::SepayOfShop } else { proof.feed() };
    // What is signed and yet unreadable is kept, too, under its own hash: a person looks at it.
    let mut provider_id = match feeds::read(feed, body) {
        Ok(transfer) => transfer.provider_id,
        Err(_) => format!("unreadable-{}", hex::encode(Sha256::digest(body))),
    };
    if let Some(own) = &own {
        // A shop says by its own key what ids there are: they must not be taken from another's.
        provider_id = format!("{}:{provider_id}", own.account.number());
    }
    let delivery =
        Delivery { feed: feed.name(), provider_id, body: body.to_vec(), received_at: now };
    let together = payments.clone();
    let stored = service.deliveries.ask(delivery, move |deliveries| {
        let payments = together.clone();
        async move { store_all(&payments, deliveries).await }
    });
    stored.await??;
    if let Some(own) = own.filter(|own| own.heard_at.is_none()) {
        let tx = service.database.begin().await?;
        store::shop_account::note_heard(&tx, own.account.number(), now).await?;
        tx.commit().await?;
        service.destinations.forget().await;
    }
    service.fed.notify_one();
    Ok(())
}

/// Notes that a call is not believed, and nothing else.
async fn reject(
    payments: &Payments,
    feed: Feed,
    reason: Disbelieved,
    now: Timestamp,
) -> Result<RecordError, DbErr> {
    let tx = payments.0.database.begin().await?;
    store::feed_event::reject(&tx, feed.name(), &reason.to_string(), now).await?;
    tx.commit().await?;
    metrics::counter!("feed_rejections_total", "feed" => feed.name()).increment(1);
    Ok(reason.into())
}

/// The shop's own account that a call tells of, if it shows that account's key. A key says nothing of any
/// other account.
async fn shop_account(
    payments: &Payments,
    proof: Proof<'_>,
    body: &[u8],
) -> Result<Option<ShopAccount>, DbErr> {
    let Proof::Sepay(proof) = proof else { return Ok(None) };
    let (Some(key), Ok(transfer)) = (proof.key(), feeds::read(Feed::SepayOfShop, body)) else {
        return Ok(None);
    };
    let db = payments.0.database.reader();
    let own = store::shop_account::by_feed_key(db, secrets::digest(key)).await?;
    Ok(own.filter(|own| own.account.number() == transfer.account_number))
}

/// Stores what comes at the same moment in one transaction; one by one, if that fails.
async fn store_all(payments: &Payments, deliveries: Vec<Delivery>) -> Vec<Result<(), DbErr>> {
    together_or_alone(
        deliveries,
        |all| async move {
            store::feed_event::insert(&payments.0.database, &all).await?;
            Ok(all.iter().map(|_| Ok(())).collect())
        },
        |one| async move { store::feed_event::insert(&payments.0.database, &[one]).await },
    )
    .await
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
