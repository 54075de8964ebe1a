//! Reading the configuration: defaults, then the file, then the environment.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::production::Unsafe;
use super::{CardProviderKind, Config, MailVia};
use crate::mail::Sender;

/// Settings whose values are never shown.
const SECRETS: [&str; 12] = [
    "links.token",
    "search.meilisearch_key",
    "bank.sepay_api_key",
    "bank.sepay_hmac_secret",
    "casso.secret",
    "payos.checksum_key",
    "sepay_polling.token",
    "card.secret_key",
    "card.webhook_secret",
    "card.old_webhook_secret",
    "mail.smtp_password",
    "security.secret_key",
];

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path} is not valid TOML: {reason}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        reason: String,
    },
    /// A value is wrong: the key, and what is allowed.
    #[error("{key}: {reason}")]
    Value {
        /// The setting.
        key: String,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// Production mode refuses settings.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Unsafe(Vec<Unsafe>),
}

/// A setting, for lists of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `section.name`.
    pub key: String,
    /// `CHONOI_SECTION_NAME`.
    pub variable: String,
    /// The value as TOML writes it; secrets are not shown.
    pub value: String,
}

/// Reads defaults, file and environment, in this order, and refuses what must not be.
pub fn load(
    file: Option<&Path>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Config, ConfigError> {
    let mut table = defaults();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        let read: Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        overlay(&mut table, read);
    }
    let mut leaves = Vec::new();
    collect(&defaults(), "", &mut leaves);
    for (key, default) in leaves {
        if let Some(text) = environment(&variable_of(&key)) {
            set(&mut table, &key, read_value(&key, &default, text)?);
        }
    }
    let config: Config =
        serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
            let key = error.path().to_string();
            ConfigError::Value { key, reason: error.into_inner().message().to_owned() }
        })?;
    check(&config)?;
    let refused = config.refused();
    if refused.is_empty() { Ok(config) } else { Err(ConfigError::Unsafe(refused)) }
}

/// Every setting with its value in force; secrets are not shown.
pub fn settings(config: &Config) -> Vec<Setting> {
    let mut leaves = Vec::new();
    collect(&Table::try_from(config).unwrap_or_default(), "", &mut leaves);
    leaves
        .into_iter()
        .map(|(key, value)| {
            let value = match &value {
                Value::String(text) if SECRETS.contains(&key.as_str()) && !text.is_empty() => {
                    "\"(secret)\"".to_owned()
                }
                Value::String(text) => format!("{:?}", without_password(text)),
                other => other.to_string(),
            };
            Setting { variable: variable_of(&key), key, value }
        })
        .collect()
}

/// Providers deliver for days, and what came within a week may have to be looked into.
const LEAST_RETENTION_DAYS: u16 = 7;

/// The largest difference, in đồng, that may be let go: more is not a slip.
const MOST_TOLERATED: i64 = 10_000;

