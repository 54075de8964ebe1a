//! Begins to pay an open payment by card, or goes on with the try there is.
//!
//! The try is written down before the provider is asked, with all that it is asked, and the provider
//! is asked under a key made of the try's id: after a crash at any point the same is asked again.

use std::time::Duration;

use kernel::{CheckoutId, Locale, Money, Timestamp};
use platform::ids;
use sea_orm::DbErr;

use super::open_card_attempt::{Opened, open_card_attempt};
use crate::Payments;
use crate::domain::card_attempt::{AttemptStatus, CardAttempt, CardWay};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::providers::card::{CardError, CardFailure};
use crate::service::CardParts;
use crate::store;
use crate::store::cards::attempt::KeptAttempt;
use crate::store::payment::Inserted;

/// The least time that Stripe keeps a page open: 30 minutes, and some for clocks that differ. What must
/// close sooner is closed by us.
const PAGE_LIFETIME: Duration = Duration::from_secs(35 * 60);
/// The longest: 24 hours.
const LONGEST_PAGE_LIFETIME: Duration = Duration::from_secs(23 * 3_600);
/// How long a caller waits for the provider; what takes longer is gone on with by the sweeper.
pub const CALL_PATIENCE: Duration = Duration::from_secs(6);
/// When a try of which nothing was heard is first looked at.
pub const FIRST_LOOK: Duration = Duration::from_secs(60);

/// Who wants to pay what, and how.
#[derive(Clone, Copy, Debug)]
pub struct StartCardAttempt {
    /// The checkout whose payment it is.
    pub checkout: CheckoutId,
    /// Where the card is typed.
    pub way: CardWay,
    /// The language of the page.
    pub locale: Locale,
}

/// Why nobody can pay by card now.
#[derive(Debug, thiserror::Error)]
pub enum StartCardAttemptError {
    /// The market takes no cards.
    #[error("the market takes no cards")]
    NoCards,
    /// The checkout has no payment.
    #[error("there is no payment of this checkout")]
    Unknown,
    /// The payment is paid or closed.
    #[error("the payment is {}", .0.name())]
    Closed(PaymentStatus),
    /// The provider does not take this payment.
    #[error("the card provider refused: {0}")]
    Refused(CardFailure),
    /// The provider cannot be asked now. The try is kept, and asking again goes on with it.
    #[error("the card provider cannot be asked now")]
    Unavailable,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Begins a try, or gives the live one: a payment has one at most.
pub async fn start_card_attempt(
    payments: &Payments,
    asked: StartCardAttempt,
) -> Result<Opened, StartCardAttemptError> {
    let service = &payments.0;
    let card = service.card.as_ref().ok_or(StartCardAttemptError::NoCards)?;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let found = store::payment::of_checkout(&tx, asked.checkout).await?;
    let found = found.ok_or(StartCardAttemptError::Unknown)?;
    let payment = store::payment::lock(&tx, found.id).await?;
    let payment = payment.ok_or(StartCardAttemptError::Unknown)?;
    if payment.status != PaymentStatus::Pending {
        return Err(StartCardAttemptError::Closed(payment.status));
    }
    if now > payment.expires_at {
        return Err(StartCardAttemptError::Closed(PaymentStatus::Expired));
    }
    let live = store::cards::attempt::live_of(&tx, payment.id).await?;
    let attempt = match live {
        Some(live) => {
            // The provider is asked outside of transactions.
            tx.rollback().await?;
            live
        }
        None => {
            let attempt = new_attempt(card, &payment, asked.way, asked.locale, now);
            if store::cards::attempt::insert(&tx, &attempt).await? == Inserted::Taken {
                return Err(StartCardAttemptError::Unavailable);
            }
            tx.commit().await?;
            metrics::counter!("card_attempts_total", "status" => "requested").increment(1);
            attempt
        }
    };
    open(payments, &attempt).await
}

/// A try of a payment that nobody has asked the provider for.
pub fn new_attempt(
    card: &CardParts,
    payment: &Payment,
    way: CardWay,
    locale: Locale,
    now: Timestamp,
) -> KeptAttempt {
    let closes_at = payment.expires_at.max(now.after(PAGE_LIFETIME));
    let checkout = payment.checkout().map(|id| id.to_string()).unwrap_or_default();
    KeptAttempt {
        attempt: CardAttempt {
            id: ids::new(),
            payment: payment.id,
            way,
            status: AttemptStatus::Requested,
            amount: payment.amount,
            created_at: now,
            changed_at: now,
        },
        provider: card.provider.name().to_owned(),
        description: format!("{} {}", card.market_name, payment.code),
        locale,
        return_url: format!("{}/checkout/{}", card.pages_url, checkout),
        page_closes_at: closes_at.min(now.after(LONGEST_PAGE_LIFETIME)),
        session: None,
        intent: None,
        charge: None,
        redirect_url: None,
        captured: None::<Money>,
        movement: None,
        failure: None,
        looks: 0,
        next_look_at: Some(now.after(FIRST_LOOK).min(payment.expires_at)),
    }
}

/// Asks the provider, if it was not asked yet; waits a while only.
async fn open(payments: &Payments, attempt: &KeptAttempt) -> Result<Opened, StartCardAttemptError> {
    let opening = open_card_attempt(payments, attempt);
    match tokio::time::timeout(CALL_PATIENCE, opening).await {
        Ok(Ok(opened)) => match opened.attempt.attempt.status {
            AttemptStatus::Failed => Err(StartCardAttemptError::Refused(CardFailure {
                code: opened.attempt.failure.clone(),
                ..CardFailure::default()
            })),
            _ => Ok(opened),
        },
        Ok(Err(error)) => match error.downcast::<DbErr>() {
            Ok(error) => Err(error.into()),
            Err(error) => {
                let known = error.downcast_ref::<CardError>().is_some();
                tracing::warn!(attempt = %attempt.attempt.id, known, error = format!("{error:#}"), "a card attempt waits");
                Err(StartCardAttemptError::Unavailable)
            }
        },
        Err(_) => Err(StartCardAttemptError::Unavailable),
    }
}
