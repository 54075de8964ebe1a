//! Invitations to work for a shop, or to take it over: to whom, for how long they count, and how long the letter
//! of one is tried. What the letter says is in `invitation_letter.rs`.
//!
//! The secret of its link is what proves an invitation. Contacts of accounts are not verified here, so nobody is
//! taken for the one who was invited because an account names the same telephone number.

use std::time::Duration;

use kernel::{ShopId, ShopInvitationId, Timestamp, UserId};

use super::input::Problem;
use super::login::Login;
use super::membership::ShopRole;

/// For how long an invitation can be accepted, from when it counts.
pub const LIFETIME: Duration = Duration::from_secs(7 * 86_400);
/// How often a letter is tried before it is given up: the pauses come to some hours.
pub const MOST_TRIES: u32 = 9;
/// The pause after the first try, which is over by then; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

/// An invitation that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: ShopInvitationId,
    /// To which shop.
    pub shop: ShopId,
    /// What whoever accepts it may do for the shop.
    pub role: ShopRole,
    /// Whom the owner meant.
    pub contact: Login,
    /// Who invited.
    pub invited_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// From when on it can be accepted.
    pub counts_from: Timestamp,
    /// From then on it cannot be accepted any more.
    pub expires_at: Timestamp,
    /// How often its letter was tried.
    pub tries: u32,
}

/// Why an invitation cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationRefused {
    /// It was used or taken back, is too old, or never was one; which of them is not told.
    #[error("the invitation does not count")]
    Invalid,
    /// A shop is taken over after a pause, in which an owner who was robbed may take the invitation back.
    #[error("the invitation counts from {from:?} on")]
    NotYet {
        /// From when on it can be accepted.
        from: Timestamp,
    },
}

impl Invitation {
    /// An invitation that is made now. What hands the shop over counts after a pause.
    pub fn to(
        contact: Login,
        (id, shop, role): (ShopInvitationId, ShopId, ShopRole),
        invited_by: UserId,
        now: Timestamp,
        pause: Duration,
    ) -> Self {
        let counts_from = match role {
            ShopRole::Owner => now.after(pause),
            ShopRole::Staff => now,
        };
        let expires_at = counts_from.after(LIFETIME);
        let created_at = now;
        Self { id, shop, role, contact, invited_by, created_at, counts_from, expires_at, tries: 0 }
    }

    /// Whether it can be accepted now.
    pub fn acceptable(&self, now: Timestamp) -> Result<(), InvitationRefused> {
        if now >= self.expires_at {
            return Err(InvitationRefused::Invalid);
        }
        if now < self.counts_from {
            return Err(InvitationRefused::NotYet { from: self.counts_from });
        }
        Ok(())
    }

    /// When its letter is tried again, if nothing is heard of the try that begins now.
    pub fn next_try_at(&self, now: Timestamp) -> Timestamp {
        now.after(FIRST_PAUSE.saturating_mul(1 << self.tries.min(16)))
    }
}

/// Whom an owner means: a telephone number or an email address.
pub fn contact(text: &str) -> Result<Login, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Required);
    }
    Login::read(text).ok_or(Problem::Invalid)
}

#[cfg(test)]
pub fn sample(role: ShopRole) -> Invitation {
    let ids = ("invite_01h455vb4pex5vsknk084sn02q", "shop_01h455vb4pex5vsknk084sn02q");
    let contact = Login::read("lan@example.com").unwrap();
    let inviter = "user_01h455vb4pex5vsknk084sn02q".parse().unwrap();
    let to = (ids.0.parse().unwrap(), ids.1.parse().unwrap(), role);
    Invitation::to(contact, to, inviter, Timestamp::from_micros(0), Duration::from_secs(3_600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_for_a_shop_comes_at_once_and_who_takes_it_over_after_a_pause() {
        let start = Timestamp::from_micros(0);
        let staff = sample(ShopRole::Staff);
        assert_eq!(staff.acceptable(start), Ok(()));
        let last = start.after(LIFETIME.saturating_sub(Duration::from_micros(1)));
        assert_eq!(staff.acceptable(last), Ok(()));
        assert_eq!(staff.acceptable(start.after(LIFETIME)), Err(InvitationRefused::Invalid));
        let owner = sample(ShopRole::Owner);
        let from = start.after(Duration::from_secs(3_600));
        assert_eq!(owner.acceptable(start), Err(InvitationRefused::NotYet { from }));
        assert_eq!(owner.acceptable(from), Ok(()));
        assert_eq!(owner.acceptable(from.after(LIFETIME)), Err(InvitationRefused::Invalid));
    }

    #[test]
    fn a_letter_is_tried_for_hours_and_never_as_long_as_it_counts() {
        let start = Timestamp::from_micros(0);
        let mut one = sample(ShopRole::Staff);
        let mut at = start;
        for tries in 0..MOST_TRIES {
            one.tries = tries;
            at = one.next_try_at(at);
        }
        assert!(at > start.after(Duration::from_secs(4 * 3_600)), "{at:?}");
        assert!(at < start.after(LIFETIME / 7), "{at:?}");
    }

    #[test]
    fn a_contact_is_a_telephone_number_or_an_email_address() {
        assert_eq!(contact("0912 345 678").unwrap().as_str(), "+84912345678");
        assert_eq!(contact(" Lan@Example.com ").unwrap().as_str(), "lan@example.com");
        assert_eq!(contact(" "), Err(Problem::Required));
        assert_eq!(contact("lan"), Err(Problem::Invalid));
    }
}
