//! The service as others hold it: built from its parts, giving its server and its background work.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kernel::Clock;
use platform::database::Database;
use platform::limits::RateLimiter;
use platform::mail::Mailing;
use platform::workers::Periodic;
use proto::accounts::accounts_server::AccountsServer;

use crate::passwords::{Hashing, Passwords};
use crate::sweeps;

/// What accounts is built from.
pub struct AccountsParts {
    /// Its own database, migrated.
    pub database: Database,
    /// Where the present moment comes from.
    pub clock: Arc<dyn Clock>,
    /// Counts attempts to sign in and up.
    pub limiter: Arc<RateLimiter>,
    /// How long a session lasts.
    pub session_lifetime: Duration,
    /// How much work a password hash is.
    pub hashing: Hashing,
    /// How letters leave; nobody is written to without.
    pub mailing: Option<Mailing>,
    /// How long another account of a shop waits until it is paid to.
    pub payout_cooling_off: Duration,
}

/// The service accounts. Cloning it gives another handle of the same.
#[derive(Clone)]
pub struct Accounts(Arc<Context>);

/// What the use cases work with.
pub(crate) struct Context {
    pub database: Database,
    pub clock: Arc<dyn Clock>,
    pub limiter: Arc<RateLimiter>,
    pub session_lifetime: Duration,
    pub passwords: Passwords,
    pub mailing: Option<Mailing>,
    pub payout_cooling_off: Duration,
}

impl Accounts {
    /// Builds the service.
    pub fn new(parts: AccountsParts) -> Self {
        Self(Arc::new(Context {
            database: parts.database,
            clock: parts.clock,
            limiter: parts.limiter,
            session_lifetime: parts.session_lifetime,
            passwords: Passwords::new(parts.hashing),
            mailing: parts.mailing,
            payout_cooling_off: parts.payout_cooling_off,
        }))
    }

    /// The gRPC server.
    pub fn server(&self) -> AccountsServer<Self> {
        AccountsServer::new(self.clone())
    }

    /// What is to be done again and again in the background.
    pub fn periodics(&self) -> Vec<Periodic> {
        let mut periodics = vec![
            sweeps::remove_old_sessions(&self.0),
            sweeps::forget_resets(&self.0),
            sweeps::forget_invitations(&self.0),
            sweeps::forget_contact_letters(&self.0),
        ];
        if self.0.mailing.is_some() {
            periodics.push(sweeps::send_letters(&self.0));
            periodics.push(sweeps::send_invitations(&self.0));
            periodics.push(sweeps::send_contacts(&self.0));
        }
        periodics
    }

    pub(crate) fn context(&self) -> &Context {
        &self.0
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Accounts")
    }
}
