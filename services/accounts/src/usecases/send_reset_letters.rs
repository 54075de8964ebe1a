//! Sends the letters with which forgotten passwords are set anew. Each try is noted before it is made, with the
//! digest of the token in it: a crash between noting and sending loses no letter, for it is tried again.

use std::time::{Duration, Instant};

use kernel::Timestamp;
use platform::database::Transaction;
use platform::mail::{Letter, Mailing};
use platform::secrets;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::domain::email::Email;
use crate::domain::login::Login;
use crate::domain::password_reset::{AskedReset, LETTERS_WITHIN, MOST_LETTERS, MOST_TRIES};
use crate::domain::reset_letter::ResetLetter;
use crate::domain::user::User;
use crate::service::Context;
use crate::store;

/// Letters of one sweep.
const BATCH: u64 = 50;
/// For how long one sweep goes on: who stops the market waits for it.
const SWEEP: Duration = Duration::from_secs(5);

/// Sends what is due, one after the other on one connection, for a while.
pub async fn send_reset_letters(cx: &Context) -> anyhow::Result<()> {
    let Some(mailing) = &cx.mailing else { return Ok(()) };
    let due = store::password_resets::due(cx.database.reader(), cx.clock.now(), BATCH).await?;
    if due.is_empty() {
        return Ok(());
    }
    let done = send_all(cx, mailing, due).await;
    mailing.mailer.rest().await;
    done
}

async fn send_all(cx: &Context, mailing: &Mailing, due: Vec<AskedReset>) -> anyhow::Result<()> {
    let begun = Instant::now();
    for reset in due {
        if begun.elapsed() > SWEEP {
            break;
        }
        send(cx, mailing, &reset).await?;
    }
    Ok(())
}

async fn send(cx: &Context, mailing: &Mailing, reset: &AskedReset) -> anyhow::Result<()> {
    let (token, tries) = (secrets::random_token(), reset.tries + 1);
    let Some((user, address)) = claim(cx, reset, &token).await? else { return Ok(()) };
    let link = format!("{}/password/reset/{token}", mailing.pages);
    let said = ResetLetter::new(user.locale, &user.name, &link);
    let letter = Letter {
        // Another one each time: its link is another one, and the latest must not pass for the one before.
        id: Uuid::now_v7(),
        name: said.name,
        address: address.to_string(),
        subject: said.subject,
        text: said.text,
        written_at: cx.clock.now(),
    };
    let outcome = match mailing.mailer.send(&letter).await {
        Ok(()) => "sent",
        Err(error) => {
            tracing::warn!(reset = %reset.id, tries, %error, "a letter to reset a password did not leave");
            if !error.is_final() && tries < MOST_TRIES {
                return Ok(());
            }
            "given_up"
        }
    };
    let tx = cx.database.begin().await?;
    store::password_resets::end_letter(&tx, reset.id, tries).await?;
    tx.commit().await?;
    metrics::counter!("mails_total", "kind" => "password_reset", "outcome" => outcome).increment(1);
    Ok(())
}

/// Notes a try of the letter. `None`: it has no reader and is over, or somebody else is at it.
async fn claim(
    cx: &Context,
    reset: &AskedReset,
    token: &str,
) -> Result<Option<(User, Email)>, DbErr> {
    let now = cx.clock.now();
    let tx = cx.database.begin().await?;
    let Some((user, address)) = reader_of(&tx, reset, now).await? else {
        store::password_resets::end_letter(&tx, reset.id, reset.tries).await?;
        tx.commit().await?;
        return Ok(None);
    };
    let letter = reset.next_try(user.id, secrets::digest(token), now);
    if !store::password_resets::claim(&tx, reset, &letter).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some((user, address)))
}

/// To whom the letter goes, and where. Nobody: the login is nobody's, they gave no address, or they have had
/// letters enough.
async fn reader_of(
    tx: &Transaction,
    reset: &AskedReset,
    now: Timestamp,
) -> Result<Option<(User, Email)>, DbErr> {
    let person = match reset.person {
        _ if reset.is_stale(now) => None,
        Some(person) => Some(person),
        None => match Login::read(&reset.login) {
            Some(login) => store::users::by_login(tx, &login).await?.map(|known| known.user.id),
            None => None,
        },
    };
    let Some(person) = person else { return Ok(None) };
    // Locked, so that letters to one person are counted one after the other.
    let Some(user) = store::users::lock(tx, person).await? else { return Ok(None) };
    let first = reset.person.is_none();
    let since = now.before(LETTERS_WITHIN);
    if first && store::password_resets::letters_since(tx, person, since).await? >= MOST_LETTERS {
        return Ok(None);
    }
    Ok(user.email.clone().map(|address| (user, address)))
}
