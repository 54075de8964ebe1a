//! The sandbox as a part of payments.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use kernel::Clock;
use platform::database::Database;
use tokio::sync::{Mutex, Notify};

use super::api;
use super::book::Book;
use super::refusals::Trouble;
use super::settings::SandboxCardParts;
use crate::providers::sandbox_bank::SandboxBank;

/// How long the sandbox waits for whom it tells.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The sandbox. Several processes may share its tables.
pub struct SandboxCard {
    pub(super) parts: SandboxCardParts,
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
    /// The bank that credits payouts, and the account.
    pub(super) bank: Option<(Arc<SandboxBank>, String)>,
    pub(super) http: reqwest::Client,
    /// Wakes the worker that tells.
    pub(super) woken: Arc<Notify>,
    /// Telling twice at once would mix up the order.
    pub(super) delivering: Mutex<()>,
}

impl SandboxCard {
    /// A sandbox on the database of payments. Without a bank, payouts are credited nowhere.
    pub fn new(
        parts: SandboxCardParts,
        database: Database,
        clock: Arc<dyn Clock>,
        bank: Option<(Arc<SandboxBank>, String)>,
    ) -> Self {
        let http = reqwest::Client::builder().timeout(CALL_TIMEOUT).build().unwrap_or_default();
        let (woken, delivering) = (Arc::default(), Mutex::new(()));
        Self { parts, database, clock, bank, http, woken, delivering }
    }

    /// Its doors: `/sandbox/stripe/v1/…` and `/sandbox/card/…`.
    pub fn routes(self: &Arc<Self>) -> Router {
        api::routes(self)
    }

    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Writes into the book, all or nothing.
    pub(super) async fn write<T>(
        &self,
        write: impl AsyncFnOnce(&mut Book) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        self.catch_up().await?;
        let mut book = self.open_book().await?;
        let written = write(&mut book).await?;
        book.close().await?;
        self.wake();
        Ok(written)
    }
}

impl fmt::Debug for SandboxCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxCard").field("parts", &self.parts).finish()
    }
}
