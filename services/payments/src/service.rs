//! Payments as a service: what it is made of and what it offers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use kernel::Clock;
use platform::consumer::Consumer;
use platform::database::Database;
use platform::workers::Periodic;
use proto::payments::payments_server::PaymentsServer;
use tokio::sync::Notify;

use crate::grpc::Grpc;
use crate::providers::feeds::sepay::SepayCredentials;
use crate::providers::sandbox_bank::SandboxBank;
use crate::usecases::{expire_payments, process_feed_events};
use crate::webhooks;

/// The account that shoppers pay into.
#[derive(Clone, Debug)]
pub struct ReceivingAccount {
    /// BIN of the bank, six digits.
    pub bin: String,
    /// The account's number.
    pub account: String,
    /// Its holder, upper-case ASCII.
    pub holder: String,
    /// The bank's name as people know it.
    pub bank_name: String,
}

/// Where the sandbox bank calls the webhook.
#[derive(Clone, Debug)]
pub struct SandboxBankParts {
    /// Address of `/webhooks/sepay`.
    pub webhook_url: String,
}

/// What payments is made of.
pub struct PaymentsParts {
    /// Its database.
    pub database: Database,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// The account that shoppers pay into.
    pub receiving_account: ReceivingAccount,
    /// How SePay proves itself.
    pub sepay: SepayCredentials,
    /// The sandbox bank, where there is one.
    pub sandbox: Option<SandboxBankParts>,
}

/// The service.
#[derive(Clone)]
pub struct Payments(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub database: Database,
    pub clock: Arc<dyn Clock>,
    pub receiving_account: ReceivingAccount,
    pub sepay: SepayCredentials,
    pub sandbox: Option<Arc<SandboxBank>>,
    /// Wakes the worker that takes stored feed events.
    pub fed: Notify,
}

impl Payments {
    /// Builds the service; nothing runs yet.
    pub fn new(parts: PaymentsParts) -> Self {
        let sandbox = parts.sandbox.map(|sandbox| {
            let secret = parts.sepay.hmac_secret.clone().unwrap_or_default();
            Arc::new(SandboxBank::new(sandbox.webhook_url, secret, Arc::clone(&parts.clock)))
        });
        Self(Arc::new(Inner {
            database: parts.database,
            clock: parts.clock,
            receiving_account: parts.receiving_account,
            sepay: parts.sepay,
            sandbox,
            fed: Notify::new(),
        }))
    }

    /// The gRPC service.
    pub fn server(&self) -> PaymentsServer<Grpc> {
        PaymentsServer::new(Grpc(self.clone()))
    }

    /// What payments does when others tell of events: nothing so far.
    pub fn consumers(&self) -> Vec<Arc<dyn Consumer>> {
        Vec::new()
    }

    /// The worker on feed events, and the sweeper of payments whose time has gone by.
    pub fn periodics(&self) -> Vec<Periodic> {
        let (worker, sweeper) = (self.clone(), self.clone());
        vec![
            // It mostly sleeps on the wake-up; the period only finds what a crash left behind.
            Periodic::new("payments.feed_events", Duration::from_millis(10), move || {
                let payments = worker.clone();
                async move { process_feed_events::run_when_fed(&payments).await }
            }),
            Periodic::new("payments.expiry", Duration::from_secs(1), move || {
                let payments = sweeper.clone();
                async move { expire_payments::expire_payments(&payments).await }
            }),
        ]
    }

    /// `/webhooks/sepay`, and the sandbox bank's door where there is one.
    pub fn routes(&self) -> Router {
        webhooks::routes(self.clone())
    }
}
