//! A password that is forgotten: for how long a letter's link counts, how many letters there are, and how long
//! one is tried. What it says is in `reset_letter.rs`.

use std::time::Duration;

use kernel::{Timestamp, UserId};
use uuid::Uuid;

/// For how long a link counts, from when its letter is written.
pub const LINK_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// The most letters to one person within [`LETTERS_WITHIN`]: nobody's mailbox is filled by others.
pub const MOST_LETTERS: u64 = 3;
/// See [`MOST_LETTERS`]. As long as a link counts and no longer: who gets no other letter has links that work.
/// Else somebody who keeps asking in another's name would keep them from a link.
pub const LETTERS_WITHIN: Duration = LINK_LIFETIME;
/// How often a letter is tried before it is given up: the pauses come to half an hour. Who still waits then
/// has asked again.
pub const MOST_TRIES: u32 = 6;
/// What nobody tried for so long, as when the service stood still, is not written any more.
const STALE: Duration = Duration::from_secs(60 * 60);
/// The pause after the first try, which is over by then; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// A reset that somebody asked for, and whose letter is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedReset {
    /// Its id.
    pub id: Uuid,
    /// What was typed as the login; empty once it is known whose it is.
    pub login: String,
    /// Whose it is, once that is known.
    pub person: Option<UserId>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How often its letter was tried.
    pub tries: u32,
}

impl AskedReset {
    /// Whether it was asked for so long ago that nobody waits for it.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now > self.created_at.after(STALE)
    }

    /// The next try of its letter, with the digest of the token in it. Each try has a token of its own, for only
    /// digests are kept; the one before counts no more.
    pub fn next_try(&self, person: UserId, token_hash: [u8; 32], now: Timestamp) -> LetterTry {
        LetterTry {
            person,
            token_hash,
            expires_at: now.after(LINK_LIFETIME),
            next_try_at: now.after(pause_after(self.tries + 1)),
        }
    }
}

/// A try to send the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterTry {
    /// To whom.
    pub person: UserId,
    /// SHA-256 of the token in its link.
    pub token_hash: [u8; 32],
    /// From then on the link counts no more.
    pub expires_at: Timestamp,
    /// When it is tried again, if nothing is heard of it.
    pub next_try_at: Timestamp,
}

fn pause_after(tries: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_with_the_time_that_people_wait() {
        assert_eq!(pause_after(1), Duration::from_secs(30));
        assert_eq!(pause_after(3), Duration::from_secs(120));
        let all: Duration = (1..=MOST_TRIES).map(pause_after).sum();
        assert!((1_800..STALE.as_secs()).contains(&all.as_secs()), "{all:?}");
    }
}
