//! The four services of the market, as far as this process holds them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, AccountsParts, Hashing};
use anyhow::Context;
use catalog::search::{EmbeddedSearch, MeilisearchSearch, MeilisearchSettings, SearchEngine};
use catalog::{Catalog, CatalogParts};
use kernel::{BasisPoints, Clock, Money};
use orders::{Orders, OrdersParts};
use payments::card::stripe::webhook::WebhookSecrets;
use payments::card::stripe::{Limits, SecretKey, Stripe, StripeParts};
use payments::charges::{DirectTax, Tariff};
use payments::dispute::DisputeBearer;
use payments::payout::PayoutTerms;
use payments::sandbox_card::{
    DEVELOPMENT_SECRET_KEY, DEVELOPMENT_WEBHOOK_SECRET, SandboxCardParts, SandboxCardTerms,
};
use payments::{
    CardParts, CassoSecret, Payments, PaymentsParts, PayosChecksumKey, RetentionTerms,
    SandboxBankParts, SepayCredentials, SepayPollingParts, SettlementTerms,
};
use platform::config::{
    BankFeed, CardProviderKind, Config, DirectTaxDeclared, LostDisputes, SearchEngineKind,
};
use platform::database::{Database, Location};
use platform::limits::RateLimiter;
use platform::rpc::{self, AccountsClient, CatalogClient, PaymentsClient, Rpc};
use sea_orm_migration::MigratorTrait;

use super::{clients, mailing, receiving_account};
use crate::roles::Role;

/// The databases of the services that this process holds.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    /// Of accounts.
    pub accounts: Option<Database>,
    /// Of catalog.
    pub catalog: Option<Database>,
    /// Of orders.
    pub orders: Option<Database>,
    /// Of payments.
    pub payments: Option<Database>,
}

impl Databases {
    /// Opens the databases of the roles named.
    pub async fn open(config: &Config, roles: &[Role]) -> anyhow::Result<Self> {
        let mut databases = Self::default();
        for role in roles {
            let slot = match role {
                Role::Accounts => &mut databases.accounts,
                Role::Catalog => &mut databases.catalog,
                Role::Orders => &mut databases.orders,
                Role::Payments => &mut databases.payments,
                Role::Gateway | Role::Web => continue,
            };
            *slot = Some(open(config, role.name()).await?);
        }
        Ok(databases)
    }

    /// The databases with the names of their services.
    pub fn all(&self) -> Vec<(&'static str, &Database)> {
        [
            ("accounts", &self.accounts),
            ("catalog", &self.catalog),
            ("orders", &self.orders),
            ("payments", &self.payments),
        ]
        .into_iter()
        .filter_map(|(name, database)| database.as_ref().map(|database| (name, database)))
        .collect()
    }
}

async fn open(config: &Config, service: &str) -> anyhow::Result<Database> {
    let opened = match config.database.url_of(service) {
        Some(url) => {
            let max_connections = config.database.max_connections;
            Database::open(Location::Server { url, schema: service, max_connections }).await
        }
        None => {
            let folder = Path::new(&config.database.data_dir);
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            Database::open(Location::File(&folder.join(format!("{service}.db")))).await
        }
    };
    opened.with_context(|| format!("cannot open the database of {service}"))
}

/// Brings the databases to the newest shape.
pub async fn migrate(databases: &Databases) -> anyhow::Result<()> {
    if let Some(database) = &databases.accounts {
        migrations::accounts::Migrator::up(database.writer(), None).await?;
    }
    if let Some(database) = &databases.catalog {
        migrations::catalog::Migrator::up(database.writer(), None).await?;
    }
    if let Some(database) = &databases.orders {
        migrations::orders::Migrator::up(database.writer(), None).await?;
    }
    if let Some(database) = &databases.payments {
        migrations::payments::Migrator::up(database.writer(), None).await?;
    }
    Ok(())
}

