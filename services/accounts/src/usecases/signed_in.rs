//! How a session begins.

use kernel::Timestamp;
use platform::database::Transaction;
use platform::{ids, secrets};
use sea_orm::DbErr;

use crate::domain::session::Session;
use crate::domain::user::User;
use crate::service::Context;
use crate::store;

/// Somebody with a new session. The token is shown this once.
pub struct SignedIn {
    /// The secret that the session is known by.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who signed in.
    pub user: User,
}

/// Begins a session of a person: 256 random bits, of which the database keeps the SHA-256.
pub async fn begin_session(cx: &Context, tx: &Transaction, user: User) -> Result<SignedIn, DbErr> {
    let token = secrets::random_token();
    let (hash, now) = (secrets::digest(&token), cx.clock.now());
    let session = Session::start(ids::new(), user.id, hash, now, cx.session_lifetime);
    store::sessions::insert(tx, &session).await?;
    Ok(SignedIn { token, expires_at: session.expires_at, user })
}
