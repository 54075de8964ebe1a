//! Intents to pay, and what a card does to them.

use super::book::Book;
use super::cards::{Decline, TestCard};
use super::disputing;
use super::fees;
use super::forms::{Form, Metadata};
use super::objects::{
    BalanceTransaction, Charge, Intent, IntentStatus, Session, SessionStatus, Thing,
};
use super::refusals::{Refusal, Trouble};

/// What became of a try to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The money is taken.
    Paid,
    /// The bank said no.
    Declined(Decline),
    /// The bank asks its customer first.
    Asks,
}

/// Refuses other means than cards.
pub fn only_cards(form: &mut Form) -> Result<(), Refusal> {
    let kinds = form.list("payment_method_types");
    if kinds.iter().all(|kind| kind == "card") {
        return Ok(());
    }
    Err(Refusal::parameter("payment_method_types", "The sandbox knows cards only."))
}

/// `POST /v1/payment_intents`
pub async fn create_intent(book: &mut Book, form: &mut Form) -> Result<Intent, Trouble> {
    let amount = form.integer("amount")?;
    let amount = amount.ok_or_else(|| {
        Refusal::parameter("amount", "Missing required param: amount.").coded("parameter_missing")
    })?;
    let currency = form.required("currency")?;
    fees::chargeable("amount", amount, &currency)?;
    only_cards(form)?;
    let (description, metadata) = (form.take("description"), form.metadata("metadata")?);
    make_intent(book, None, (amount, currency), description, metadata).await
}

/// Makes an intent, of a page or by itself.
pub async fn make_intent(
    book: &mut Book,
    session: Option<&str>,
    (amount, currency): (i64, String),
    description: Option<String>,
    metadata: Metadata,
) -> Result<Intent, Trouble> {
    let id = Book::new_id("pi");
    let intent = Intent {
        client_secret: format!("{id}_secret_{}", platform::secrets::random_token()),
        id,
        session: session.map(ToOwned::to_owned),
        status: IntentStatus::RequiresPaymentMethod,
        amount,
        currency,
        description,
        metadata,
        latest_charge: None,
        last_error: None,
        asking: None,
        created: book.seconds(),
        canceled_at: None,
        cancellation_reason: None,
    };
    book.put(&intent).await?;
    book.announce("payment_intent.created", &intent).await?;
    Ok(intent)
}

/// `POST /v1/payment_intents/{id}/confirm`, with a payment method of Stripe's tests or a test card's
/// number.
pub async fn confirm_intent(
    book: &mut Book,
    form: &mut Form,
    id: &str,
) -> Result<(Intent, Attempt), Trouble> {
    let number = "payment_method_data[card][number]";
    let card = match (form.take("payment_method"), form.take(number)) {
        (Some(name), _) => TestCard::of_payment_method(&name)
            .ok_or_else(|| Refusal::missing("PaymentMethod", &name))?,
        (None, Some(typed)) => {
            TestCard::of_number(&typed).map_err(|decline| Refusal::declined(&decline))?
        }
        (None, None) => {
            let message = "A payment method is required.";
            return Err(Refusal::parameter("payment_method", message).into());
        }
    };
    form.under("payment_method_data");
    form.take("return_url");
    let intent: Intent = book.get(id).await?;
    by_itself(&intent)?;
    if intent.status != IntentStatus::RequiresPaymentMethod {
        return Err(unexpected_state(&intent, "confirm").into());
    }
    try_card(book, intent, card).await
}

/// `POST /v1/payment_intents/{id}/cancel`
pub async fn cancel_intent(book: &mut Book, form: &mut Form, id: &str) -> Result<Intent, Trouble> {
    let reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
    let reason = form.one_of("cancellation_reason", &reasons)?;
    let intent: Intent = book.get(id).await?;
    by_itself(&intent)?;
    if matches!(intent.status, IntentStatus::Succeeded | IntentStatus::Canceled) {
        return Err(unexpected_state(&intent, "cancel").into());
    }
    give_up(book, intent, reason.as_deref().unwrap_or("requested_by_customer")).await
}

/// Gives an intent up.
pub async fn give_up(book: &mut Book, mut intent: Intent, reason: &str) -> Result<Intent, Trouble> {
    intent.status = IntentStatus::Canceled;
    intent.asking = None;
    intent.canceled_at = Some(book.seconds());
    intent.cancellation_reason = Some(reason.to_owned());
    book.put(&intent).await?;
    book.announce("payment_intent.canceled", &intent).await?;
    Ok(intent)
}

