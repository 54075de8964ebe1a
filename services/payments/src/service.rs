//! Payments as a service: what it is made of and what it offers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use kernel::{CardPayoutId, Clock, Money, PaymentId, StatementId};
use platform::batching::Batcher;
use platform::consumer::Consumer;
use platform::database::Database;
use platform::rpc::AccountsClient;
use platform::workers::Periodic;
use proto::payments as contract;
use proto::payments::payments_server::PaymentsServer;
use sea_orm::DbErr;
use tokio::sync::{Mutex, Notify};
use tonic::Status;

use crate::consumers::{OrdersHeard, ShopsHeard};
use crate::domain::charges::{DirectTax, Tariff};
use crate::domain::dispute::DisputeBearer;
use crate::domain::payout::{PayoutMaker, PayoutTerms};
use crate::domain::sub_account::SubAccountPrefix;
use crate::grpc::Grpc;
use crate::providers::card::CardProvider;
use crate::providers::card::stripe::webhook::WebhookSecrets;
use crate::providers::feeds::casso::CassoSecret;
use crate::providers::feeds::payos::PayosChecksumKey;
use crate::providers::feeds::sepay::SepayCredentials;
use crate::providers::feeds::sepay_polling::SepayPollingParts;
use crate::providers::sandbox_bank::SandboxBank;
use crate::providers::sandbox_card::{SandboxCard, SandboxCardParts};
use crate::store;
use crate::store::feed_event::Delivery;
use crate::store::payment::Inserted;
use crate::store::statement::Statement;
use crate::usecases::import_statement::ImportStatementError;
use crate::usecases::plan_due_payouts::plan_due_payouts;
use crate::usecases::poll_sepay::{self, Polling};
use crate::usecases::receiving_account::Destinations;
use crate::usecases::start_payment::Starting;
use crate::usecases::{
    expire_payments, expire_pending_postings, forget_raw_events, import_statement,
    process_card_events, process_feed_events, process_statements, sweep_card_movements,
};
use crate::webhooks;

/// The least pause between two runs of a worker: what comes in it is worked on together.
const LEAST_PAUSE: Duration = Duration::from_millis(10);
/// So long a worker waits for a call: then it looks for what a crash left behind.
const PATIENCE: Duration = Duration::from_secs(1);
/// The same for statements, of which there are few.
const STATEMENTS_PATIENCE: Duration = Duration::from_secs(5);

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
    /// How the numbers of its sub-accounts begin, where each payment has its own.
    pub sub_accounts: Option<SubAccountPrefix>,
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
    /// How Casso proves itself, where it tells of transfers.
    pub casso: Option<CassoSecret>,
    /// How payOS proves itself, where it tells of transfers.
    pub payos: Option<PayosChecksumKey>,
    /// How SePay is asked for what its webhooks lost, where it is.
    pub sepay_polling: Option<SepayPollingParts>,
    /// The sandbox bank, where there is one.
    pub sandbox: Option<SandboxBankParts>,
    /// The card sandbox, where there is one.
    pub sandbox_card: Option<SandboxCardParts>,
    /// What is taken of sales.
    pub tariff: Tariff,
    /// When shops are paid, and what one person may refund.
    pub settlement: SettlementTerms,
    /// The way to accounts, who know where shops are paid; nobody is paid without.
    pub accounts: Option<AccountsClient>,
    /// The card provider; the market takes no cards without.
    pub card: Option<CardParts>,
    /// How long what came raw is kept.
    pub retention: RetentionTerms,
}

/// How long what came raw is kept (TRUST, security 12).
#[derive(Clone, Copy, Debug)]
pub struct RetentionTerms {
    /// Bodies of events that were worked on. The events themselves stay known.
    pub raw_events: Duration,
    /// What was refused because nobody signed it.
    pub rejections: Duration,
}

impl Default for RetentionTerms {
    fn default() -> Self {
        Self {
            raw_events: Duration::from_secs(400 * 24 * 3_600),
            rejections: Duration::from_secs(90 * 24 * 3_600),
        }
    }
}

/// The card provider, where the market takes cards.
#[derive(Clone, Debug)]
pub struct CardParts {
    /// Who is asked.
    pub provider: Arc<dyn CardProvider>,
    /// By which its webhooks prove themselves.
    pub secrets: WebhookSecrets,
    /// The key with which its form in a shopper's browser names us; no secret. Empty: hosted pages only.
    pub publishable_key: String,
    /// Where the pages of the market are: the provider's page leads back to them.
    pub pages_url: String,
    /// What shoppers read before the payment's code.
    pub market_name: String,
    /// Who bears a lost dispute.
    pub lost_disputes: DisputeBearer,
}

