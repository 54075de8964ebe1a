//! How letters to people leave.

use serde::{Deserialize, Serialize};

/// How letters to people leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// On which way.
    pub via: MailVia,
    /// Who letters come from: `Chợ Nổi <no-reply@example.vn>`.
    pub from: String,
    /// The folder of letters; empty: `mails` in the data folder.
    pub folder: String,
    /// Name of the SMTP server.
    pub smtp_host: String,
    /// Its port.
    pub smtp_port: u16,
    /// How the way to it is kept from others.
    pub smtp_tls: MailTls,
    /// Who we are to it; empty: it asks nobody.
    pub smtp_user: String,
    /// The password for it.
    pub smtp_password: String,
    /// How long what happened to a shop's orders is gathered before its people are written to; 0 to 3600.
    pub shop_letters_seconds: u64,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            via: MailVia::Folder,
            from: "Chợ Nổi <no-reply@cho-noi.localhost>".to_owned(),
            folder: String::new(),
            smtp_host: String::new(),
            smtp_port: 587,
            smtp_tls: MailTls::Starttls,
            smtp_user: String::new(),
            smtp_password: String::new(),
            shop_letters_seconds: 180,
        }
    }
}

/// On which way letters leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailVia {
    /// Nobody is written to.
    None,
    /// As files in a folder. Never in production.
    #[default]
    Folder,
    /// By an SMTP server.
    Smtp,
}

/// How the way to the SMTP server is kept from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// TLS from the first byte (port 465).
    Implicit,
    /// TLS by STARTTLS; without it nothing is sent.
    #[default]
    Starttls,
    /// None: a server on this host or in a private network.
    None,
}
