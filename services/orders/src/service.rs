//! Orders as a service: what it is made of and what it offers.

use std::sync::Arc;
use std::time::Duration;

use kernel::{CheckoutId, Clock};
use platform::batching::Batcher;
use platform::consumer::Consumer;
use platform::database::Database;
use platform::mail::Mailing;
use platform::rpc::{AccountsClient, CatalogClient, PaymentsClient};
use platform::workers::Periodic;
use proto::orders::orders_server::OrdersServer;
use sea_orm::DbErr;
use tonic::Status;

use crate::consumers::{HoldsRefused, MailsNoted, PaymentsHeard, PeopleForgotten};
use crate::domain::cart::Addition;
use crate::domain::ticket_code::TicketSigner;
use crate::grpc::Grpc;
use crate::sweeps;
use crate::ticket_key;
use crate::tokens::Tokens;
use crate::usecases::advance_checkout::{Advanced, Completion};
use crate::usecases::forget_buyers::forget_buyers;
use crate::usecases::forget_carts::forget_carts;
use crate::usecases::gather_shop_news::{forget_shop_news, gather_shop_news};
use crate::usecases::get_cart::{CartError, PricedCart};
use crate::usecases::get_checkout::Extent;
use crate::usecases::send_mails::{forget_mails, send_mails};
use crate::usecases::start_checkout::{Beginning, Begun, StartCheckoutError};

/// How much longer than the payment stock is held: time for events to travel.
pub(crate) const HOLD_GRACE: Duration = Duration::from_secs(5 * 60);

/// How much longer a checkout waits, once, whose shopper says that the transfer is on its way. An instant transfer
/// takes seconds; what is held up at a bank for so long may take hours, and is not waited for.
pub(crate) const EXTENSION: Duration = Duration::from_secs(10 * 60);

/// What orders is made of.
pub struct OrdersParts {
    /// Its database.
    pub database: Database,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// The way to catalog.
    pub catalog: CatalogClient,
    /// The way to payments.
    pub payments: PaymentsClient,
    /// The way to accounts, for letters to owners of shops; without it they wait, and are given up.
    pub accounts: Option<AccountsClient>,
    /// What tokens of carts and checkouts, and the key of tickets, are derived from.
    pub secret: Vec<u8>,
    /// How long a shopper has to pay.
    pub payment_lifetime: Duration,
    /// For how many days things may be sent back to a shop that says nothing of it.
    pub return_days: u32,
    /// How letters leave; nobody is written to without.
    pub mailing: Option<Mailing>,
    /// How long what happened to a shop's orders is gathered before its people are written to.
    pub shop_letters_after: Duration,
}

/// The service.
#[derive(Clone)]
pub struct Orders(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub database: Database,
    pub clock: Arc<dyn Clock>,
    pub catalog: CatalogClient,
    pub payments: PaymentsClient,
    pub accounts: Option<AccountsClient>,
    pub tokens: Tokens,
    pub signer: TicketSigner,
    pub payment_lifetime: Duration,
    pub return_days: u32,
    pub mailing: Option<Mailing>,
    pub shop_letters_after: Duration,
    /// What is put into carts at the same time shares a transaction.
    pub additions: Batcher<Addition, Result<PricedCart, CartError>>,
    /// Checkouts that are asked for at the same time are read together.
    pub readings: Batcher<(CheckoutId, Extent), Result<Option<Advanced>, Status>>,
    /// Checkouts begun at the same time share a transaction; so do those that are completed.
    pub beginnings: Batcher<Beginning, Result<Begun, StartCheckoutError>>,
    pub completions: Batcher<Completion, Result<Option<Advanced>, DbErr>>,
}

impl Orders {
    /// Builds the service; nothing runs yet.
    pub fn new(parts: OrdersParts) -> Self {
        Self(Arc::new(Inner {
            database: parts.database,
            clock: parts.clock,
            catalog: parts.catalog,
            payments: parts.payments,
            accounts: parts.accounts,
            signer: ticket_key::of_secret(&parts.secret),
            tokens: Tokens::new(parts.secret),
            payment_lifetime: parts.payment_lifetime,
            return_days: parts.return_days,
            mailing: parts.mailing,
            shop_letters_after: parts.shop_letters_after,
            additions: Batcher::default(),
            readings: Batcher::default(),
            beginnings: Batcher::default(),
            completions: Batcher::default(),
        }))
    }

    /// The gRPC service.
    pub fn server(&self) -> OrdersServer<Grpc> {
        OrdersServer::new(Grpc(self.clone()))
    }

    /// What orders does when payments and catalog tell of events.
    pub fn consumers(&self) -> Vec<Arc<dyn Consumer>> {
        vec![
            Arc::new(PaymentsHeard(self.clone())),
            Arc::new(HoldsRefused(self.clone())),
            Arc::new(PeopleForgotten(self.clone())),
            // Without a way for mails, too: a reader that was known once and stays away holds a stream up.
            Arc::new(MailsNoted(self.clone())),
        ]
    }

    /// The sweepers of what was interrupted, or whose time went by.
    pub fn periodics(&self) -> Vec<Periodic> {
        let five_seconds = Duration::from_secs(5);
        let (checkouts, cancellations) = (self.clone(), self.clone());
        let (departures, bookings, unsold) = (self.clone(), self.clone(), self.clone());
        let (carts, returns, reopened) = (self.clone(), self.clone(), self.clone());
        let (old_mails, forgotten) = (self.clone(), self.clone());
        let mut periodics = vec![
            Periodic::new("orders.checkouts", five_seconds, move || {
                let orders = checkouts.clone();
                async move { sweeps::sweep(&orders).await }
            }),
            Periodic::new("orders.cancellations", five_seconds, move || {
                let orders = cancellations.clone();
                async move { sweeps::sweep_cancellations(&orders).await }
            }),
            Periodic::new("orders.returns", five_seconds, move || {
                let orders = returns.clone();
                async move { sweeps::sweep_returns(&orders).await }
            }),
            Periodic::new("orders.reopened", Duration::from_secs(60), move || {
                let orders = reopened.clone();
                async move { sweeps::sweep_reopened(&orders).await }
            }),
            Periodic::new("orders.departures", five_seconds, move || {
                let orders = departures.clone();
                async move { sweeps::sweep_departures(&orders).await }
            }),
            Periodic::new("orders.old_carts", Duration::from_hours(1), move || {
                let orders = carts.clone();
                async move { forget_carts(&orders).await }
            }),
            Periodic::new("orders.unsold", five_seconds, move || {
                let orders = unsold.clone();
                async move { sweeps::sweep_unsold(&orders).await }
            }),
            Periodic::new("orders.old_mails", Duration::from_hours(1), move || {
                let orders = old_mails.clone();
                async move {
                    forget_mails(&orders).await?;
                    forget_shop_news(&orders).await
                }
            }),
            Periodic::new("orders.forgotten_buyers", five_seconds, move || {
                let orders = forgotten.clone();
                async move { forget_buyers(&orders).await }
            }),
            Periodic::new("orders.bookings", five_seconds, move || {
                let orders = bookings.clone();
                async move { sweeps::sweep_bookings(&orders).await }
            }),
        ];
        if self.0.mailing.is_some() {
            let mails = self.clone();
            periodics.push(Periodic::new("orders.mails", Duration::from_secs(2), move || {
                let orders = mails.clone();
                async move { send_mails(&orders).await }
            }));
            let news = self.clone();
            periodics.push(Periodic::new("orders.shop_news", five_seconds, move || {
                let orders = news.clone();
                async move { gather_shop_news(&orders).await }
            }));
        }
        periodics
    }
}
