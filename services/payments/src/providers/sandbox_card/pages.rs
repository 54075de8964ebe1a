//! The page on which a shopper pays, as Stripe's hosted Checkout: no script, no inline style, phone
//! first, in the language of the session.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use kernel::{Locale, Money};
use serde::Deserialize;

use super::SandboxCard;
use super::book;
use super::cards::TestCard;
use super::fees;
use super::objects::{Intent, IntentStatus, Session, SessionStatus};
use super::paying::Attempt;
use super::refusals::Trouble;
use super::sessions;
use super::texts::Texts;

const STYLE: &str = include_str!("../../../assets/sandbox_card.css");
/// What Stripe replaces in addresses to return to.
const SESSION_PLACE: &str = "{CHECKOUT_SESSION_ID}";

#[derive(Template)]
#[template(path = "sandbox_card/checkout.html")]
struct CheckoutPage<'a> {
    texts: Texts,
    session: &'a str,
    description: &'a str,
    amount: String,
    cancel_url: Option<&'a str>,
    problem: Option<&'a str>,
    cards: Vec<CardView>,
}

struct CardView {
    number: &'static str,
    spaced: String,
    what: String,
}

#[derive(Template)]
#[template(path = "sandbox_card/asks.html")]
struct AsksPage<'a> {
    texts: Texts,
    session: &'a str,
    amount: String,
}

#[derive(Template)]
#[template(path = "sandbox_card/closed.html")]
struct ClosedPage<'a> {
    texts: Texts,
    title: &'a str,
    words: &'a str,
    onward: Option<String>,
}

type Sandbox = State<Arc<SandboxCard>>;

/// `GET /sandbox/card/checkout.css`
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `GET /sandbox/card/checkout/{session}`
pub async fn show(State(sandbox): Sandbox, Path(id): Path<String>) -> Response {
    match open_session(&sandbox, &id).await {
        Ok(session) => checkout(&session, None),
        Err(page) => page,
    }
}

/// What the shopper typed. Expiry and code are not looked at: test cards have every one.
#[derive(Deserialize)]
pub struct Typed {
    number: String,
}

