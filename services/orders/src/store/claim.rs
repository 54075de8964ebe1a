//! Digests of tokens that claim waiting lists' offers, in columns that once held the tokens themselves.

use platform::secrets::digest;

use crate::domain::cart::ClaimDigest;

/// Before a digest. Tokens of before do not begin so.
const DIGEST: &str = "sha256:";

/// As it is kept; nothing is the empty text.
pub fn written(claim: Option<ClaimDigest>) -> String {
    claim.map_or_else(String::new, |claim| format!("{DIGEST}{}", hex::encode(claim.0)))
}

/// What is kept. A token of before is read as its digest.
pub fn read(kept: &str) -> Option<ClaimDigest> {
    if kept.is_empty() {
        return None;
    }
    let told = kept.strip_prefix(DIGEST).and_then(|told| hex::decode(told).ok());
    let told = told.and_then(|told| told.try_into().ok());
    Some(ClaimDigest(told.unwrap_or_else(|| digest(kept))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_written_and_a_token_of_before_as_its_digest() {
        let claim = ClaimDigest(digest("secret"));
        let kept = written(Some(claim));
        assert!(!kept.contains("secret"), "{kept}");
        assert_eq!(read(&kept), Some(claim));
        assert_eq!(read("secret"), Some(claim));
        assert_eq!(written(None), "");
        assert_eq!(read(""), None);
    }
}
