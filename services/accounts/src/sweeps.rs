//! Work in the background: sessions that ended long ago are removed, letters are sent, and what was asked for
//! long ago is forgotten.

use std::sync::{Arc, Weak};
use std::time::Duration;

use platform::workers::Periodic;

use crate::service::Context;
use crate::store;
use crate::usecases::send_contact_letters::send_contact_letters;
use crate::usecases::send_invitation_letters::send_invitation_letters;
use crate::usecases::send_reset_letters::send_reset_letters;

/// How often old sessions are looked for.
const EVERY: Duration = Duration::from_mins(10);
/// How long an expired session is kept, to answer questions about it.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// How often letters that are due are looked for: somebody waits for them.
const LETTERS_EVERY: Duration = Duration::from_secs(2);
/// How long it is kept who asked for a letter: longer than letters are counted, and than any of them counts.
const RESETS_KEPT: Duration = Duration::from_hours(24);
/// How long an invitation is kept after it could be accepted last.
const INVITATIONS_KEPT: Duration = Duration::from_hours(24);
/// How many rows are removed in one transaction.
const BATCH: u64 = 500;
/// How many transactions one run has at most; the rest waits for the next.
const BATCHES: usize = 20;

/// Removes sessions that expired a week ago, in small transactions.
pub(crate) fn remove_old_sessions(context: &Arc<Context>) -> Periodic {
    // Weak, or the work would keep the service alive that it belongs to.
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.old_sessions", EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            for _ in 0..BATCHES {
                let before = context.clock.now().before(KEPT);
                let tx = context.database.begin().await?;
                let removed = store::sessions::remove_expired(&tx, before, BATCH).await?;
                tx.commit().await?;
                if removed < BATCH {
                    break;
                }
            }
            Ok(())
        }
    })
}

/// Sends the letters that people wait for.
pub(crate) fn send_letters(context: &Arc<Context>) -> Periodic {
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.reset_letters", LETTERS_EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            send_reset_letters(&context).await
        }
    })
}

/// Forgets who asked to reset a password a day ago, in small transactions.
pub(crate) fn forget_resets(context: &Arc<Context>) -> Periodic {
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.old_resets", EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            for _ in 0..BATCHES {
                let before = context.clock.now().before(RESETS_KEPT);
                let tx = context.database.begin().await?;
                let gone = store::password_resets::forget(&tx, before, BATCH).await?;
                tx.commit().await?;
                if gone < BATCH {
                    break;
                }
            }
            Ok(())
        }
    })
}

/// Sends the letters about how people are reached.
pub(crate) fn send_contacts(context: &Arc<Context>) -> Periodic {
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.contact_letters", LETTERS_EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            send_contact_letters(&context).await
        }
    })
}

/// Forgets letters about how people are reached whose links count no more, in small transactions.
pub(crate) fn forget_contact_letters(context: &Arc<Context>) -> Periodic {
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.old_contact_letters", EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            for _ in 0..BATCHES {
                let tx = context.database.begin().await?;
                let now = context.clock.now();
                let gone = store::contact_letters::forget(&tx, now, BATCH).await?;
                tx.commit().await?;
                if gone < BATCH {
                    break;
                }
            }
            Ok(())
        }
    })
}

/// Sends the letters that invite people to shops.
pub(crate) fn send_invitations(context: &Arc<Context>) -> Periodic {
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.invitation_letters", LETTERS_EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            send_invitation_letters(&context).await
        }
    })
}

/// Forgets invitations that cannot be accepted any more, in small transactions.
pub(crate) fn forget_invitations(context: &Arc<Context>) -> Periodic {
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.old_invitations", EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            for _ in 0..BATCHES {
                let before = context.clock.now().before(INVITATIONS_KEPT);
                let tx = context.database.begin().await?;
                let gone = store::invitations::forget(&tx, before, BATCH).await?;
                tx.commit().await?;
                if gone < BATCH {
                    break;
                }
            }
            Ok(())
        }
    })
}
