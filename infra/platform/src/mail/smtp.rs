//! Letters to an SMTP server (RFC 5321), which carries them on.

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport, Tokio1Executor};

use super::{Letter, MailError, Mailer, Sender};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the whole talk may take: a server that answers slowly each time holds nobody up.
const WHOLE_TALK: Duration = Duration::from_secs(15);

/// How the way to the server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte.
    Implicit,
    /// TLS by STARTTLS; without it nothing is sent.
    StartTls,
    /// None: for a server on this host or in a private network.
    None,
}

/// Where the server is.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is kept from others.
    pub tls: SmtpTls,
    /// Who we are to it, with the password; nobody where it asks nobody.
    pub credentials: Option<(String, String)>,
}

/// Sends letters to an SMTP server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

impl SmtpMailer {
    /// A way to a server; nothing is asked of it yet.
    pub fn new(settings: SmtpSettings, sender: Sender) -> Result<Self, MailError> {
        let unusable = |_: Error| MailError::Unreached("the host has no name that TLS can check");
        let parameters = || TlsParameters::new(settings.host.clone()).map_err(unusable);
        let tls = match settings.tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&*settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(sender.domain().to_owned()));
        if let Some((user, password)) = settings.credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), sender })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = self.sender.message(letter)?;
        let sent = tokio::time::timeout(WHOLE_TALK, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(why(&error)),
            Err(_) => Err(MailError::Unreached("it took too long")),
        }
    }
}

/// Codes that say of this letter or its address that they will never do (RFC 5321, 4.2.3; RFC 7504). Others may
/// be mended at the server or here: another password, a sender that is allowed again.
const fn is_of_recipient(code: u16) -> bool {
    matches!(code, 550..=553 | 555 | 556)
}

/// What servers say may name the address, so only its code is kept.
fn why(error: &Error) -> MailError {
    match error.status() {
        Some(code) if is_of_recipient(code.into()) => MailError::Refused(code.to_string()),
        Some(code) => MailError::NotNow(code.to_string()),
        None if error.is_tls() => MailError::Unreached("TLS failed"),
        None if error.is_timeout() => MailError::Unreached("it took too long"),
        None if error.is_client() => MailError::Unreached("it cannot do what is asked of it"),
        None => MailError::Unreached("no connection"),
    }
}
