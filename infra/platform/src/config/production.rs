//! What production mode refuses.

use std::net::IpAddr;

use super::mail::{MailTls, MailVia};
use super::sections::{
    BankFeed, CardProviderKind, Config, DEVELOPMENT_SECRET, DEVELOPMENT_TOKEN,
    DEVELOPMENT_WEBHOOK_SECRET, Mode,
};

/// A setting that is only good for development.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("production refuses {key}: {reason}")]
pub struct Unsafe {
    /// The setting.
    pub key: &'static str,
    /// Why it is refused, and what is allowed.
    pub reason: &'static str,
}

impl Config {
    /// All that production mode refuses in this configuration; empty in development.
    pub fn refused(&self) -> Vec<Unsafe> {
        if self.mode == Mode::Development {
            return Vec::new();
        }
        let mut refused = Vec::new();
        let mut refuse = |wrong: bool, key: &'static str, reason: &'static str| {
            if wrong {
                refused.push(Unsafe { key, reason });
            }
        };
        refuse(
            self.bank.feed == BankFeed::Sandbox,
            "bank.feed",
            "the sandbox bank moves no money; allowed: sepay, casso, payos",
        );
        let secret = &self.security.secret_key;
        refuse(
            secret == DEVELOPMENT_SECRET || secret.len() < 32,
            "security.secret_key",
            "set a secret of 32 or more characters",
        );
        let token = &self.links.token;
        refuse(
            token == DEVELOPMENT_TOKEN || token.len() < 32,
            "links.token",
            "set a secret of 32 or more characters",
        );
        let feed = self.bank.feed;
        let no_key = self.bank.sepay_api_key.is_empty() && self.bank.sepay_hmac_secret.is_empty();
        refuse(
            (feed == BankFeed::Sepay && no_key)
                || self.bank.sepay_hmac_secret == DEVELOPMENT_WEBHOOK_SECRET,
            "bank.sepay_hmac_secret",
            "set the secret or the API key that SePay shows for the webhook; empty where SePay does \
             not tell",
        );
        refuse(
            feed == BankFeed::Casso && self.casso.secret.is_empty(),
            "casso.secret",
            "set the key that Casso shows for the webhook",
        );
        refuse(
            feed == BankFeed::Payos && self.payos.checksum_key.is_empty(),
            "payos.checksum_key",
            "set the checksum key that payOS shows",
        );
        refuse(
            self.card.provider == CardProviderKind::Sandbox,
            "card.provider",
            "the sandbox takes no cards; allowed: none, stripe",
        );
        refuse(
            self.mail.via == MailVia::Folder,
            "mail.via",
            "letters in a folder reach nobody; allowed: smtp, none",
        );
        let host = &self.mail.smtp_host;
        refuse(
            self.mail.via == MailVia::Smtp
                && self.mail.smtp_tls == MailTls::None
                && !self.security.plain_links
                && !is_here(host),
            "mail.smtp_tls",
            "a server on another host needs TLS: implicit, starttls; or security.plain_links = true on a \
             private network",
        );
        refuse(
            self.mail.via == MailVia::Smtp
                && self.mail.from.trim_end_matches('>').ends_with(".localhost"),
            "mail.from",
            "set a sender of a domain of yours: servers refuse others",
        );
        refuse(
            !self.server.public_url.starts_with("https://"),
            "server.public_url",
            "people reach the market over https:// only",
        );
        refuse(self.security.introspection, "security.introspection", "allowed: false");
        refuse(self.security.explorer, "security.explorer", "allowed: false");
        for (key, address) in self.outside_links() {
            refuse(
                !self.security.plain_links && is_plain(address),
                key,
                "a link to another host needs TLS (https://, rediss://, sslmode=verify-full), or \
                 security.plain_links = true on a private network",
            );
        }
        refused
    }

    fn outside_links(&self) -> [(&'static str, &str); 15] {
        [
            ("database.url", &self.database.url),
            ("database.url_accounts", &self.database.url_accounts),
            ("database.url_catalog", &self.database.url_catalog),
            ("database.url_orders", &self.database.url_orders),
            ("database.url_payments", &self.database.url_payments),
            ("events.redis_url", &self.events.redis_url),
            ("links.accounts", &self.links.accounts),
            ("links.catalog", &self.links.catalog),
            ("links.orders", &self.links.orders),
            ("links.payments", &self.links.payments),
            ("links.gateway", &self.links.gateway),
            ("links.web", &self.links.web),
            ("search.meilisearch_url", &self.search.meilisearch_url),
            ("sepay_polling.url", &self.sepay_polling.url),
            ("card.url", &self.card.url),
        ]
    }
}

/// Whether an address leads to another host without TLS.
fn is_plain(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let here = is_here(host);
    let secure = match scheme {
        "https" | "rediss" => true,
        "postgres" | "postgresql" => {
            rest.contains("sslmode=require") || rest.contains("sslmode=verify")
        }
        _ => false,
    };
    !here && !secure
}

/// Whether a host, with its port or without, is this machine.
fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() && !name.ends_with(':') => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_refuses_each_default_of_development_by_name() {
        let config = Config { mode: Mode::Production, ..Config::default() };
        let keys: Vec<_> = config.refused().into_iter().map(|refused| refused.key).collect();
        assert_eq!(
            keys,
            [
                "bank.feed",
                "security.secret_key",
                "links.token",
                "bank.sepay_hmac_secret",
                "card.provider",
                "mail.via",
                "server.public_url",
                "security.introspection",
                "security.explorer",
            ]
        );
        assert!(Config::default().refused().is_empty());
    }