/// What types alone cannot say.
fn check(config: &Config) -> Result<(), ConfigError> {
    let wrong = |key: &str, reason: &str| {
        Err(ConfigError::Value { key: key.to_owned(), reason: reason.to_owned() })
    };
    if config.server.listen.parse::<std::net::SocketAddr>().is_err() {
        return wrong("server.listen", "allowed: address:port, as 127.0.0.1:8080 or [::]:8080");
    }
    if config.bank.bin.len() != 6 || !config.bank.bin.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong("bank.bin", "allowed: the six digits of a bank's BIN");
    }
    let prefix = &config.bank.sub_account_prefix;
    if prefix.len() > 8 || !prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        let reason = "allowed: up to 8 upper-case letters and digits, or nothing";
        return wrong("bank.sub_account_prefix", reason);
    }
    if config.database.max_connections == 0 {
        return wrong("database.max_connections", "allowed: 1 or more");
    }
    if config.market.return_days > 365 {
        return wrong("market.return_days", "allowed: 0 to 365");
    }
    if !(30..=86_400).contains(&config.market.payment_seconds) {
        return wrong("market.payment_seconds", "allowed: 30 to 86400");
    }
    if config.settlement.minimum_payout < 1 {
        return wrong("settlement.minimum_payout", "allowed: 1 or more");
    }
    if config.retention.raw_events_days < LEAST_RETENTION_DAYS {
        return wrong("retention.raw_events_days", "allowed: 7 or more");
    }
    if config.retention.rejections_days < LEAST_RETENTION_DAYS {
        return wrong("retention.rejections_days", "allowed: 7 or more");
    }
    if config.settlement.one_person_refund < 0 {
        return wrong("settlement.one_person_refund", "allowed: 0 or more");
    }
    if !(0..=MOST_TOLERATED).contains(&config.settlement.tolerance) {
        return wrong("settlement.tolerance", "allowed: 0 to 10000");
    }
    if !(10..=86_400).contains(&config.sepay_polling.every_seconds) {
        return wrong("sepay_polling.every_seconds", "allowed: 10 to 86400");
    }
    if config.sandbox_card.fee_basis_points > 10_000 {
        return wrong("sandbox_card.fee_basis_points", "allowed: 0 to 10000");
    }
    if config.sandbox_card.fee_fixed < 0 || config.sandbox_card.dispute_fee < 0 {
        return wrong("sandbox_card.fee_fixed or dispute_fee", "allowed: 0 or more");
    }
    if config.card.provider == CardProviderKind::Stripe {
        for (key, value) in [
            ("card.secret_key", &config.card.secret_key),
            ("card.webhook_secret", &config.card.webhook_secret),
        ] {
            if value.is_empty() {
                return wrong(key, "set what Stripe shows, or card.provider = \"none\"");
            }
        }
    }
    if config.mail.via != MailVia::None && Sender::parse(&config.mail.from).is_err() {
        return wrong("mail.from", "allowed: Chợ Nổi <no-reply@example.vn>, or an address alone");
    }
    if config.mail.shop_letters_seconds > 3_600 {
        return wrong("mail.shop_letters_seconds", "allowed: 0 to 3600");
    }
    if config.mail.via == MailVia::Smtp && config.mail.smtp_host.is_empty() {
        return wrong("mail.smtp_host", "set the server's name, or mail.via = \"none\"");
    }
    for service in ["accounts", "catalog", "orders", "payments"] {
        let url = config.database.url_of(service).unwrap_or("postgres://");
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return wrong("database.url", "allowed: postgres://… or empty for SQLite files");
        }
    }
    Ok(())
}

fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap_or_default()
}

fn variable_of(key: &str) -> String {
    format!("CHONOI_{}", key.replace('.', "_").to_uppercase())
}

fn overlay(base: &mut Table, above: Table) {
    for (key, value) in above {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(value)) => overlay(inner, value),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn collect(table: &Table, prefix: &str, leaves: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) => collect(inner, &key, leaves),
            leaf => leaves.push((key, leaf.clone())),
        }
    }
}

fn read_value(key: &str, default: &Value, text: String) -> Result<Value, ConfigError> {
    let wrong = |allowed: &str| ConfigError::Value {
        key: format!("{} ({key})", variable_of(key)),
        reason: format!("{text:?} is wrong, allowed: {allowed}"),
    };
    match default {
        Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| wrong("a whole number")),
        Value::Boolean(_) => text.parse().map(Value::Boolean).map_err(|_| wrong("true or false")),
        _ => Ok(Value::String(text)),
    }
}

fn set(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// A URL without the password in it.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let Some((login, host)) = rest.rsplit_once('@') else { return text.to_owned() };
    let user = login.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:(secret)@{host}")
}

