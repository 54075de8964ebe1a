//! The ways in which a card provider does not do what it is asked.

use kernel::{Currency, Money};

use super::CardFailure;

/// What lies under a fault of the machine.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call brought no answer to work with.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The provider understood and said no. Nothing happened, and asking again brings the same.
    #[error("the card provider refused: {0}")]
    Refused(CardRefusal),
    /// The cardholder's bank said no. Another card, or a later day, may do.
    #[error("the card was declined: {0}")]
    Declined(CardFailure),
    /// Too many calls. Nothing happened; ask later.
    #[error("the card provider asks for fewer calls")]
    RateLimited,
    /// No usable answer came. The change *may have happened*: ask again with the same key only.
    #[error("the card provider is unavailable")]
    Unavailable(#[source] BoxedError),
    /// An answer came that makes no sense to us. A change *did happen, or may have*: it is for a
    /// person to look, and the key must not be given up.
    #[error("the card provider's answer is unreadable")]
    Unreadable(#[source] BoxedError),
}

/// What a provider refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardRefusal {
    /// It does not know our key, or the key may not do this. For an operator to mend.
    #[error("our credentials are not accepted")]
    Unauthorized,
    /// It knows no such thing.
    #[error("there is no such thing")]
    NotFound,
    /// The amount is too small, too large, or more than is left to refund.
    #[error("the amount is not accepted: {message}")]
    Amount {
        /// The provider's words, for operators.
        message: String,
    },
    /// The currency cannot express the amount at this provider. Nothing was sent.
    #[error("{amount} cannot be charged: {currency} goes by tens of its smallest unit there")]
    NotRepresentable {
        /// What was asked.
        amount: Money,
        /// Its currency.
        currency: Currency,
    },
    /// All of it went back before.
    #[error("it is refunded already")]
    AlreadyRefunded,
    /// The cardholder's bank contests the charge, so a refund would pay twice.
    #[error("the charge is disputed")]
    Disputed,
    /// Our balance at the provider does not cover it.
    #[error("our balance at the provider is too low")]
    BalanceTooLow,
    /// The key was used for another request. A fault of ours: nothing happened now.
    #[error("the idempotency key belongs to another request")]
    KeyOfAnotherRequest,
    /// Anything else, in the provider's words.
    #[error("{code:?} at {parameter:?}: {message}")]
    Other {
        /// The provider's code.
        code: Option<String>,
        /// The parameter that it dislikes.
        parameter: Option<String>,
        /// The provider's words, for operators.
        message: String,
    },
}
