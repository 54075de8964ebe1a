//! The sections of the configuration, with the defaults of a development market.

use serde::{Deserialize, Serialize};

use super::retention::RetentionConfig;
use super::settlement::SettlementConfig;
use super::telemetry::TelemetryConfig;

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Development, or production with its refusals.
    pub mode: Mode,
    /// Where the process listens.
    pub server: ServerConfig,
    /// Where data is kept.
    pub database: DatabaseConfig,
    /// How events travel.
    pub events: EventsConfig,
    /// Where the other roles are.
    pub links: LinksConfig,
    /// Which search engine.
    pub search: SearchConfig,
    /// The bank account that receives payments, and who tells of its credits.
    pub bank: BankConfig,
    /// Casso, where it tells of credits.
    pub casso: CassoConfig,
    /// payOS, where it tells of credits.
    pub payos: PayosConfig,
    /// Asking SePay for what its webhooks lost.
    pub sepay_polling: SepayPollingConfig,
    /// What the card sandbox of development takes, and how long things take in it.
    pub sandbox_card: SandboxCardConfig,
    /// Cards, where the market takes them.
    pub card: CardConfig,
    /// How letters to people leave.
    pub mail: super::mail::MailConfig,
    /// Rules of the market.
    pub market: MarketConfig,
    /// What is taken of sales, and when shops are paid.
    pub settlement: SettlementConfig,
    /// How long what names people is kept.
    pub retention: RetentionConfig,
    /// Logs and traces.
    pub telemetry: TelemetryConfig,
    /// Secrets and sessions.
    pub security: SecurityConfig,
}

/// What the market is run for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// For trying and developing: sandbox bank, default secrets.
    #[default]
    Development,
    /// For people and their money.
    Production,
}

/// Where the process listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The address under which people reach the market; empty: `http://` and where it listens.
    pub public_url: String,
    /// Whether `X-Forwarded-For` of a proxy in front is believed.
    pub trust_forwarded: bool,
    /// Seconds that requests in flight get when the process is told to stop.
    pub shutdown_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: String::new(),
            trust_forwarded: false,
            shutdown_seconds: 20,
        }
    }
}

/// Where data is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// Folder of SQLite files and the search index.
    pub data_dir: String,
    /// `postgres://…` for all services (a schema each), or empty for SQLite files.
    pub url: String,
    /// Overrides `url` for accounts.
    pub url_accounts: String,
    /// Overrides `url` for catalog.
    pub url_catalog: String,
    /// Overrides `url` for orders.
    pub url_orders: String,
    /// Overrides `url` for payments.
    pub url_payments: String,
    /// The most connections of this process to each PostgreSQL database.
    pub max_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            data_dir: "data".to_owned(),
            url: String::new(),
            url_accounts: String::new(),
            url_catalog: String::new(),
            url_orders: String::new(),
            url_payments: String::new(),
            max_connections: 16,
        }
    }
}

impl DatabaseConfig {
    /// The PostgreSQL URL of a service, or `None` for a SQLite file.
    pub fn url_of(&self, service: &str) -> Option<&str> {
        let own = match service {
            "accounts" => &self.url_accounts,
            "catalog" => &self.url_catalog,
            "orders" => &self.url_orders,
            "payments" => &self.url_payments,
            _ => "",
        };
        [own, &self.url].into_iter().find(|url| !url.is_empty())
    }
}

/// How events travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventsConfig {
    /// `redis://…` or `rediss://…`; empty delivers in process, for a market in one process.
    pub redis_url: String,
    /// Keeps the markets on one Redis apart.
    pub prefix: String,
}

impl Default for EventsConfig {
    fn default() -> Self {
        Self { redis_url: String::new(), prefix: "chonoi".to_owned() }
    }
}

