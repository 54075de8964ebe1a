//! Pages on which a shopper pays.

use super::book::Book;
use super::cards::{Decline, TestCard};
use super::fees;
use super::forms::Form;
use super::objects::{Intent, Session, SessionStatus};
use super::paying::{
    Attempt, decline_card, give_up, make_intent, only_cards, take_money, try_card,
};
use super::refusals::{Refusal, Trouble};

/// How long a page may be open, in seconds.
const SESSION_SECONDS: (i64, i64) = (30 * 60, 24 * 3_600);
/// Lines of one page at most, as Stripe says.
const MAX_LINES: usize = 100;

/// `POST /v1/checkout/sessions`
pub async fn create_session(
    book: &mut Book,
    form: &mut Form,
    public_url: &str,
) -> Result<Session, Trouble> {
    let created = book.seconds();
    form.required("mode")?;
    only_cards(form)?;
    if form.take("adaptive_pricing[enabled]").is_some_and(|wish| wish != "false") {
        let message = "The sandbox converts no currencies.";
        return Err(Refusal::parameter("adaptive_pricing[enabled]", message).into());
    }
    let (amount, currency, description) = lines(form)?;
    let id = Book::new_id("cs_test");
    let session = Session {
        url: format!("{public_url}/sandbox/card/checkout/{id}"),
        id,
        status: SessionStatus::Open,
        intent: None,
        amount,
        currency,
        description,
        locale: form.one_of("locale", &["vi", "en", "auto"])?,
        success_url: address(form, "success_url")?.ok_or_else(|| {
            Refusal::parameter("success_url", "Missing required param: success_url.")
        })?,
        cancel_url: address(form, "cancel_url")?,
        client_reference_id: form.take("client_reference_id"),
        metadata: form.metadata("metadata")?,
        intent_metadata: form.metadata("payment_intent_data[metadata]")?,
        intent_description: form.take("payment_intent_data[description]"),
        created,
        expires_at: expires_at(form, created)?,
    };
    book.put(&session).await?;
    Ok(session)
}

/// The sum of the lines of a page, its currency, and what the shopper reads.
fn lines(form: &mut Form) -> Result<(i64, String, String), Refusal> {
    let (mut total, mut currency, mut names) = (0_i64, None, Vec::new());
    for line in 0..MAX_LINES {
        let name = |field: &str| format!("line_items[{line}]{field}");
        let unit = name("[price_data][unit_amount]");
        let Some(unit_amount) = form.integer(&unit)? else { break };
        let quantity = form.integer(&name("[quantity]"))?.unwrap_or(1);
        let of_line = form.required(&name("[price_data][currency]"))?;
        names.push(form.required(&name("[price_data][product_data][name]"))?);
        if currency.get_or_insert_with(|| of_line.clone()) != &of_line {
            return Err(Refusal::parameter("line_items", "All prices must have one currency."));
        }
        let sum = unit_amount.checked_mul(quantity).filter(|_| quantity > 0 && unit_amount > 0);
        total = sum.and_then(|sum| total.checked_add(sum)).ok_or_else(|| {
            Refusal::parameter(&unit, "Invalid integer").coded("parameter_invalid_integer")
        })?;
    }
    let Some(currency) = currency else {
        return Err(Refusal::parameter("line_items", "Missing required param: line_items."));
    };
    fees::chargeable("line_items[0][price_data][unit_amount]", total, &currency)?;
    Ok((total, currency, names.join(", ")))
}

fn address(form: &mut Form, name: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = form.take(name) else { return Ok(None) };
    let web = reqwest::Url::parse(&text).ok();
    match web.filter(|url| matches!(url.scheme(), "http" | "https")) {
        Some(_) => Ok(Some(text)),
        None => Err(Refusal::parameter(name, "Not a valid URL").coded("url_invalid")),
    }
}

fn expires_at(form: &mut Form, created: i64) -> Result<i64, Refusal> {
    let (least, most) = SESSION_SECONDS;
    let Some(wish) = form.integer("expires_at")? else { return Ok(created + most) };
    let refused = |word: &str| {
        let message =
            format!("The `expires_at` timestamp must be {word} from Checkout Session creation.");
        Err(Refusal::parameter("expires_at", message))
    };
    match wish.saturating_sub(created) {
        open if open < least => refused("at least 30 minutes"),
        open if open > most => refused("less than 24 hours"),
        _ => Ok(wish),
    }
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub async fn expire_session(book: &mut Book, id: &str) -> Result<Session, Trouble> {
    let session: Session = book.get(id).await?;
    if session.status != SessionStatus::Open {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
        return Err(Refusal::invalid(message).into());
    }
    close_session(book, session).await
}

/// Closes a page that is open: by a request, or because its time has come. Its intent, if somebody
/// tried to pay, is given up with it.
pub async fn close_session(book: &mut Book, mut session: Session) -> Result<Session, Trouble> {
    session.status = SessionStatus::Expired;
    book.put(&session).await?;
    if let Some(intent) = &session.intent {
        let intent = book.get(intent).await?;
        give_up(book, intent, "abandoned").await?;
    }
    book.announce("checkout.session.expired", &session).await?;
    Ok(session)
}

/// A shopper pays on a page. Nothing, if the page is not open any more.
pub async fn pay_session(
    book: &mut Book,
    id: &str,
    card: TestCard,
) -> Result<Option<Attempt>, Trouble> {
    let mut session: Session = book.get(id).await?;
    if session.status != SessionStatus::Open {
        return Ok(None);
    }
    let intent = match &session.intent {
        Some(intent) => book.get(intent).await?,
        None => {
            let money = (session.amount, session.currency.clone());
            let (text, metadata) =
                (session.intent_description.clone(), session.intent_metadata.clone());
            let intent = make_intent(book, Some(id), money, text, metadata).await?;
            session.intent = Some(intent.id.clone());
            book.put(&session).await?;
            intent
        }
    };
    let (_, attempt) = try_card(book, intent, card).await?;
    Ok(Some(attempt))
}

/// The shopper answered the bank. Nothing, if the bank asks nothing (any more).
pub async fn answer_bank(
    book: &mut Book,
    session: &str,
    authenticated: bool,
) -> Result<Option<Attempt>, Trouble> {
    let session: Session = book.get(session).await?;
    let Some(intent) = session.intent.filter(|_| session.status == SessionStatus::Open) else {
        return Ok(None);
    };
    let mut intent: Intent = book.get(&intent).await?;
    let Some(card) = intent.asking.take() else { return Ok(None) };
    if authenticated {
        let (_, attempt) = take_money(book, intent, card).await?;
        return Ok(Some(attempt));
    }
    let decline = Decline::not_authenticated();
    decline_card(book, intent, card, decline).await.map(|(_, attempt)| Some(attempt))
}