/// The services that this process holds.
pub struct Services {
    /// The service accounts.
    pub accounts: Option<Accounts>,
    /// The service catalog.
    pub catalog: Option<Catalog>,
    /// The service orders.
    pub orders: Option<Orders>,
    /// The service payments.
    pub payments: Option<Payments>,
}

/// The way to each service, wherever it runs.
pub struct Ways {
    /// To accounts.
    pub accounts: Option<Rpc>,
    /// To catalog.
    pub catalog: Option<Rpc>,
    /// To orders.
    pub orders: Option<Rpc>,
    /// To payments.
    pub payments: Option<Rpc>,
}

impl Services {
    /// Builds the services of this process on their databases.
    pub async fn build(
        config: &Config,
        databases: &Databases,
        clock: &Arc<dyn Clock>,
        limiter: &Arc<RateLimiter>,
        own_url: &str,
    ) -> anyhow::Result<Self> {
        let accounts = match databases.accounts.clone() {
            Some(database) => Some(Accounts::new(AccountsParts {
                database,
                clock: Arc::clone(clock),
                limiter: Arc::clone(limiter),
                session_lifetime: Duration::from_secs(
                    u64::from(config.security.session_days) * 86_400,
                ),
                hashing: Hashing::default(),
                // A way of its own: who is done with one closes it.
                mailing: mailing::of(config, own_url)?,
                payout_cooling_off: cooling_off(config),
            })),
            None => None,
        };
        let here = accounts.as_ref().map(|accounts| rpc::local(accounts.server()));
        let to_accounts = (here.is_some() || !config.links.accounts.is_empty())
            .then(|| clients::service(config, Role::Accounts, here))
            .transpose()?
            .map(AccountsClient::new);
        let catalog = match databases.catalog.clone() {
            Some(database) => Some(Catalog::new(CatalogParts {
                database,
                clock: Arc::clone(clock),
                search: search_engine(config).await?,
            })),
            None => None,
        };
        let payments = match databases.payments.clone() {
            Some(database) => {
                let mut parts = payments_parts(config, database, Arc::clone(clock), own_url)?;
                parts.accounts.clone_from(&to_accounts);
                Some(Payments::new(parts))
            }
            None => None,
        };
        let orders = match databases.orders.clone() {
            Some(database) => {
                let catalog = catalog.as_ref().map(|catalog| rpc::local(catalog.server()));
                let payments = payments.as_ref().map(|payments| rpc::local(payments.server()));
                Some(Orders::new(OrdersParts {
                    database,
                    clock: Arc::clone(clock),
                    catalog: CatalogClient::new(clients::service(config, Role::Catalog, catalog)?),
                    payments: PaymentsClient::new(clients::service(
                        config,
                        Role::Payments,
                        payments,
                    )?),
                    accounts: to_accounts,
                    secret: config.security.secret_key.clone().into_bytes(),
                    payment_lifetime: Duration::from_secs(config.market.payment_seconds),
                    return_days: config.market.return_days,
                    mailing: mailing::of(config, own_url)?,
                    shop_letters_after: Duration::from_secs(config.mail.shop_letters_seconds),
                }))
            }
            None => None,
        };
        Ok(Self { accounts, catalog, orders, payments })
    }

    /// The ways to the services of this process.
    pub fn ways(&self) -> Ways {
        Ways {
            accounts: self.accounts.as_ref().map(|service| rpc::local(service.server())),
            catalog: self.catalog.as_ref().map(|service| rpc::local(service.server())),
            orders: self.orders.as_ref().map(|service| rpc::local(service.server())),
            payments: self.payments.as_ref().map(|service| rpc::local(service.server())),
        }
    }
}

