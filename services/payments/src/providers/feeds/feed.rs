//! The feeds there are, what a call shows to be one's own, and who reads it.

use super::transfer::{Transfer, Unreadable};
use super::{casso, payos, sepay};

/// Who tells of transfers on a bank account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feed {
    /// SePay.
    Sepay,
    /// Casso.
    Casso,
    /// payOS.
    Payos,
    /// SePay, that tells of a shop's own account with the key of that account.
    SepayOfShop,
}

impl Feed {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sepay, Self::Casso, Self::Payos, Self::SepayOfShop];

    /// The name under which its events are kept; of the market's own, the end of its webhook's path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sepay => "sepay",
            Self::Casso => "casso",
            Self::Payos => "payos",
            Self::SepayOfShop => "sepay_shop",
        }
    }

    /// The feed whose events are kept under a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feed| feed.name() == name)
    }
}

/// What a call shows to prove that it is a feed's own.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// Headers of SePay.
    Sepay(sepay::Proof<'a>),
    /// `X-Casso-Signature`.
    Casso(Option<&'a str>),
    /// Nothing: payOS signs inside the body.
    Payos,
}

impl Proof<'_> {
    /// Whose call it says it is.
    pub const fn feed(self) -> Feed {
        match self {
            Self::Sepay(_) => Feed::Sepay,
            Self::Casso(_) => Feed::Casso,
            Self::Payos => Feed::Payos,
        }
    }
}

/// Why a call is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disbelieved {
    /// It shows nothing.
    #[error("no proof")]
    NoProof,
    /// The key is another one.
    #[error("wrong key")]
    WrongKey,
    /// The signature does not hold.
    #[error("wrong signature")]
    WrongSignature,
    /// The signature is too old, or from the future.
    #[error("timestamp out of tolerance")]
    Stale,
}

/// Reads what a feed told; the body is believed already.
pub fn read(feed: Feed, body: &[u8]) -> Result<Transfer, Unreadable> {
    let transfer = match feed {
        Feed::Sepay | Feed::SepayOfShop => sepay::read(body)?,
        Feed::Casso => casso::read(body)?,
        Feed::Payos => payos::read(body)?,
    };
    Ok(transfer.storable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_found_by_the_name_its_events_are_kept_under() {
        for feed in Feed::ALL {
            assert_eq!(Feed::named(feed.name()), Some(feed));
        }
        assert_eq!(Feed::named("statement"), None);
        assert_eq!(Proof::Casso(None).feed(), Feed::Casso);
    }

    #[test]
    fn a_character_that_no_database_keeps_does_not_stop_the_worker() {
        let body = r#"{"id":"1\u0000","accountNumber":"2","content":"a\u0000b","transferType":"in","transferAmount":5}"#;
        let transfer = read(Feed::Sepay, body.as_bytes()).unwrap();
        assert_eq!((transfer.provider_id.as_str(), transfer.memo.as_str()), ("1", "ab"));
    }
}
