//! How letters of the market leave, from the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use platform::config::{Config, MailTls, MailVia};
use platform::mail::{FolderMailer, Mailer, Mailing, Sender, SmtpMailer, SmtpSettings, SmtpTls};

/// The way of the configuration; none where nobody is written to.
pub fn of(config: &Config, own_url: &str) -> anyhow::Result<Option<Mailing>> {
    let mail = &config.mail;
    let sender = || Sender::parse(&mail.from).context("mail.from");
    let mailer: Arc<dyn Mailer> = match mail.via {
        MailVia::None => return Ok(None),
        MailVia::Folder => {
            let folder = match mail.folder.as_str() {
                "" => PathBuf::from(&config.database.data_dir).join("mails"),
                folder => PathBuf::from(folder),
            };
            Arc::new(FolderMailer::new(folder, sender()?))
        }
        MailVia::Smtp => {
            let settings = SmtpSettings {
                host: mail.smtp_host.clone(),
                port: mail.smtp_port,
                tls: match mail.smtp_tls {
                    MailTls::Implicit => SmtpTls::Implicit,
                    MailTls::Starttls => SmtpTls::StartTls,
                    MailTls::None => SmtpTls::None,
                },
                credentials: (!mail.smtp_user.is_empty())
                    .then(|| (mail.smtp_user.clone(), mail.smtp_password.clone())),
            };
            Arc::new(SmtpMailer::new(settings, sender()?).context("mail.smtp_host")?)
        }
    };
    let pages = match config.server.public_url.as_str() {
        "" => own_url,
        url => url.trim_end_matches('/'),
    };
    Ok(Some(Mailing { mailer, pages: pages.to_owned() }))
}