/// What payments is made of in a configuration, without a way to accounts.
pub fn payments_parts(
    config: &Config,
    database: Database,
    clock: Arc<dyn Clock>,
    own_url: &str,
) -> anyhow::Result<PaymentsParts> {
    Ok(PaymentsParts {
        database,
        clock,
        receiving_account: receiving_account::of(&config.bank)?,
        sepay: sepay_credentials(config),
        casso: CassoSecret::new(&config.casso.secret),
        payos: PayosChecksumKey::new(&config.payos.checksum_key),
        sepay_polling: sepay_polling(config),
        sandbox: (config.bank.feed == BankFeed::Sandbox)
            .then(|| SandboxBankParts { webhook_url: webhook_url(config, own_url) }),
        sandbox_card: sandbox_card(config, own_url),
        tariff: tariff(config)?,
        settlement: settlement_terms(config),
        retention: retention_terms(config),
        accounts: None,
        card: card_parts(config, own_url)?,
    })
}

/// The rules of commission and tax that the configuration names.
fn tariff(config: &Config) -> anyhow::Result<Tariff> {
    let read = |key: &str, file: &String| {
        let named = (!file.is_empty()).then_some(file);
        named
            .map(|file| std::fs::read_to_string(file).with_context(|| format!("{key}: {file}")))
            .transpose()
    };
    let commission = read("settlement.commission_rules", &config.settlement.commission_rules)?;
    let tax = read("settlement.tax_rates", &config.settlement.tax_rates)?;
    Tariff::from_toml(commission.as_deref(), tax.as_deref())
        .context("settlement.commission_rules or settlement.tax_rates")
}

fn retention_terms(config: &Config) -> RetentionTerms {
    let days = |days: u16| Duration::from_secs(u64::from(days) * 24 * 3_600);
    RetentionTerms {
        raw_events: days(config.retention.raw_events_days),
        rejections: days(config.retention.rejections_days),
    }
}

fn settlement_terms(config: &Config) -> SettlementTerms {
    let settlement = &config.settlement;
    let hours = u64::from(settlement.plan_payouts_hours);
    SettlementTerms {
        payouts: PayoutTerms {
            days_after_fulfilment: settlement.days_after_fulfilment,
            days_after_capture: Some(settlement.days_after_capture),
            minimum_minor: settlement.minimum_payout,
        },
        one_person_refund_minor: settlement.one_person_refund,
        tolerance: Money::vnd(settlement.tolerance),
        plan_every: (hours > 0).then(|| Duration::from_secs(hours * 3_600)),
        direct_tax: match settlement.direct_tax {
            DirectTaxDeclared::Seller => DirectTax::Seller,
            DirectTaxDeclared::Market => DirectTax::Market,
        },
        cooling_off: cooling_off(config),
    }
}

/// How long another account waits, of payments to it and of payouts.
fn cooling_off(config: &Config) -> Duration {
    Duration::from_secs(u64::from(config.settlement.cooling_off_hours) * 3_600)
}

async fn search_engine(config: &Config) -> anyhow::Result<Arc<dyn SearchEngine>> {
    Ok(match config.search.engine {
        SearchEngineKind::Embedded => {
            let folder: PathBuf = Path::new(&config.database.data_dir).join("search");
            Arc::new(open_index(&folder).await?)
        }
        SearchEngineKind::Meilisearch => {
            let key = &config.search.meilisearch_key;
            Arc::new(MeilisearchSearch::new(&MeilisearchSettings {
                url: config.search.meilisearch_url.clone(),
                api_key: (!key.is_empty()).then(|| key.clone()),
                index: "products".to_owned(),
            })?)
        }
    })
}

/// How long the process before this one may take to let go of the index.
const INDEX_PATIENCE: Duration = Duration::from_secs(5);

