//! Sends the letters that bring invitations to email addresses. Each try is noted before it is made, with the digest
//! of the token in it: a crash between noting and sending loses no letter, for it is tried again.

use std::time::{Duration, Instant};

use platform::mail::{Letter, Mailing};
use platform::secrets;
use uuid::Uuid;

use crate::domain::invitation::{Invitation, MOST_TRIES};
use crate::domain::invitation_letter::InvitationLetter;
use crate::service::Context;
use crate::store;

/// Letters of one sweep.
const BATCH: u64 = 50;
/// For how long one sweep goes on: who stops the market waits for it.
const SWEEP: Duration = Duration::from_secs(5);

/// Sends what is due, one after the other on one connection, for a while.
pub async fn send_invitation_letters(cx: &Context) -> anyhow::Result<()> {
    let Some(mailing) = &cx.mailing else { return Ok(()) };
    let due = store::invitations::due(cx.database.reader(), cx.clock.now(), BATCH).await?;
    if due.is_empty() {
        return Ok(());
    }
    let done = send_all(cx, mailing, due).await;
    mailing.mailer.rest().await;
    done
}

async fn send_all(cx: &Context, mailing: &Mailing, due: Vec<Invitation>) -> anyhow::Result<()> {
    let begun = Instant::now();
    for invitation in due {
        if begun.elapsed() > SWEEP {
            break;
        }
        send(cx, mailing, &invitation).await?;
    }
    Ok(())
}

async fn send(cx: &Context, mailing: &Mailing, invitation: &Invitation) -> anyhow::Result<()> {
    let (now, token, tries) = (cx.clock.now(), secrets::random_token(), invitation.tries + 1);
    let tx = cx.database.begin().await?;
    let next = invitation.next_try_at(now);
    // Somebody else is at it, or it was taken back.
    if !store::invitations::claim(&tx, invitation, secrets::digest(&token), next).await? {
        return Ok(());
    }
    tx.commit().await?;
    let reader = cx.database.reader();
    let shop = store::shops::by_ids(reader, &[invitation.shop]).await?.pop();
    let inviter = store::users::by_ids(reader, &[invitation.invited_by]).await?.pop();
    let outcome = match shop.zip(inviter) {
        Some((shop, inviter)) => {
            let link = format!("{}/join/{token}", mailing.pages);
            // In the language of who invites: of who is invited nothing is known.
            let called = shop.called_to_strangers();
            let said = InvitationLetter::new(inviter.locale, called, invitation.role, &link);
            let letter = Letter {
                // Another one each time: its link is another one, and the latest must not pass for the one before.
                id: Uuid::now_v7(),
                name: String::new(),
                address: invitation.contact.as_str().to_owned(),
                subject: said.subject,
                text: said.text,
                written_at: now,
            };
            match mailing.mailer.send(&letter).await {
                Ok(()) => "sent",
                Err(error) => {
                    let id = invitation.id;
                    tracing::warn!(invitation = %id, tries, %error, "a letter that invites did not leave");
                    if !error.is_final() && tries < MOST_TRIES {
                        return Ok(());
                    }
                    "given_up"
                }
            }
        }
        None => "given_up",
    };
    let tx = cx.database.begin().await?;
    store::invitations::end_letter(&tx, invitation.id, tries).await?;
    tx.commit().await?;
    metrics::counter!("mails_total", "kind" => "invitation", "outcome" => outcome).increment(1);
    Ok(())
}
