//! Letters to an SMTP server (RFC 5321), which carries them on.
//!
//! One connection carries the letters of a batch. It is out of everybody's reach while a letter is on it, and comes
//! back only after the server took that: what is broken off ends with its connection. A pool (lettre has one) takes
//! back what a deadline broke off, and reads the answer to one letter as the answer to the next.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::{Letter, MailError, Mailer, Sender};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the whole talk may take: a server that answers slowly each time holds nobody up.
const WHOLE_TALK: Duration = Duration::from_secs(15);
/// Letters on one connection: servers end one that carries many.
const LETTERS_AT_MOST: u32 = 50;
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

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
    host: String,
    port: u16,
    way: Way,
    credentials: Option<Credentials>,
    hello: ClientId,
    sender: Sender,
    /// The connection of this batch, while no letter is on it.
    kept: Mutex<Option<Connected>>,
}

/// How the way to the server is kept from others, with what that needs.
enum Way {
    Implicit(TlsParameters),
    StartTls(TlsParameters),
    Plain,
}

/// A connection, and how many letters it carried.
struct Connected {
    connection: AsyncSmtpConnection,
    letters: u32,
}

impl SmtpMailer {
    /// A way to a server; nothing is asked of it yet.
    pub fn new(settings: SmtpSettings, sender: Sender) -> Result<Self, MailError> {
        let unusable = |_: Error| MailError::Unreached("the host has no name that TLS can check");
        let parameters = || TlsParameters::new(settings.host.clone()).map_err(unusable);
        let way = match settings.tls {
            SmtpTls::Implicit => Way::Implicit(parameters()?),
            SmtpTls::StartTls => Way::StartTls(parameters()?),
            SmtpTls::None => Way::Plain,
        };
        let credentials = settings.credentials;
        Ok(Self {
            host: settings.host,
            port: settings.port,
            way,
            credentials: credentials.map(|(user, password)| Credentials::new(user, password)),
            hello: ClientId::Domain(sender.domain().to_owned()),
            sender,
            kept: Mutex::default(),
        })
    }

    async fn talk(&self, message: &Message) -> Result<(), Error> {
        let mut connected = match self.still_there().await {
            Some(connected) => connected,
            None => Connected { connection: self.connect().await?, letters: 0 },
        };
        connected.connection.send(message.envelope(), &message.formatted()).await?;
        connected.letters += 1;
        // The letter is taken: nothing that may fail or wait comes after this.
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(connected);
        Ok(())
    }

    /// The connection of the letter before, if the server did not end it.
    async fn still_there(&self) -> Option<Connected> {
        let mut connected = self.take()?;
        if connected.letters >= LETTERS_AT_MOST {
            say_goodbye(connected).await;
            return None;
        }
        connected.connection.test_connected().await.then_some(connected)
    }

    fn take(&self) -> Option<Connected> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let wrapped = match &self.way {
            Way::Implicit(parameters) => Some(parameters.clone()),
            Way::StartTls(_) | Way::Plain => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(PATIENCE), &self.hello, wrapped, None)
                .await?;
        if let Way::StartTls(parameters) = &self.way {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

/// Ends a connection as is polite; whoever does not answer is left all the same.
async fn say_goodbye(mut connected: Connected) {
    drop(tokio::time::timeout(GOODBYE, connected.connection.abort()).await);
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = self.sender.message(letter)?;
        let sent = tokio::time::timeout(WHOLE_TALK, self.talk(&message)).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(why(&error)),
            Err(_) => Err(MailError::Unreached("it took too long")),
        }
    }

    async fn rest(&self) {
        if let Some(connected) = self.take() {
            say_goodbye(connected).await;
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