/// Opens the index. It has one writer: after a restart the process before may still be ending.
async fn open_index(folder: &Path) -> anyhow::Result<EmbeddedSearch> {
    let begun = std::time::Instant::now();
    loop {
        match EmbeddedSearch::open(Some(folder)) {
            Ok(index) => return Ok(index),
            Err(error) if begun.elapsed() > INDEX_PATIENCE => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn sepay_credentials(config: &Config) -> SepayCredentials {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    SepayCredentials {
        api_key: given(&config.bank.sepay_api_key),
        hmac_secret: given(&config.bank.sepay_hmac_secret),
    }
}

fn sepay_polling(config: &Config) -> Option<SepayPollingParts> {
    let polling = &config.sepay_polling;
    (!polling.token.is_empty()).then(|| SepayPollingParts {
        base_url: polling.url.clone(),
        token: polling.token.clone(),
        every: Duration::from_secs(polling.every_seconds),
    })
}

/// The card sandbox is there where the sandbox bank is: production has neither.
fn sandbox_card(config: &Config, own_url: &str) -> Option<SandboxCardParts> {
    let terms = &config.sandbox_card;
    let public_url = match config.server.public_url.trim_end_matches('/') {
        "" => own_url,
        url => url,
    };
    (config.bank.feed == BankFeed::Sandbox).then(|| SandboxCardParts {
        secret_key: DEVELOPMENT_SECRET_KEY.to_owned(),
        webhook_url: match terms.webhook_url.as_str() {
            "" => format!("{own_url}/webhooks/stripe"),
            url => url.to_owned(),
        },
        webhook_secret: DEVELOPMENT_WEBHOOK_SECRET.to_owned(),
        public_url: public_url.to_owned(),
        terms: SandboxCardTerms {
            fee_rate: BasisPoints::new(terms.fee_basis_points).unwrap_or(BasisPoints::ZERO),
            fee_fixed_vnd: terms.fee_fixed,
            dispute_fee_vnd: terms.dispute_fee,
            available_after: Duration::from_secs(terms.available_after_seconds),
            payout_arrives_after: Duration::from_secs(terms.payout_arrives_after_seconds),
            refund_settles_after: Duration::from_secs(terms.refund_settles_after_seconds),
            ..SandboxCardTerms::default()
        },
    })
}

/// The card provider. The sandbox is Stripe's double in the process of payments: the same client talks
/// to it.
fn card_parts(config: &Config, own_url: &str) -> anyhow::Result<Option<CardParts>> {
    let card = &config.card;
    let sandbox = match card.provider {
        CardProviderKind::None => return Ok(None),
        CardProviderKind::Stripe => false,
        // The card sandbox is there where the sandbox bank is.
        CardProviderKind::Sandbox if config.bank.feed != BankFeed::Sandbox => return Ok(None),
        // A command that serves nobody has no sandbox.
        CardProviderKind::Sandbox if own_url.is_empty() => return Ok(None),
        CardProviderKind::Sandbox => true,
    };
    let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
    let (key, secret) = if sandbox {
        (DEVELOPMENT_SECRET_KEY.to_owned(), DEVELOPMENT_WEBHOOK_SECRET.to_owned())
    } else {
        (card.secret_key.clone(), card.webhook_secret.clone())
    };
    let base_url = if sandbox { format!("{own_url}/sandbox/stripe") } else { card.url.clone() };
    let stripe = Stripe::new(&StripeParts {
        secret_key: SecretKey::new(key),
        base_url,
        limits: Limits::default(),
    })
    .context("card.secret_key or card.url")?;
    let old = Some(card.old_webhook_secret.clone()).filter(|old| !old.is_empty());
    Ok(Some(CardParts {
        provider: Arc::new(stripe),
        secrets: WebhookSecrets::new([secret].into_iter().chain(old))
            .context("card.webhook_secret")?,
        publishable_key: card.publishable_key.clone(),
        pages_url: or(config.server.public_url.trim_end_matches('/'), own_url),
        market_name: card.market_name.clone(),
        lost_disputes: match card.lost_disputes {
            LostDisputes::Shop => DisputeBearer::Shop,
            LostDisputes::Market => DisputeBearer::Market,
        },
    }))
}

fn webhook_url(config: &Config, own_url: &str) -> String {
    match config.bank.sandbox_webhook_url.as_str() {
        "" => format!("{own_url}/webhooks/sepay"),
        url => url.to_owned(),
    }
}
