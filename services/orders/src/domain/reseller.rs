//! Who sells a shop's tours elsewhere, with a key and on account.

use kernel::{ResellerId, ShopId, Timestamp};

/// A reseller of one shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reseller {
    /// Its id.
    pub id: ResellerId,
    /// Whose tours it sells.
    pub shop: ShopId,
    /// What it is called.
    pub name: String,
    /// Where to write to.
    pub contact_email: String,
    /// SHA-256 of its key.
    pub key_digest: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when its key opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}
