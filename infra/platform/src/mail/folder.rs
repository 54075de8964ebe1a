//! Letters as files, for development: every program of mail opens them.

use std::path::PathBuf;

use async_trait::async_trait;
use tokio::fs;

use super::{Letter, MailError, Mailer, Sender};

/// Writes each letter into a folder, as `{id}.eml`. Sent again, it is the same file.
#[derive(Clone, Debug)]
pub struct FolderMailer {
    folder: PathBuf,
    sender: Sender,
}

impl FolderMailer {
    /// Letters of a sender in a folder; it is made with the first one.
    pub const fn new(folder: PathBuf, sender: Sender) -> Self {
        Self { folder, sender }
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = self.sender.message(letter)?.formatted();
        fs::create_dir_all(&self.folder).await.map_err(MailError::Folder)?;
        let whole = self.folder.join(format!("{}.eml", letter.id));
        // Nobody reads half a letter.
        let part = whole.with_extension("part");
        fs::write(&part, message).await.map_err(MailError::Folder)?;
        fs::rename(&part, &whole).await.map_err(MailError::Folder)
    }
}