/// Where the other roles are. Empty: in this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinksConfig {
    /// Address of accounts, `http://host:port`.
    pub accounts: String,
    /// Address of catalog.
    pub catalog: String,
    /// Address of orders.
    pub orders: String,
    /// Address of payments.
    pub payments: String,
    /// Address of the gateway.
    pub gateway: String,
    /// Address of the pages: the gateway passes on what is not its own.
    pub web: String,
    /// The secret by which roles know each other.
    pub token: String,
}

/// The token of development; refused in production.
pub(super) const DEVELOPMENT_TOKEN: &str = "development-role-token";
/// The secret of development; refused in production.
pub(super) const DEVELOPMENT_SECRET: &str = "development-secret-key-not-for-production";
/// The webhook secret of development; refused in production.
pub(super) const DEVELOPMENT_WEBHOOK_SECRET: &str = "development-webhook-secret";

impl Default for LinksConfig {
    fn default() -> Self {
        Self {
            accounts: String::new(),
            catalog: String::new(),
            orders: String::new(),
            payments: String::new(),
            gateway: String::new(),
            web: String::new(),
            token: DEVELOPMENT_TOKEN.to_owned(),
        }
    }
}

/// Which search engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchConfig {
    /// Embedded, or Meilisearch.
    pub engine: SearchEngineKind,
    /// Address of Meilisearch.
    pub meilisearch_url: String,
    /// Key of Meilisearch.
    pub meilisearch_key: String,
}

/// The search engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchEngineKind {
    /// In the process of catalog, with its index in the data folder.
    #[default]
    Embedded,
    /// A Meilisearch server.
    Meilisearch,
}

/// The bank account that receives payments, and who tells of its credits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BankConfig {
    /// BIN of the bank, six digits (NAPAS).
    pub bin: String,
    /// Account number.
    pub account: String,
    /// Name of the account's holder, upper-case ASCII.
    pub holder: String,
    /// How the numbers of its sub-accounts (virtual accounts) begin, up to 8 upper-case letters and digits: each
    /// payment's QR then names its own, of this and its code. Only where the bank takes every number that
    /// begins so for the account's. Empty: there are none.
    pub sub_account_prefix: String,
    /// Who tells of credits.
    pub feed: BankFeed,
    /// SePay's API key, if it authenticates by `Authorization: Apikey`.
    pub sepay_api_key: String,
    /// SePay's webhook secret, if it signs.
    pub sepay_hmac_secret: String,
    /// Where the sandbox bank calls the webhook; empty: this process.
    pub sandbox_webhook_url: String,
}

impl Default for BankConfig {
    fn default() -> Self {
        Self {
            bin: "970436".to_owned(),
            account: "0011009090909".to_owned(),
            holder: "CHO NOI CAN THO".to_owned(),
            sub_account_prefix: String::new(),
            feed: BankFeed::Sandbox,
            sepay_api_key: String::new(),
            sepay_hmac_secret: DEVELOPMENT_WEBHOOK_SECRET.to_owned(),
            sandbox_webhook_url: String::new(),
        }
    }
}

/// Who tells of credits on the bank account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BankFeed {
    /// The sandbox bank, through SePay's webhook. Never in production.
    Sandbox,
    /// SePay.
    Sepay,
    /// Casso.
    Casso,
    /// payOS.
    Payos,
}

/// Casso, where it tells of credits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CassoConfig {
    /// The key by which Casso signs its webhook; empty: `/webhooks/casso` does not exist.
    pub secret: String,
}

/// payOS, where it tells of credits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PayosConfig {
    /// The key by which payOS signs its webhook; empty: `/webhooks/payos` does not exist.
    pub checksum_key: String,
}

/// Asking SePay for what its webhooks lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SepayPollingConfig {
    /// SePay's API token; empty: SePay is not asked.
    pub token: String,
    /// Address of SePay.
    pub url: String,
    /// Seconds between two rounds of asking.
    pub every_seconds: u64,
}

impl Default for SepayPollingConfig {
    fn default() -> Self {
        Self { token: String::new(), url: "https://my.sepay.vn".to_owned(), every_seconds: 5 * 60 }
    }
}

