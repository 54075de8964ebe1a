//! Asks the card provider for the page or the form on which a try is paid. It may be asked again and
//! again: the provider knows it by the try's key.

use anyhow::Context;

use super::start_card_attempt::FIRST_LOOK;
use crate::Payments;
use crate::domain::card_attempt::{AttemptStatus, CardWay};
use crate::providers::card::{
    CardError, CardProvider, CardRefusal, CheckoutSessionRequest, ClientSecret, IdempotencyKey,
    PaymentIntentRequest,
};
use crate::store;
use crate::store::cards::attempt::KeptAttempt;

/// A try that the shopper can pay.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The try.
    pub attempt: KeptAttempt,
    /// What the provider's form needs, where the card is typed in our page.
    pub client_secret: Option<ClientSecret>,
}

/// Opens a try. One that is open is given as it is; one that the provider refuses fails.
pub async fn open_card_attempt(payments: &Payments, kept: &KeptAttempt) -> anyhow::Result<Opened> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let embedded = kept.attempt.way == CardWay::Embedded;
    let asked = match kept.attempt.status {
        AttemptStatus::Requested => true,
        // The secret is kept nowhere: the same request under the same key gives it again.
        AttemptStatus::Open | AttemptStatus::Processing => embedded,
        _ => false,
    };
    if !asked {
        return Ok(Opened { attempt: kept.clone(), client_secret: None });
    }
    let answer = if embedded {
        create_intent(card.provider.as_ref(), kept).await
    } else {
        create_session(card.provider.as_ref(), kept).await
    };
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let locked = store::cards::attempt::lock(&tx, kept.attempt.id).await?;
    let mut locked = locked.context("a card attempt is gone")?;
    let mut client_secret = None;
    match answer {
        Ok((told, secret)) => {
            // A webhook may have been quicker: what it said stands.
            if locked.attempt.status == AttemptStatus::Requested {
                locked.attempt.status = AttemptStatus::Open;
                locked.next_look_at = Some(now.after(FIRST_LOOK));
            }
            locked.session = locked.session.or(told.session);
            locked.intent = locked.intent.or(told.intent);
            locked.redirect_url = locked.redirect_url.or(told.redirect_url);
            locked.looks = 0;
            client_secret = secret;
        }
        Err(error @ (CardError::Refused(_) | CardError::Declined(_))) => {
            if locked.attempt.status != AttemptStatus::Requested {
                return Ok(Opened { attempt: locked, client_secret });
            }
            tracing::warn!(attempt = %locked.attempt.id, %error, "the card provider refused an attempt");
            locked.attempt.status = AttemptStatus::Failed;
            locked.failure = Some(failure_code(&error));
            locked.next_look_at = None;
        }
        Err(error) => return Err(error.into()),
    }
    locked.attempt.changed_at = now;
    store::cards::attempt::update(&tx, &locked).await?;
    tx.commit().await?;
    let status = locked.attempt.status.name();
    metrics::counter!("card_attempts_total", "status" => status).increment(1);
    Ok(Opened { attempt: locked, client_secret })
}

type Told = (KeptAttempt, Option<ClientSecret>);

async fn create_session(
    provider: &dyn CardProvider,
    kept: &KeptAttempt,
) -> Result<Told, CardError> {
    let request = CheckoutSessionRequest {
        payment: kept.attempt.payment,
        amount: kept.attempt.amount,
        description: kept.description.clone(),
        locale: kept.locale,
        success_url: kept.return_url.clone(),
        cancel_url: kept.return_url.clone(),
        expires_at: kept.page_closes_at,
    };
    let session = provider.create_checkout_session(&request, &key_of(kept)?).await?;
    let (id, url) = (Some(session.id), Some(session.url));
    Ok((KeptAttempt { session: id, redirect_url: url, ..kept.clone() }, None))
}

async fn create_intent(provider: &dyn CardProvider, kept: &KeptAttempt) -> Result<Told, CardError> {
    let request = PaymentIntentRequest {
        payment: kept.attempt.payment,
        amount: kept.attempt.amount,
        description: Some(kept.description.clone()),
    };
    let intent = provider.create_payment_intent(&request, &key_of(kept)?).await?;
    let told = KeptAttempt { intent: Some(intent.id), ..kept.clone() };
    Ok((told, Some(intent.client_secret)))
}

fn key_of(kept: &KeptAttempt) -> Result<IdempotencyKey, CardError> {
    key(format!("attempt:{}", kept.attempt.id))
}

/// An idempotency key of a text of ours.
pub fn key(text: String) -> Result<IdempotencyKey, CardError> {
    IdempotencyKey::new(text).map_err(|error| CardError::Unavailable(Box::new(error)))
}

/// A short code for what the provider does not take: for operators, and for the shopper's refusal.
pub fn failure_code(error: &CardError) -> String {
    let code = match error {
        CardError::Declined(failure) => failure.decline_code.as_deref().or(failure.code.as_deref()),
        CardError::Refused(CardRefusal::Amount { .. }) => Some("amount_not_accepted"),
        CardError::Refused(CardRefusal::Unauthorized) => Some("unauthorized"),
        CardError::Refused(CardRefusal::KeyOfAnotherRequest) => Some("key_of_another_request"),
        CardError::Refused(CardRefusal::Disputed) => Some("disputed"),
        CardError::Refused(CardRefusal::AlreadyRefunded) => Some("already_refunded"),
        CardError::Refused(CardRefusal::BalanceTooLow) => Some("balance_too_low"),
        CardError::Refused(CardRefusal::NotFound) => Some("not_found"),
        CardError::Refused(CardRefusal::Other { code, .. }) => code.as_deref(),
        _ => None,
    };
    code.unwrap_or("refused").to_owned()
}