/// When shops are paid, and what one person may refund.
#[derive(Clone, Copy, Debug)]
pub struct SettlementTerms {
    /// How long an order's money is held, and the least that is paid out.
    pub payouts: PayoutTerms,
    /// Up to how much of a payment one person may refund, in minor units.
    pub one_person_refund_minor: i64,
    /// By how much a transfer may differ from what its payment asks for and still pay it; of other
    /// currencies it must be exact. The difference is the market's.
    pub tolerance: Money,
    /// How often payouts are planned by themselves; never, if it is nothing.
    pub plan_every: Option<Duration>,
    /// Who declares the taxes of what is paid straight to a shop's own account.
    pub direct_tax: DirectTax,
    /// How long another account of a shop's own waits before money is asked for on it.
    pub cooling_off: Duration,
}

/// The service.
#[derive(Clone)]
pub struct Payments(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub database: Database,
    pub clock: Arc<dyn Clock>,
    pub receiving_account: ReceivingAccount,
    pub sepay: SepayCredentials,
    pub casso: Option<CassoSecret>,
    pub payos: Option<PayosChecksumKey>,
    pub polling: Option<Polling>,
    pub sandbox: Option<Arc<SandboxBank>>,
    pub sandbox_card: Option<Arc<SandboxCard>>,
    pub tariff: Tariff,
    pub settlement: SettlementTerms,
    pub accounts: Option<AccountsClient>,
    pub card: Option<CardParts>,
    pub retention: RetentionTerms,
    /// Wakes the worker on cards.
    pub carded: Arc<Notify>,
    /// After which of the card provider's payouts the next round looks for credits. Only a place to go on
    /// from: whoever forgets it begins with the oldest.
    pub matched_until: Mutex<Option<CardPayoutId>>,
    /// Payments that are asked for at the same time share a transaction.
    pub startings: Batcher<Starting, Result<Inserted, DbErr>>,
    /// Payments that are read at the same time share their statements.
    pub readings: Batcher<Vec<PaymentId>, Result<Vec<contract::Payment>, Status>>,
    /// Feed events that come at the same time share a transaction.
    pub deliveries: Batcher<Delivery, Result<(), DbErr>>,
    /// The shops that want their money in their own accounts.
    pub destinations: Destinations,
    /// Wakes the worker that takes stored feed events.
    pub fed: Arc<Notify>,
    /// Wakes the worker that reads statements.
    pub stated: Arc<Notify>,
}

impl Payments {
    /// Builds the service; nothing runs yet.
    pub fn new(parts: PaymentsParts) -> Self {
        let sandbox = parts.sandbox.map(|sandbox| {
            let secret = parts.sepay.hmac_secret.clone().unwrap_or_default();
            let own = &parts.receiving_account;
            let sub_accounts = own.sub_accounts.clone().map(|prefix| (prefix, own.account.clone()));
            let clock = Arc::clone(&parts.clock);
            let bank = SandboxBank::new(sandbox.webhook_url, secret, clock);
            Arc::new(bank.with_sub_accounts(sub_accounts))
        });
        let sandbox_card = parts.sandbox_card.map(|card| {
            let account = || parts.receiving_account.account.clone();
            let bank = sandbox.as_ref().map(|bank| (Arc::clone(bank), account()));
            let (database, clock) = (parts.database.clone(), Arc::clone(&parts.clock));
            Arc::new(SandboxCard::new(card, database, clock, bank))
        });
        Self(Arc::new(Inner {
            database: parts.database,
            clock: parts.clock,
            receiving_account: parts.receiving_account,
            sepay: parts.sepay,
            casso: parts.casso,
            payos: parts.payos,
            polling: parts.sepay_polling.map(Polling::new),
            sandbox,
            sandbox_card,
            tariff: parts.tariff,
            settlement: parts.settlement,
            accounts: parts.accounts,
            card: parts.card,
            retention: parts.retention,
            carded: Arc::default(),
            matched_until: Mutex::new(None),
            startings: Batcher::default(),
            readings: Batcher::default(),
            deliveries: Batcher::default(),
            destinations: Destinations::default(),
            fed: Arc::default(),
            stated: Arc::default(),
        }))
    }

