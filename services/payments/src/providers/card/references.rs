//! The provider's ids, each a type of its own, and the keys that make a call safe to repeat.
//!
//! Ids come from outside (webhooks too) and end in addresses, so what could change an address is
//! refused here.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Stripe says that its ids may grow to 255 characters.
const MAX_LENGTH: usize = 255;

/// A text that cannot be the provider's id, or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an id nor a key: 1 to 255 letters, digits, '_' and '-' (keys also ':' and '.')")]
pub struct InvalidReference;

macro_rules! provider_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as the provider writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidReference;

            fn try_from(text: String) -> Result<Self, InvalidReference> {
                checked(text, |byte| matches!(byte, b'_' | b'-')).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidReference;

            fn from_str(text: &str) -> Result<Self, InvalidReference> {
                text.to_owned().try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

provider_ids! {
    /// A page of the provider's on which a shopper pays (Stripe: `cs_…`).
    CheckoutSessionId;
    /// An intent to pay (`pi_…`): it survives declined cards until one pays.
    IntentId;
    /// A card that was charged (`ch_…`).
    ChargeId;
    /// Money that went back (`re_…`). Not our own id of the refund.
    CardRefundId;
    /// A charge that the cardholder's bank contests (`dp_…`, `du_…`).
    DisputeId;
    /// A movement of our balance at the provider (`txn_…`).
    BalanceTransactionId;
    /// Word of the provider's that something changed (`evt_…`).
    ProviderEventId;
    /// A transfer from the provider to our bank (`po_…`). Not a payout to a shop.
    ProviderPayoutId;
}

/// How a payment is named to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CardPaymentReference {
    /// By the page on which the shopper pays.
    CheckoutSession(CheckoutSessionId),
    /// By the intent.
    Intent(IntentId),
}

/// Names one change, so that asking for it again does not do it again.
///
/// Make it from the id of what is stored, such as `refund:…`: it must be the same after a restart.
/// Stripe forgets keys after 24 hours at the earliest; after a longer silence read first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key of 1 to 255 letters, digits and `_ - : .`.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidReference> {
        checked(text.into(), |byte| matches!(byte, b'_' | b'-' | b':' | b'.')).map(Self)
    }

    /// The key as the provider gets it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked(text: String, also: fn(u8) -> bool) -> Result<String, InvalidReference> {
    let fits = !text.is_empty() && text.len() <= MAX_LENGTH;
    if fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also(byte)) {
        Ok(text)
    } else {
        Err(InvalidReference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_change_an_address_is_refused() {
        assert_eq!("pi_1PgafyB7WZ01".parse::<IntentId>().unwrap().as_str(), "pi_1PgafyB7WZ01");
        for text in ["", "../refunds", "pi_1/cancel", "pi_1?x=1", "pi 1", "pi_1\r\n", "pi_ă", "."]
        {
            assert_eq!(text.parse::<IntentId>(), Err(InvalidReference), "{text:?}");
        }
        assert!("a".repeat(255).parse::<IntentId>().is_ok());
        assert!("a".repeat(256).parse::<IntentId>().is_err());
    }

    #[test]
    fn a_key_fits_a_header_and_is_never_empty() {
        assert_eq!(IdempotencyKey::new("refund:re_1.2").unwrap().as_str(), "refund:re_1.2");
        for text in ["", "a b", "a\n", "ă"] {
            assert_eq!(IdempotencyKey::new(text), Err(InvalidReference), "{text:?}");
        }
    }
}
