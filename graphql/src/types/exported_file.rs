//! A file to take away.

use async_graphql::SimpleObject;

use crate::access::{Requires, auth};

/// A file to take away.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct ExportedFile {
    /// A name for it.
    name: String,
    /// Its media type.
    media_type: String,
    /// Its text.
    content: String,
}

impl ExportedFile {
    /// The file that catalog wrote.
    pub fn of(file: proto::catalog::ExportedFile) -> Self {
        let content = String::from_utf8_lossy(&file.content).into_owned();
        Self { name: file.name, media_type: file.media_type, content }
    }

    /// The file that payments wrote.
    pub fn of_text(file: proto::payments::TextFile) -> Self {
        Self { name: file.name, media_type: file.media_type, content: file.text }
    }
}
