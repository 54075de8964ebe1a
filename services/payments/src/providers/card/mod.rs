//! Cards: what the market asks of a card provider, in the market's own words.
//!
//! It owns the questions, the answers and the ways to fail, for every provider alike. It never
//! sees a card: the shopper types the number on the provider's page, and this module has no place
//! to keep one. It keeps no books and decides nothing; use cases do.

mod answers;
mod errors;
mod references;
mod requests;
pub mod stripe;

pub use answers::{
    BalanceTransaction, BalanceTransactionKind, CardFailure, CardPayment, CardPaymentStatus,
    CheckoutSession, ClientSecret, Dispute, DisputeStatus, PaymentIntent, Payout, PayoutStatus,
    Refund, RefundStatus,
};
use async_trait::async_trait;
pub use errors::{CardError, CardRefusal};
use kernel::Timestamp;
pub use references::{
    BalanceTransactionId, CardPaymentReference, CardRefundId, ChargeId, CheckoutSessionId,
    DisputeId, IdempotencyKey, IntentId, InvalidReference, ProviderEventId, ProviderPayoutId,
};
pub use requests::{CheckoutSessionRequest, PaymentIntentRequest, RefundRequest};

/// A provider of card payments.
///
/// Call it outside of database transactions. What asks for a change carries an [`IdempotencyKey`]
/// that was stored before the call: after [`CardError::Unavailable`] nobody knows whether the
/// change happened, and only the *same* key makes the next call safe.
#[async_trait]
pub trait CardProvider: Send + Sync + std::fmt::Debug {
    /// The name under which its references are kept.
    fn name(&self) -> &'static str;

    /// Makes a page of the provider's on which the shopper pays once.
    async fn create_checkout_session(
        &self,
        request: &CheckoutSessionRequest,
        key: &IdempotencyKey,
    ) -> Result<CheckoutSession, CardError>;

    /// Closes such a page, so that nobody can pay on it any more. A page on which somebody paid,
    /// or that is closed already, refuses: ask [`Self::get_payment`] what became of it.
    async fn expire_checkout_session(
        &self,
        session: &CheckoutSessionId,
        key: &IdempotencyKey,
    ) -> Result<(), CardError>;

    /// Makes an intent to pay, for a form of the provider's that is embedded in our page.
    async fn create_payment_intent(
        &self,
        request: &PaymentIntentRequest,
        key: &IdempotencyKey,
    ) -> Result<PaymentIntent, CardError>;

    /// Gives an intent up, so that nobody can pay it any more. One that was paid refuses.
    async fn cancel_payment_intent(
        &self,
        intent: &IntentId,
        key: &IdempotencyKey,
    ) -> Result<(), CardError>;

    /// What became of a payment, as the provider knows it now.
    async fn get_payment(&self, payment: &CardPaymentReference) -> Result<CardPayment, CardError>;

    /// Gives money back, all or a part. The provider refuses more than is left to refund.
    async fn refund(
        &self,
        request: &RefundRequest,
        key: &IdempotencyKey,
    ) -> Result<Refund, CardError>;

    /// What became of a refund: one that succeeded may still fail days later.
    async fn get_refund(&self, refund: &CardRefundId) -> Result<Refund, CardError>;

    /// Every refund of what was paid, over all pages, with our own ids of them: how a refund is found
    /// whose answer was lost, once its key may be forgotten.
    async fn refunds_of(&self, intent: &IntentId) -> Result<Vec<Refund>, CardError>;

    /// What became of a dispute.
    async fn get_dispute(&self, dispute: &DisputeId) -> Result<Dispute, CardError>;

    /// What one movement did to our balance at the provider.
    async fn balance_transaction(
        &self,
        transaction: &BalanceTransactionId,
    ) -> Result<BalanceTransaction, CardError>;

    /// Every movement of our balance since a moment, over all pages, the newest first.
    async fn balance_transactions_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<BalanceTransaction>, CardError>;

    /// A transfer of our balance to our bank account.
    async fn payout(&self, payout: &ProviderPayoutId) -> Result<Payout, CardError>;

    /// Every movement that a payout nets, the payout's own included, over all pages.
    async fn payout_balance_transactions(
        &self,
        payout: &ProviderPayoutId,
    ) -> Result<Vec<BalanceTransaction>, CardError>;
}
