//! Random tokens, their digests, and tokens derived from a secret.

use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A token of 256 random bits, in hexadecimal digits.
///
/// # Panics
/// When the operating system gives no randomness: nothing secret can be made then.
#[expect(clippy::expect_used, reason = "without randomness no secret may be made")]
pub fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    SysRng.try_fill_bytes(&mut bytes).expect("the operating system gives randomness");
    hex::encode(bytes)
}

/// SHA-256 of a text: how tokens are stored.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// A token that only who knows `secret` can make: HMAC-SHA-256 over purpose and text.
pub fn keyed_token(secret: &[u8], purpose: &str, text: &str) -> String {
    hex::encode(keyed_digest(secret, purpose, text))
}

/// 256 bits that only who knows `secret` can make: HMAC-SHA-256 over purpose and text. Also a key
/// of its own for a purpose.
///
/// # Panics
/// Never: HMAC takes keys of every length.
#[expect(clippy::expect_used, reason = "a key that is guessed must never take the place of one")]
pub fn keyed_digest(secret: &[u8], purpose: &str, text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes every key");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_token_depends_on_secret_purpose_and_text() {
        let token = keyed_token(b"secret", "cart", "1");
        assert_eq!(token, keyed_token(b"secret", "cart", "1"));
        for other in [
            keyed_token(b"other", "cart", "1"),
            keyed_token(b"secret", "checkout", "1"),
            keyed_token(b"secret", "cart", "2"),
        ] {
            assert!(!same(token.as_bytes(), other.as_bytes()));
        }
        assert_ne!(random_token(), random_token());
    }
}