/// The intent of a page is paid and given up on its page only.
fn by_itself(intent: &Intent) -> Result<(), Refusal> {
    match &intent.session {
        None => Ok(()),
        Some(session) => Err(Refusal::invalid(format!(
            "You cannot confirm or cancel the PaymentIntent of the Checkout Session {session}."
        ))
        .coded("payment_intent_unexpected_state")),
    }
}

fn unexpected_state(intent: &Intent, verb: &str) -> Refusal {
    let status = intent.shown()["status"].as_str().unwrap_or_default().to_owned();
    let message =
        format!("You cannot {verb} this PaymentIntent because it has a status of {status}.");
    Refusal::invalid(message).coded("payment_intent_unexpected_state")
}

/// Tries a card.
pub async fn try_card(
    book: &mut Book,
    mut intent: Intent,
    card: TestCard,
) -> Result<(Intent, Attempt), Trouble> {
    intent.asking = None;
    if let Some(decline) = card.decline() {
        return decline_card(book, intent, card, decline).await;
    }
    if card == TestCard::Authenticates {
        intent.status = IntentStatus::RequiresAction;
        intent.asking = Some(card);
        book.put(&intent).await?;
        book.announce("payment_intent.requires_action", &intent).await?;
        return Ok((intent, Attempt::Asks));
    }
    take_money(book, intent, card).await
}

/// The bank says no.
pub async fn decline_card(
    book: &mut Book,
    mut intent: Intent,
    card: TestCard,
    decline: Decline,
) -> Result<(Intent, Attempt), Trouble> {
    let charge = charge(book, &intent, card, Some(decline.clone()), None);
    intent.status = IntentStatus::RequiresPaymentMethod;
    intent.latest_charge = Some(charge.id.clone());
    intent.last_error = Some(decline.clone());
    book.put(&charge).await?;
    book.put(&intent).await?;
    book.announce("charge.failed", &charge).await?;
    book.announce("payment_intent.payment_failed", &intent).await?;
    Ok((intent, Attempt::Declined(decline)))
}

/// The bank says yes: the money is taken, and the page is paid if there is one.
pub async fn take_money(
    book: &mut Book,
    mut intent: Intent,
    card: TestCard,
) -> Result<(Intent, Attempt), Trouble> {
    let now = book.seconds();
    let currency = fees::currency(&intent.currency)?;
    let wait = if card == TestCard::BypassesPending {
        0
    } else {
        book.terms.available_after.as_secs() as i64
    };
    let mut charge = charge(book, &intent, card, None, None);
    let booked = BalanceTransaction {
        id: Book::new_id("txn"),
        kind: "charge".to_owned(),
        amount: intent.amount,
        fee: fees::of_charge(&book.terms, intent.amount, currency),
        currency: intent.currency.clone(),
        source: charge.id.clone(),
        description: intent.description.clone(),
        available_on: now + wait,
        created: now,
        payout: None,
    };
    charge.balance_transaction = Some(booked.id.clone());
    intent.status = IntentStatus::Succeeded;
    intent.latest_charge = Some(charge.id.clone());
    intent.last_error = None;
    book.put(&booked).await?;
    book.put(&charge).await?;
    book.put(&intent).await?;
    book.announce("charge.succeeded", &charge).await?;
    book.announce("payment_intent.succeeded", &intent).await?;
    if let Some(session) = &intent.session {
        let mut session: Session = book.get(session).await?;
        session.status = SessionStatus::Complete;
        book.put(&session).await?;
        book.announce("checkout.session.completed", &session).await?;
    }
    if card == TestCard::Disputed {
        disputing::open(book, charge, "fraudulent").await?;
    }
    Ok((intent, Attempt::Paid))
}

fn charge(
    book: &Book,
    intent: &Intent,
    card: TestCard,
    failure: Option<Decline>,
    balance_transaction: Option<String>,
) -> Charge {
    Charge {
        id: Book::new_id("ch"),
        intent: intent.id.clone(),
        card,
        amount: intent.amount,
        currency: intent.currency.clone(),
        amount_refunded: 0,
        disputed: false,
        balance_transaction,
        failure,
        description: intent.description.clone(),
        metadata: intent.metadata.clone(),
        created: book.seconds(),
    }
}
