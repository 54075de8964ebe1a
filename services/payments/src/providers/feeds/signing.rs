//! HMAC in hexadecimal digits, as the feeds sign.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

/// HMAC-SHA-256 of parts, one after the other.
pub(super) fn sha256(key: &str, parts: &[&[u8]]) -> String {
    // HMAC takes keys of every length, so the other arm is never reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    for part in parts {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

/// HMAC-SHA-512 of parts, one after the other.
pub(super) fn sha512(key: &str, parts: &[&[u8]]) -> String {
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    for part in parts {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}