/// So that `Config` stays readable from other sources in tests.
impl Config {
    /// Reads a configuration from TOML text, without environment.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let path = PathBuf::from("(text)");
        let table: Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
            path,
            reason: error.to_string(),
        })?;
        let config = Self::deserialize(Value::Table(table)).map_err(|error| {
            ConfigError::Value { key: String::new(), reason: error.message().to_owned() }
        })?;
        check(&config)?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::config::{BankFeed, Mode};

    fn from(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = std::env::temp_dir().join(format!("chonoi-config-{}", uuid::Uuid::now_v7()));
        std::fs::File::create(&folder).unwrap().write_all(text.as_bytes()).unwrap();
        let config = load(Some(&folder), |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        std::fs::remove_file(folder).unwrap();
        config
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
        let config = from(
            "[server]\nlisten = \"127.0.0.1:1\"\n[market]\npayment_seconds = 60\n",
            &[("CHONOI_SERVER_LISTEN", "127.0.0.1:2"), ("CHONOI_SECURITY_INTROSPECTION", "false")],
        )
        .unwrap();
        assert_eq!(config.server.listen, "127.0.0.1:2");
        assert_eq!(config.market.payment_seconds, 60);
        assert!(!config.security.introspection);
        assert_eq!((config.mode, config.bank.feed), (Mode::Development, BankFeed::Sandbox));
    }

    #[test]
    fn a_wrong_value_names_the_key_and_what_is_allowed() {
        for (text, variables, said) in [
            ("[bank]\nfeed = \"vietcombank\"", &[][..], ["bank.feed", "sandbox"]),
            ("[server]\nlisten = \"here\"", &[], ["server.listen", "allowed"]),
            ("[server]\nprot = 1", &[], ["server", "prot"]),
            ("", &[("CHONOI_MARKET_PAYMENT_SECONDS", "soon")], ["payment_seconds", "whole number"]),
            ("[market]\npayment_seconds = 1", &[], ["market.payment_seconds", "30 to 86400"]),
            ("[market]\nreturn_days = 366", &[], ["market.return_days", "0 to 365"]),
            (
                "[sepay_polling]\nevery_seconds = 1",
                &[],
                ["sepay_polling.every_seconds", "10 to 86400"],
            ),
            (
                "[sandbox_card]\nfee_basis_points = 10001",
                &[],
                ["sandbox_card.fee_basis_points", "0 to 10000"],
            ),
            ("[card]\nprovider = \"stripe\"", &[], ["card.secret_key", "none"]),
            ("[mail]\nvia = \"smtp\"", &[], ["mail.smtp_host", "none"]),
            ("[mail]\nshop_letters_seconds = 3601", &[], ["mail.shop_letters_seconds", "3600"]),
            ("[mail]\nfrom = \"Ch\u{1ee3} N\u{1ed5}i\"", &[], ["mail.from", "no-reply@"]),
            (
                "[bank]\nsub_account_prefix = \"abc\"",
                &[],
                ["bank.sub_account_prefix", "8 upper-case"],
            ),
            ("[database]\nurl = \"mysql://x\"", &[], ["database.url", "postgres://"]),
            ("mode = \"live\"", &[], ["mode", "production"]),
        ] {
            let error = from(text, variables).unwrap_err().to_string();
            assert!(said.iter().all(|word| error.contains(word)), "{error}");
        }
    }

    #[test]
    fn what_is_in_force_is_shown_without_secrets() {
        let mut config = Config::default();
        config.database.url = "postgres://chonoi:hidden@db/chonoi".to_owned();
        config.casso.secret = "hidden".to_owned();
        config.payos.checksum_key = "hidden".to_owned();
        config.sepay_polling.token = "hidden".to_owned();
        config.card.secret_key = "hidden".to_owned();
        config.card.webhook_secret = "hidden".to_owned();
        config.mail.smtp_password = "hidden".to_owned();
        config.card.old_webhook_secret = "hidden".to_owned();
        let shown: Vec<String> = settings(&config)
            .into_iter()
            .map(|setting| format!("{} {} {}", setting.key, setting.variable, setting.value))
            .collect();
        let all = shown.join("\n");
        assert!(!all.contains("hidden") && !all.contains("development-"), "{all}");
        assert!(
            all.contains(
                "database.url CHONOI_DATABASE_URL \"postgres://chonoi:(secret)@db/chonoi\""
            )
        );
        assert!(all.contains("casso.secret CHONOI_CASSO_SECRET \"(secret)\""));
        assert!(all.contains("server.listen CHONOI_SERVER_LISTEN \"127.0.0.1:8080\""));
    }
}
