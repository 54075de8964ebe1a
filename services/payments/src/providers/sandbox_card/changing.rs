//! Requests that change something: once per key, all or nothing.
//!
//! Source: docs.stripe.com/api/idempotent_requests. A key is kept for 24 hours with the answer that it
//! got, a refusal too. Two requests with one key at once are answered one after the other: the
//! second gets the answer of the first.

use axum::http::StatusCode;
use kernel::Timestamp;
use platform::database::Transaction;
use platform::secrets;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;

use super::book::Book;
use super::forms::Form;
use super::objects::Thing;
use super::paying::Attempt;
use super::refusals::{Refusal, Trouble};
use super::tables::keys;
use super::{SandboxCard, disputing, passing, paying, paying_out, reading, refunding, sessions};

/// How long a key is kept, in microseconds.
const KEPT_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// What may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A page.
    CreateSession,
    /// A page is to be closed.
    ExpireSession(String),
    /// An intent.
    CreateIntent,
    /// A card is tried.
    ConfirmIntent(String),
    /// An intent is given up.
    CancelIntent(String),
    /// Money is to go back.
    CreateRefund,
    /// We answer a dispute.
    AnswerDispute(String),
    /// We give in to a dispute.
    CloseDispute(String),
    /// What is available is paid out now.
    CreatePayout,
}

/// What the caller gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// HTTP's word for it.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
    /// Whether it is the answer that an earlier request with the same key got.
    pub replayed: bool,
}

impl Answer {
    /// A refusal as an answer.
    pub fn refused(refusal: &Refusal) -> Self {
        Self { status: refusal.status, body: refusal.body(), replayed: false }
    }
}

/// Does what is asked for, once per key.
pub async fn change(
    sandbox: &SandboxCard,
    wish: Change,
    key: Option<&str>,
    body: &[u8],
) -> Result<Answer, Trouble> {
    let form = Form::read(body)?;
    let fingerprint = fingerprint(&wish, &form);
    sandbox.catch_up().await?;
    let mut book = sandbox.open_book().await?;
    if let Some(key) = key
        && let Some(answer) = known(book.tx(), key, &fingerprint, book.now).await?
    {
        return Ok(answer);
    }
    book.key = key.map(ToOwned::to_owned);
    match apply(sandbox, &mut book, wish, form).await {
        Ok(answer) => {
            if let Some(key) = key {
                keep(book.tx(), key, &fingerprint, &answer, book.now).await?;
            }
            book.close().await?;
            sandbox.wake();
            Ok(answer)
        }
        Err(Trouble::Refused(refusal)) => {
            // Whatever was written before the refusal goes with its transaction.
            drop(book);
            let answer = Answer::refused(&refusal);
            if let Some(key) = key {
                let book = sandbox.open_book().await?;
                keep(book.tx(), key, &fingerprint, &answer, book.now).await?;
                book.close().await?;
            }
            Ok(answer)
        }
        Err(trouble) => Err(trouble),
    }
}

async fn apply(
    sandbox: &SandboxCard,
    book: &mut Book,
    wish: Change,
    mut form: Form,
) -> Result<Answer, Trouble> {
    let expand = form.list("expand");
    let (status, mut body) = match wish {
        Change::CreateSession => {
            let url = &sandbox.parts.public_url;
            done(&sessions::create_session(book, &mut form, url).await?)
        }
        Change::ExpireSession(id) => done(&sessions::expire_session(book, &id).await?),
        Change::CreateIntent => done(&paying::create_intent(book, &mut form).await?),
        Change::ConfirmIntent(id) => {
            let (intent, attempt) = paying::confirm_intent(book, &mut form, &id).await?;
            match attempt {
                Attempt::Declined(decline) => {
                    let refusal = Refusal::declined(&decline);
                    let mut body = refusal.body();
                    body["error"]["payment_intent"] = intent.shown();
                    (refusal.status, body)
                }
                Attempt::Paid | Attempt::Asks => done(&intent),
            }
        }
        Change::CancelIntent(id) => done(&paying::cancel_intent(book, &mut form, &id).await?),
        Change::CreateRefund => done(&refunding::create_refund(book, &mut form).await?),
        Change::AnswerDispute(id) => done(&disputing::answer(book, &mut form, &id).await?),
        Change::CloseDispute(id) => done(&disputing::close(book, &id).await?),
        Change::CreatePayout => {
            let payouts = paying_out::pay_out(book, false).await?;
            let payout = payouts.first().ok_or_else(|| {
                Refusal::invalid("You have insufficient funds in your Stripe account.")
                    .coded("balance_insufficient")
            })?;
            done(payout)
        }
    };
    form.finish()?;
    if status == StatusCode::OK {
        reading::expand(book.tx(), &mut body, &expand).await?;
    }
    Ok(Answer { status, body, replayed: false })
}

fn done(thing: &impl Thing) -> (StatusCode, Value) {
    (StatusCode::OK, thing.shown())
}

fn fingerprint(wish: &Change, form: &Form) -> String {
    hex::encode(secrets::digest(&format!("{wish:?}\n{}", form.canonical())))
}

/// What an earlier request with the key got; a refusal, if that was another request.
async fn known(
    tx: &Transaction,
    key: &str,
    fingerprint: &str,
    now: Timestamp,
) -> Result<Option<Answer>, Trouble> {
    let forgotten = now.micros() - KEPT_MICROS;
    let kept =
        keys::Entity::find_by_id(key).filter(keys::Column::CreatedAt.gt(forgotten)).one(tx).await?;
    let Some(kept) = kept else { return Ok(None) };
    if kept.fingerprint != fingerprint {
        return Ok(Some(Answer::refused(&Refusal::key_of_another_request(key))));
    }
    let status = u16::try_from(kept.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
    Ok(Some(Answer {
        status: status.unwrap_or(StatusCode::OK),
        body: serde_json::from_str(&kept.answer)?,
        replayed: true,
    }))
}

/// Keeps an answer under its key, and forgets what is too old.
async fn keep(
    tx: &Transaction,
    key: &str,
    fingerprint: &str,
    answer: &Answer,
    now: Timestamp,
) -> Result<(), DbErr> {
    keys::Entity::delete_many()
        .filter(keys::Column::CreatedAt.lte(now.micros() - KEPT_MICROS))
        .exec(tx)
        .await?;
    let row = keys::Model {
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
        status: i32::from(answer.status.as_u16()),
        answer: answer.body.to_string(),
        created_at: now.micros(),
    };
    let first = OnConflict::column(keys::Column::Key).do_nothing().to_owned();
    keys::Entity::insert(row.into_active_model())
        .on_conflict(first)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

impl SandboxCard {
    /// Opens the book at this moment.
    pub(super) async fn open_book(&self) -> Result<Book, DbErr> {
        let now = self.clock.now();
        Book::open(&self.database, now, self.parts.terms, self.bank.is_some()).await
    }

    /// Does what time has brought about by now, if anything.
    pub(super) async fn catch_up(&self) -> Result<(), Trouble> {
        while reading::any_due(self.database.reader(), self.clock.now()).await? {
            let mut book = self.open_book().await?;
            passing::pass(&mut book).await?;
            book.close().await?;
            self.wake();
        }
        Ok(())
    }
}