/// What the card sandbox of development takes, and how long things take in it. Where the bank's feed is
/// not the sandbox, there is no card sandbox either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxCardConfig {
    /// Where the sandbox tells of events; empty: `/webhooks/stripe` of this process.
    pub webhook_url: String,
    /// The part of a charge that is kept as a fee, in hundredths of a percent.
    pub fee_basis_points: u32,
    /// What is kept of every charge besides, in đồng.
    pub fee_fixed: i64,
    /// What a dispute costs, in đồng.
    pub dispute_fee: i64,
    /// Seconds until a charge's money can be paid out.
    pub available_after_seconds: u64,
    /// Seconds that a payout is on its way to the bank.
    pub payout_arrives_after_seconds: u64,
    /// Seconds that a refund is pending, or good until it fails.
    pub refund_settles_after_seconds: u64,
}

impl Default for SandboxCardConfig {
    fn default() -> Self {
        Self {
            webhook_url: String::new(),
            fee_basis_points: 290,
            fee_fixed: 7_500,
            dispute_fee: 375_000,
            available_after_seconds: 2 * 86_400,
            payout_arrives_after_seconds: 86_400,
            refund_settles_after_seconds: 10,
        }
    }
}

/// Cards, where the market takes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CardConfig {
    /// Who takes cards for the market.
    pub provider: CardProviderKind,
    /// Address of the provider's API.
    pub url: String,
    /// The secret or restricted key of the provider's API.
    pub secret_key: String,
    /// The secret by which the provider signs its webhook.
    pub webhook_secret: String,
    /// The secret before it, while both are in use; empty: none.
    pub old_webhook_secret: String,
    /// The key that browsers show the provider, for a form inside a page; no secret.
    pub publishable_key: String,
    /// What shoppers read on the provider's page before the payment's code.
    pub market_name: String,
    /// Who bears a lost dispute.
    pub lost_disputes: LostDisputes,
}

impl Default for CardConfig {
    fn default() -> Self {
        Self {
            provider: CardProviderKind::Sandbox,
            url: "https://api.stripe.com".to_owned(),
            secret_key: String::new(),
            webhook_secret: String::new(),
            old_webhook_secret: String::new(),
            publishable_key: String::new(),
            market_name: "Chợ Nổi".to_owned(),
            lost_disputes: LostDisputes::Shop,
        }
    }
}

/// Who takes cards for the market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardProviderKind {
    /// Nobody: the market takes no cards.
    None,
    /// Stripe.
    Stripe,
    /// A stand-in for Stripe in the process of payments, where the sandbox bank is. Never in production.
    #[default]
    Sandbox,
}

/// Who bears a lost dispute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LostDisputes {
    /// The shops whose orders were paid.
    #[default]
    Shop,
    /// The market.
    Market,
}

/// Rules of the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarketConfig {
    /// Seconds a shopper has to pay by transfer.
    pub payment_seconds: u64,
    /// Days in which things may be sent back to a shop that says nothing of it; 0: never.
    pub return_days: u32,
}

impl Default for MarketConfig {
    fn default() -> Self {
        Self { payment_seconds: 15 * 60, return_days: 7 }
    }
}

/// Secrets and sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecurityConfig {
    /// The secret from which tokens of carts and checkouts are derived.
    pub secret_key: String,
    /// Days that a session lasts.
    pub session_days: u32,
    /// Whether the API tells its schema.
    pub introspection: bool,
    /// Whether the API's explorer is served.
    pub explorer: bool,
    /// Whether links to other hosts without TLS are allowed in production (a private network).
    pub plain_links: bool,
    /// Requests a client address may send in a minute, and pages it may open; 0: no limit.
    pub requests_per_minute: u32,
}

impl Default for SecurityConfig {
    fn default() -> Self {
        Self {
            secret_key: DEVELOPMENT_SECRET.to_owned(),
            session_days: 30,
            introspection: true,
            explorer: true,
            plain_links: false,
            requests_per_minute: 6_000,
        }
    }
}
