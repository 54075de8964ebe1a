//! Letters to people by e-mail, and the two ways on which they leave: an SMTP server, or a folder.
//!
//! It knows nothing of what letters say, and keeps none: who sends sees to it that a letter is sent once, as
//! far as that can be had. The same letter has the same `Message-ID`, so that a mailbox knows it again.

mod folder;
mod message;
mod smtp;

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use kernel::Timestamp;
use uuid::Uuid;

pub use folder::FolderMailer;
pub use message::{BadSender, Sender};
pub use smtp::{SmtpMailer, SmtpSettings, SmtpTls};

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its id: the same letter sent again has the same.
    pub id: Uuid,
    /// Whom it is to, as they call themselves; may be empty.
    pub name: String,
    /// Their address.
    pub address: String,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says: plain text.
    pub text: String,
    /// When it was written.
    pub written_at: Timestamp,
}

/// Why a letter did not leave. Addresses and what servers say of them are not told: this is logged.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It cannot be written to this address.
    #[error("the address is none to which a letter can be written")]
    Address,
    /// The server will never take it.
    #[error("the server refuses the letter for good (SMTP {0})")]
    Refused(String),
    /// The server does not take it now.
    #[error("the server does not take the letter now (SMTP {0})")]
    NotNow(String),
    /// The server cannot be reached, or does not speak as it should.
    #[error("the server cannot be reached, or breaks off: {0}")]
    Unreached(&'static str),
    /// The folder cannot be written to.
    #[error("the folder of letters cannot be written to")]
    Folder(#[source] io::Error),
}

impl MailError {
    /// Whether trying again is of no use.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Address | Self::Refused(_))
    }
}

/// A way on which letters leave.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends a letter. Sent again after a crash, it may arrive twice, with one `Message-ID`.
    async fn send(&self, letter: &Letter) -> Result<(), MailError>;

    /// Nothing more is to be sent for now: what was kept open from letter to letter is closed.
    async fn rest(&self) {}
}

/// How letters of the market leave, and where their links lead to.
#[derive(Clone)]
pub struct Mailing {
    /// The way on which they leave.
    pub mailer: Arc<dyn Mailer>,
    /// The address of the market's pages, without a slash at its end.
    pub pages: String,
}
