//! A file to take away that is not only text.

use async_graphql::SimpleObject;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::access::{Requires, auth};

/// A file to take away, of text or not.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct BinaryFile {
    /// A name for it.
    name: String,
    /// Its media type.
    media_type: String,
    /// Its bytes in base64 (RFC 4648, section 4).
    base64: String,
}

impl BinaryFile {
    /// The file that payments wrote.
    pub fn of(file: proto::payments::BinaryFile) -> Self {
        let base64 = STANDARD.encode(&file.content);
        Self { name: file.name, media_type: file.media_type, base64 }
    }
}
