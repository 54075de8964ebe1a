//! What is asked of a card provider.

use kernel::{Locale, Money, PaymentId, Timestamp};

use super::IntentId;

/// A page on which the shopper pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutSessionRequest {
    /// Our payment: comes back with every answer, and tells whose money it is.
    pub payment: PaymentId,
    /// What is to be paid, exactly.
    pub amount: Money,
    /// What the shopper reads beside the amount.
    pub description: String,
    /// The language of the page.
    pub locale: Locale,
    /// Where the shopper's browser goes after paying. Its coming there proves nothing.
    pub success_url: String,
    /// Where it goes when the shopper turns back.
    pub cancel_url: String,
    /// When the page closes by itself. Stripe takes 30 minutes to 24 hours from now; what must
    /// close sooner is closed by `expire_checkout_session`.
    pub expires_at: Timestamp,
}

/// An intent to pay, without a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentIntentRequest {
    /// Our payment.
    pub payment: PaymentId,
    /// What is to be paid, exactly.
    pub amount: Money,
    /// What the provider's dashboard shows.
    pub description: Option<String>,
}

/// Money to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// What was paid.
    pub intent: IntentId,
    /// How much of it goes back.
    pub amount: Money,
    /// Our own id of the refund, kept with it at the provider.
    pub reference: String,
}
