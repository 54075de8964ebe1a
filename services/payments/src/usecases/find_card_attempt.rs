//! Which try it is that the card provider tells of: by the provider's name for it, or by our payment's
//! id that the provider keeps with it.

use anyhow::Context;
use kernel::CardAttemptId;

use crate::Payments;
use crate::providers::card::{CardPaymentReference, CardProvider};
use crate::store;

/// The try, if it is ours. One whose page we were never told of learns its name here.
pub async fn find_card_attempt(
    payments: &Payments,
    reference: &CardPaymentReference,
) -> anyhow::Result<Option<CardAttemptId>> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let db = service.database.reader();
    let provider = card.provider.name();
    if let Some(kept) = store::cards::attempt::by_reference(db, provider, reference).await? {
        return Ok(Some(kept.attempt.id));
    }
    let told = card.provider.get_payment(reference).await?;
    let Some(payment) = told.payment else { return Ok(None) };
    let mut found = store::cards::attempt::of_payments(db, &[payment]).await?;
    for kept in found.remove(&payment).unwrap_or_default().into_iter().rev() {
        let id = kept.attempt.id;
        let tx = service.database.begin().await?;
        let Some(mut kept) = store::cards::attempt::lock(&tx, id).await? else { continue };
        let unnamed = kept.session.is_none() && kept.intent.is_none();
        // A page has no intent before somebody pays on it: the page says whose intent it is.
        let page = kept.session.clone().filter(|_| kept.intent.is_none());
        if unnamed {
            kept.session = told.session.clone();
            kept.intent = told.intent.clone();
            store::cards::attempt::update(&tx, &kept).await?;
            tx.commit().await?;
            return Ok(Some(id));
        }
        tx.rollback().await?;
        if let (Some(session), Some(intent)) = (page, &told.intent)
            && of_page(card.provider.as_ref(), session, intent).await?
        {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

async fn of_page(
    provider: &dyn CardProvider,
    session: crate::providers::card::CheckoutSessionId,
    intent: &crate::providers::card::IntentId,
) -> anyhow::Result<bool> {
    let page = provider.get_payment(&CardPaymentReference::CheckoutSession(session)).await?;
    Ok(page.intent.as_ref() == Some(intent))
}
