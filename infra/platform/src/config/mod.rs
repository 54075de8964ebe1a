//! Configuration: a TOML file and the environment, one struct a section.
//!
//! Every setting `a.b` is also the environment variable `CHONOI_A_B`, which wins over the file. A
//! wrong value is refused with the key and what is allowed. In production mode, everything that is
//! only good for development is refused by name.

mod mail;
mod production;
mod reading;
mod retention;
mod sections;
mod settlement;
mod telemetry;

pub use mail::{MailConfig, MailTls, MailVia};
pub use production::Unsafe;
pub use reading::{ConfigError, Setting, load, settings};
pub use retention::RetentionConfig;
pub use sections::{
    BankConfig, BankFeed, CardConfig, CardProviderKind, CassoConfig, Config, DatabaseConfig,
    EventsConfig, LinksConfig, LostDisputes, MarketConfig, Mode, PayosConfig, SandboxCardConfig,
    SearchConfig, SearchEngineKind, SecurityConfig, SepayPollingConfig, ServerConfig,
};
pub use settlement::{DirectTaxDeclared, SettlementConfig};
pub use telemetry::{LogFormat, TelemetryConfig};
