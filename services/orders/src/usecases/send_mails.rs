//! Sends the mails that are due. Each try is noted before it is made, so a mail that nobody takes is given up
//! some day; a crash between sending and noting it sends it again, with the same `Message-ID`.

use std::time::{Duration, Instant};

use platform::mail::Mailing;

use super::compose_mail::compose_mail;
use crate::Orders;
use crate::domain::mail::{MOST_TRIES, Mail};
use crate::store;

/// Mails of one sweep.
const BATCH: u64 = 50;
/// How long it is known which mails were sent: longer than any event may come again.
const KEPT: Duration = Duration::from_hours(90 * 24);
/// What waited for longer is no news any more. All tries of a mail come to less.
const STALE: Duration = Duration::from_hours(3 * 24);
/// For how long one sweep goes on: who stops the market waits for it.
const SWEEP: Duration = Duration::from_secs(5);
/// Mails forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u64 = 500;

/// Sends what is due, one after the other on one connection, for a while.
pub async fn send_mails(orders: &Orders) -> anyhow::Result<()> {
    let Some(mailing) = &orders.0.mailing else { return Ok(()) };
    let due = store::mail::due(orders.0.database.reader(), orders.0.clock.now(), BATCH).await?;
    if due.is_empty() {
        return Ok(());
    }
    let done = send_all(orders, mailing, due).await;
    mailing.mailer.rest().await;
    done
}

async fn send_all(orders: &Orders, mailing: &Mailing, due: Vec<Mail>) -> anyhow::Result<()> {
    let begun = Instant::now();
    for mail in due {
        if begun.elapsed() > SWEEP {
            break;
        }
        send(orders, mailing, mail).await?;
    }
    Ok(())
}

async fn send(orders: &Orders, mailing: &Mailing, mail: Mail) -> anyhow::Result<()> {
    let (id, tries, kind) = (mail.id, mail.tries + 1, mail.kind.name());
    let next = orders.0.clock.now().after(Mail::pause_after(tries));
    let tx = orders.0.database.begin().await?;
    if !store::mail::claim(&tx, &mail, next).await? {
        return Ok(());
    }
    tx.commit().await?;
    let outcome = match compose_mail(orders, &mail, &mailing.pages).await {
        Ok(None) => Some("pointless"),
        Ok(Some(letter)) => match mailing.mailer.send(&letter).await {
            Ok(()) => Some("sent"),
            Err(error) => {
                tracing::warn!(mail = %id, kind, tries, %error, "a mail did not leave");
                (error.is_final() || tries >= MOST_TRIES).then_some("given_up")
            }
        },
        Err(error) => {
            let error = format!("{error:#}");
            tracing::warn!(mail = %id, kind, tries, error, "a mail could not be written");
            (tries >= MOST_TRIES).then_some("given_up")
        }
    };
    let Some(outcome) = outcome else { return Ok(()) };
    let tx = orders.0.database.begin().await?;
    store::mail::end(&tx, id, outcome == "sent", orders.0.clock.now()).await?;
    tx.commit().await?;
    metrics::counter!("mails_total", "kind" => kind, "outcome" => outcome).increment(1);
    Ok(())
}

/// Gives up mails that nobody tried for days, as when they were switched off, and forgets those that were
/// over long ago.
pub async fn forget_mails(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let before = now.before(KEPT);
    let tx = orders.0.database.begin().await?;
    let given_up = store::mail::give_up(&tx, now.before(STALE), now).await?;
    metrics::counter!("mails_total", "kind" => "any", "outcome" => "given_up").increment(given_up);
    store::mail::forget(&tx, before, FORGOTTEN_AT_ONCE).await?;
    tx.commit().await?;
    Ok(())
}
