//! A session, as it is told once.

use async_graphql::SimpleObject;

use super::moment::Moment;

/// A session.
#[derive(Clone, Debug, SimpleObject)]
pub struct Session {
    /// The secret to send as `Authorization: Bearer …`. It is told only now.
    token: String,
    /// When it ends.
    expires_at: Moment,
}

impl Session {
    /// The session that accounts opened.
    pub const fn of(token: String, expires_at: i64) -> Self {
        Self { token, expires_at: Moment::of(expires_at) }
    }
}