    /// Takes a bank's statement, in any format that can be read. The same bytes again are the same
    /// statement. It is worked on by [`Payments::process_statements`] or the worker.
    pub async fn import_statement(
        &self,
        file_name: &str,
        body: Vec<u8>,
        imported_by: &str,
    ) -> Result<Statement, ImportStatementError> {
        import_statement::import_statement(self, file_name, body, imported_by).await
    }

    /// Works on all statements that wait.
    pub async fn process_statements(&self) -> anyhow::Result<()> {
        process_statements::process_statements(self).await
    }

    /// A statement and how far it was read.
    pub async fn statement(&self, id: StatementId) -> Result<Option<Statement>, DbErr> {
        store::statement::by_id(self.0.database.reader(), id).await
    }

    /// The gRPC service.
    pub fn server(&self) -> PaymentsServer<Grpc> {
        PaymentsServer::new(Grpc(self.clone()))
    }

    /// What payments does when accounts and orders tell of events.
    pub fn consumers(&self) -> Vec<Arc<dyn Consumer>> {
        vec![Arc::new(ShopsHeard(self.clone())), Arc::new(OrdersHeard(self.clone()))]
    }

    /// The workers on feed events and statements, the sweeper of payments whose time has gone by, which counts
    /// what waits for a person, too, and the rounds of asking SePay, where they are configured.
    pub fn periodics(&self) -> Vec<Periodic> {
        let (worker, sweeper) = (self.clone(), self.clone());
        let reader = self.clone();
        let fed = (Arc::clone(&self.0.fed), PATIENCE);
        let stated = (Arc::clone(&self.0.stated), STATEMENTS_PATIENCE);
        let mut periodics = vec![
            Periodic::on_call("payments.feed_events", LEAST_PAUSE, fed, move |called| {
                let payments = worker.clone();
                async move { process_feed_events::run_when_fed(&payments, called).await }
            }),
            Periodic::on_call("payments.statements", LEAST_PAUSE, stated, move |_| {
                let payments = reader.clone();
                async move { process_statements::process_statements(&payments).await }
            }),
            Periodic::new("payments.expiry", Duration::from_secs(1), move || {
                let payments = sweeper.clone();
                async move {
                    expire_payments::expire_payments(&payments).await?;
                    expire_pending_postings::expire_pending_postings(&payments).await?;
                    process_feed_events::count_waiting(&payments).await
                }
            }),
        ];
        let forgetter = self.clone();
        periodics.push(Periodic::new("payments.raw_events", forget_raw_events::EVERY, move || {
            let payments = forgetter.clone();
            async move { forget_raw_events::forget_raw_events(&payments).await }
        }));
        if self.0.card.is_some() {
            let (cards, carded) = (self.clone(), (Arc::clone(&self.0.carded), PATIENCE));
            periodics.push(Periodic::on_call("payments.cards", LEAST_PAUSE, carded, move |_| {
                let payments = cards.clone();
                async move { process_card_events::process_cards(&payments).await }
            }));
            let asker = self.clone();
            periodics.push(Periodic::new(
                "payments.card_sweep",
                sweep_card_movements::EVERY,
                move || {
                    let payments = asker.clone();
                    async move { sweep_card_movements::sweep_card_movements(&payments).await }
                },
            ));
        }
        if let Some(every) = self.0.settlement.plan_every {
            let planner = self.clone();
            periodics.push(Periodic::new("payments.payouts", every, move || {
                let payments = planner.clone();
                async move {
                    plan_due_payouts(&payments, PayoutMaker::DailyRun, None, false).await?;
                    anyhow::Ok(())
                }
            }));
        }
        if let Some(sandbox) = &self.0.sandbox_card {
            let sandbox = Arc::clone(sandbox);
            let happened = (sandbox.call(), PATIENCE);
            periodics.push(Periodic::on_call(
                "payments.sandbox_card",
                LEAST_PAUSE,
                happened,
                move |_| {
                    let sandbox = Arc::clone(&sandbox);
                    async move { sandbox.work().await }
                },
            ));
        }
        if let Some(polling) = &self.0.polling {
            let asker = self.clone();
            periodics.push(Periodic::new("payments.polling", polling.every(), move || {
                let payments = asker.clone();
                async move { poll_sepay::poll_sepay(&payments).await.map(|_new| ()) }
            }));
        }
        periodics
    }

    /// `/webhooks/sepay`; those of Casso and payOS, and the doors of the sandbox bank and the card
    /// sandbox, where they are configured.
    pub fn routes(&self) -> Router {
        let routes = webhooks::routes(self.clone());
        match &self.0.sandbox_card {
            Some(sandbox) => routes.merge(sandbox.routes()),
            None => routes,
        }
    }
}