/// `POST /sandbox/card/checkout/{session}/pay`
pub async fn pay(
    State(sandbox): Sandbox,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response {
    if from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let session = match open_session(&sandbox, &id).await {
        Ok(session) => session,
        Err(page) => return page,
    };
    let card = match TestCard::of_number(&typed.number) {
        Ok(card) => card,
        Err(decline) => return checkout(&session, Some(decline.reason())),
    };
    let attempt = sandbox.write(async |book| sessions::pay_session(book, &id, card).await).await;
    after(&session, attempt)
}

/// `GET /sandbox/card/checkout/{session}/bank`
pub async fn ask(State(sandbox): Sandbox, Path(id): Path<String>) -> Response {
    let session = match open_session(&sandbox, &id).await {
        Ok(session) => session,
        Err(page) => return page,
    };
    let asks = match &session.intent {
        Some(intent) => book::find::<Intent>(sandbox.database.reader(), intent).await,
        None => Ok(None),
    };
    match asks {
        Ok(Some(intent)) if intent.status == IntentStatus::RequiresAction => {
            let texts = texts(&session);
            let amount = amount(&session, texts);
            render(
                StatusCode::OK,
                &AsksPage { texts, session: &session.id, amount },
                Some(&session),
            )
        }
        Ok(_) => Redirect::to(&session.url).into_response(),
        Err(trouble) => fault(&trouble),
    }
}

/// What the shopper answers the bank.
#[derive(Deserialize)]
pub struct Answered {
    answer: String,
}

/// `POST /sandbox/card/checkout/{session}/bank`
pub async fn answer(
    State(sandbox): Sandbox,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(answered): Form<Answered>,
) -> Response {
    if from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let session = match open_session(&sandbox, &id).await {
        Ok(session) => session,
        Err(page) => return page,
    };
    let yes = answered.answer == "yes";
    let attempt = sandbox.write(async |book| sessions::answer_bank(book, &id, yes).await).await;
    after(&session, attempt)
}

/// Where a shopper goes after a try.
fn after(session: &Session, attempt: Result<Option<Attempt>, Trouble>) -> Response {
    match attempt {
        Ok(Some(Attempt::Paid)) => Redirect::to(&success_url(session)).into_response(),
        Ok(Some(Attempt::Asks)) => Redirect::to(&format!("{}/bank", session.url)).into_response(),
        Ok(Some(Attempt::Declined(decline))) => checkout(session, Some(decline.reason())),
        // Somebody was faster: the page says how it stands.
        Ok(None) => Redirect::to(&session.url).into_response(),
        Err(trouble) => fault(&trouble),
    }
}

/// The session of an id while it is open; or the page that says why it is not.
async fn open_session(sandbox: &SandboxCard, id: &str) -> Result<Session, Response> {
    sandbox.catch_up().await.map_err(|trouble| fault(&trouble))?;
    let found = book::find::<Session>(sandbox.database.reader(), id).await;
    let Some(session) = found.map_err(|trouble| fault(&trouble))? else {
        let texts = Texts::of(Locale::default());
        let (title, words) = (texts.say("missing_title"), texts.say("missing"));
        let page = ClosedPage { texts, title, words, onward: None };
        return Err(render(StatusCode::NOT_FOUND, &page, None));
    };
    let texts = texts(&session);
    let (status, title, words, onward) = match session.status {
        SessionStatus::Open => return Ok(session),
        SessionStatus::Complete => {
            (StatusCode::OK, "paid_title", "paid", Some(success_url(&session)))
        }
        SessionStatus::Expired => {
            (StatusCode::GONE, "expired_title", "expired", session.cancel_url.clone())
        }
    };
    let page = ClosedPage { texts, title: texts.say(title), words: texts.say(words), onward };
    Err(render(status, &page, Some(&session)))
}

/// The page with its form; after a card was declined, with the reason.
fn checkout(session: &Session, declined: Option<&str>) -> Response {
    let texts = texts(session);
    let view = |card: TestCard| {
        let name = serde_json::to_value(card).unwrap_or_default();
        let what = texts.of_kind("card", name.as_str().unwrap_or_default()).to_owned();
        CardView { number: card.number(), spaced: card.spaced(), what }
    };
    let page = CheckoutPage {
        texts,
        session: &session.id,
        description: &session.description,
        amount: amount(session, texts),
        cancel_url: session.cancel_url.as_deref(),
        problem: declined.map(|reason| texts.of_kind("declined", reason)),
        cards: TestCard::ALL.into_iter().map(view).collect(),
    };
    let status = if declined.is_some() { StatusCode::PAYMENT_REQUIRED } else { StatusCode::OK };
    render(status, &page, Some(session))
}

fn texts(session: &Session) -> Texts {
    let locale = session.locale.as_deref().and_then(|tag| tag.parse().ok());
    Texts::of(locale.unwrap_or_default())
}

fn amount(session: &Session, texts: Texts) -> String {
    match fees::currency(&session.currency) {
        Ok(currency) => Money::new(session.amount, currency).formatted(texts.locale()),
        Err(_) => format!("{} {}", session.amount, session.currency),
    }
}

fn success_url(session: &Session) -> String {
    session.success_url.replace(SESSION_PLACE, &session.id)
}

/// Browsers say where a form comes from; one of another site is not the shopper's wish.
fn from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// The page with the headers of the market's own pages. Forms may lead on to where the session says,
/// as browsers hold redirects to `form-action`, too.
fn render(status: StatusCode, page: &impl Template, session: Option<&Session>) -> Response {
    let body = match page.render() {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a page of the card sandbox cannot be shown");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let onward = session.map(onward_origins).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self'{onward}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = (status, Html(body)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = policy.parse() {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn onward_origins(session: &Session) -> String {
    let urls = [Some(&session.success_url), session.cancel_url.as_ref()];
    let origins = urls.into_iter().flatten().filter_map(|url| reqwest::Url::parse(url).ok());
    origins.map(|url| format!(" {}", url.origin().ascii_serialization())).collect()
}

fn fault(trouble: &Trouble) -> Response {
    tracing::error!(%trouble, "the card sandbox could not do it");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