    #[test]
    fn the_feed_of_production_has_its_own_proof_and_sepay_none_of_development() {
        let keys = |feed, casso: &str, sepay: &str| {
            let mut config = Config { mode: Mode::Production, ..Config::default() };
            config.bank.feed = feed;
            config.bank.sepay_hmac_secret = sepay.to_owned();
            config.casso.secret = casso.to_owned();
            config.sepay_polling.url = "http://my.sepay.vn".to_owned();
            let refused = config.refused().into_iter().map(|refused| refused.key);
            let feeds = ["bank.", "casso.", "payos.", "sepay_polling."];
            refused.filter(|key| feeds.iter().any(|feed| key.starts_with(feed))).collect::<Vec<_>>()
        };
        let plain = "sepay_polling.url";
        assert_eq!(keys(BankFeed::Casso, "secret", ""), [plain]);
        assert_eq!(keys(BankFeed::Casso, "", ""), ["casso.secret", plain]);
        assert_eq!(keys(BankFeed::Payos, "", ""), ["payos.checksum_key", plain]);
        assert_eq!(keys(BankFeed::Sepay, "secret", ""), ["bank.sepay_hmac_secret", plain]);
        assert_eq!(
            keys(BankFeed::Casso, "secret", DEVELOPMENT_WEBHOOK_SECRET),
            ["bank.sepay_hmac_secret", plain]
        );
    }

    #[test]
    fn production_refuses_the_sandbox_of_cards() {
        for (provider, refused) in [
            (CardProviderKind::None, false),
            (CardProviderKind::Stripe, false),
            (CardProviderKind::Sandbox, true),
        ] {
            let mut config = Config { mode: Mode::Production, ..Config::default() };
            config.card.provider = provider;
            let keys: Vec<_> = config.refused().into_iter().map(|refused| refused.key).collect();
            assert_eq!(keys.contains(&"card.provider"), refused, "{provider:?}");
        }
    }

    #[test]
    fn letters_of_production_leave_by_tls_or_not_at_all() {
        let keys = |via, tls, host: &str| {
            let mut config = Config { mode: Mode::Production, ..Config::default() };
            (config.mail.via, config.mail.smtp_tls, config.mail.smtp_host) =
                (via, tls, host.to_owned());
            config.mail.from = "Chợ Nổi <no-reply@example.vn>".to_owned();
            let refused = config.refused().into_iter().map(|refused| refused.key);
            refused.filter(|key| key.starts_with("mail.")).collect::<Vec<_>>()
        };
        assert_eq!(keys(MailVia::Folder, MailTls::Starttls, ""), ["mail.via"]);
        assert_eq!(keys(MailVia::None, MailTls::None, ""), [""; 0]);
        assert_eq!(keys(MailVia::Smtp, MailTls::Starttls, "smtp.example.vn"), [""; 0]);
        assert_eq!(keys(MailVia::Smtp, MailTls::None, "localhost"), [""; 0]);
        assert_eq!(keys(MailVia::Smtp, MailTls::None, "127.0.0.1"), [""; 0]);
        for elsewhere in ["smtp.example.vn", "localhost.example.vn", "127.example.vn", ""] {
            assert_eq!(keys(MailVia::Smtp, MailTls::None, elsewhere), ["mail.smtp_tls"]);
        }
        let mut unnamed = Config { mode: Mode::Production, ..Config::default() };
        unnamed.mail.via = MailVia::Smtp;
        assert!(unnamed.refused().iter().any(|refused| refused.key == "mail.from"));
    }

    #[test]
    fn links_to_other_hosts_need_tls_in_production() {
        for (address, plain) in [
            ("http://catalog:8080", true),
            ("https://catalog:8080", false),
            ("http://127.0.0.1:8080", false),
            ("redis://:secret@cache/0", true),
            ("rediss://cache", false),
            ("postgres://u:p@db/chonoi", true),
            ("postgres://u:p@db/chonoi?sslmode=verify-full", false),
            ("", false),
        ] {
            assert_eq!(is_plain(address), plain, "{address}");
        }
    }
}
