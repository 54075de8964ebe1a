//! Sessions: who may act without typing the password again, and until when.

use std::time::Duration;

use kernel::{SessionId, Timestamp, UserId};

use super::membership::Membership;
use super::user::User;

/// A session. The token itself is known to its owner only; here is its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// When it began.
    pub created_at: Timestamp,
    /// From this moment on it is nobody's.
    pub expires_at: Timestamp,
}

impl Session {
    /// A session that begins now.
    pub fn start(
        id: SessionId,
        user_id: UserId,
        token_hash: [u8; 32],
        now: Timestamp,
        lifetime: Duration,
    ) -> Self {
        Self { id, user_id, token_hash, created_at: now, expires_at: now.after(lifetime) }
    }
}

/// A session as its person may know of it: without what opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, or ended.
    pub expires_at: Timestamp,
    /// When it was ended before its time, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// Who a session belongs to, and the shops they may act for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: User,
    /// Their shops, oldest first.
    pub memberships: Vec<Membership>,
    /// When the session began: when the password was typed.
    pub signed_in_at: Timestamp,
}

impl Actor {
    /// For so long after the password was typed a session may change where money goes.
    pub const LATELY: Duration = Duration::from_secs(15 * 60);

    /// Whether the password was typed lately: a session that was left open somewhere is not enough then.
    pub fn signed_in_lately(&self, now: Timestamp) -> bool {
        now <= self.signed_in_at.after(Self::LATELY)
    }
}
