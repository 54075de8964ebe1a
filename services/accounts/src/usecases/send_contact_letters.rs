//! Sends the letters about how people are reached. Each try is noted before it is made, with the digest of the token
//! in it: a crash between noting and sending loses no letter, for it is tried again.

use std::time::{Duration, Instant};

use platform::mail::{Letter, Mailing};
use platform::secrets;
use uuid::Uuid;

use crate::domain::contact_letter::{ContactLetter, MOST_TRIES, News, Said};
use crate::service::Context;
use crate::store;

/// Letters of one sweep.
const BATCH: u64 = 50;
/// For how long one sweep goes on: who stops the market waits for it.
const SWEEP: Duration = Duration::from_secs(5);

/// Sends what is due, one after the other on one connection, for a while.
pub async fn send_contact_letters(cx: &Context) -> anyhow::Result<()> {
    let Some(mailing) = &cx.mailing else { return Ok(()) };
    let due = store::contact_letters::due(cx.database.reader(), cx.clock.now(), BATCH).await?;
    if due.is_empty() {
        return Ok(());
    }
    let done = send_all(cx, mailing, due).await;
    mailing.mailer.rest().await;
    done
}

async fn send_all(cx: &Context, mailing: &Mailing, due: Vec<ContactLetter>) -> anyhow::Result<()> {
    let begun = Instant::now();
    for letter in due {
        if begun.elapsed() > SWEEP {
            break;
        }
        send(cx, mailing, &letter).await?;
    }
    Ok(())
}

async fn send(cx: &Context, mailing: &Mailing, letter: &ContactLetter) -> anyhow::Result<()> {
    let (now, tries) = (cx.clock.now(), letter.tries + 1);
    let token = (letter.news == News::Confirm).then(secrets::random_token);
    let digest = token.as_deref().map(secrets::digest);
    let tx = cx.database.begin().await?;
    // Somebody else is at it, or it was taken back.
    if !store::contact_letters::claim(&tx, letter, digest, letter.next_try_at(now)).await? {
        return Ok(());
    }
    tx.commit().await?;
    let person = store::users::by_ids(cx.database.reader(), &[letter.person]).await?.pop();
    let left = match person {
        Some(person) => {
            let link = match &token {
                Some(token) => format!("{}/my-data/email/{token}", mailing.pages),
                None => format!("{}/password/forgotten", mailing.pages),
            };
            let said = Said::new(person.locale, &person.name, letter.news, &link);
            let out = Letter {
                // Another one each time: its link is another one, and the latest must not pass for the one before.
                id: Uuid::now_v7(),
                name: String::new(),
                address: letter.address.to_string(),
                subject: said.subject,
                text: said.text,
                written_at: now,
            };
            match mailing.mailer.send(&out).await {
                Ok(()) => true,
                Err(error) => {
                    let id = letter.id;
                    tracing::warn!(letter = %id, tries, %error, "a letter of how somebody is reached did not leave");
                    if !error.is_final() && tries < MOST_TRIES {
                        return Ok(());
                    }
                    false
                }
            }
        }
        None => false,
    };
    let tx = cx.database.begin().await?;
    if left && letter.news == News::Confirm {
        store::contact_letters::left(&tx, letter.id, tries).await?;
    } else {
        store::contact_letters::over(&tx, letter.id, tries, cx.clock.now()).await?;
    }
    tx.commit().await?;
    let outcome = if left { "sent" } else { "given_up" };
    metrics::counter!("mails_total", "kind" => "contact", "outcome" => outcome).increment(1);
    Ok(())
}
