//! What a card provider answers: payments, refunds, disputes, and movements of our balance.

use std::fmt;

use kernel::{Money, PaymentId, Timestamp};

use super::{
    BalanceTransactionId, CardRefundId, ChargeId, CheckoutSessionId, DisputeId, IntentId,
    ProviderPayoutId,
};

/// A page on which the shopper pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutSession {
    /// The provider's id of it.
    pub id: CheckoutSessionId,
    /// Where to send the shopper.
    pub url: String,
    /// When it closes.
    pub expires_at: Timestamp,
}

/// An intent to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentIntent {
    /// The provider's id of it.
    pub id: IntentId,
    /// What the provider's form in the shopper's browser needs.
    pub client_secret: ClientSecret,
}

/// Lets a browser pay one intent. For that shopper's browser only: never logged or stored.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(pub String);

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardPaymentStatus {
    /// The shopper may still pay; `failure` tells of a card that was declined so far.
    Open,
    /// The banks are at it.
    Processing,
    /// The money is reserved on the card, and not taken.
    AwaitingCapture,
    /// The money was taken.
    Succeeded,
    /// It was given up; nobody can pay any more.
    Cancelled,
    /// Its page closed before anybody paid.
    Expired,
}

/// What the provider knows of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPayment {
    /// Our payment, as we told the provider; nothing when it is none of ours.
    pub payment: Option<PaymentId>,
    /// The page, where the payment was asked for by its page.
    pub session: Option<CheckoutSessionId>,
    /// The intent; a page has none before the shopper tries to pay.
    pub intent: Option<IntentId>,
    /// The latest charge.
    pub charge: Option<ChargeId>,
    /// Where it stands.
    pub status: CardPaymentStatus,
    /// What was asked.
    pub amount: Money,
    /// What was taken from the card.
    pub captured: Money,
    /// What went back, or is on its way back.
    pub refunded: Money,
    /// What the charge did to our balance.
    pub balance_transaction: Option<BalanceTransactionId>,
    /// Why the latest try did not pay.
    pub failure: Option<CardFailure>,
}

/// Why a card did not pay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardFailure {
    /// The provider's code, such as `card_declined`.
    pub code: Option<String>,
    /// The bank's reason, such as `insufficient_funds`. Not for the shopper to read: it may tell a
    /// thief that the card is known to be stolen.
    pub decline_code: Option<String>,
    /// The provider's words for the shopper, in English.
    pub message: String,
}

impl fmt::Display for CardFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.decline_code.as_deref().or(self.code.as_deref());
        f.write_str(code.unwrap_or("no reason given"))
    }
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// The shopper must do something first.
    RequiresAction,
    /// Sent to the cardholder's bank.
    Succeeded,
    /// It came back; the money is on our balance again.
    Failed,
    /// It was taken back before it went.
    Cancelled,
}

/// Money that goes back to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The provider's id of it.
    pub id: CardRefundId,
    /// What was paid.
    pub intent: Option<IntentId>,
    /// The charge that was paid.
    pub charge: Option<ChargeId>,
    /// How much goes back.
    pub amount: Money,
    /// Our own id of it, as it was asked for; none: somebody made it by hand.
    pub reference: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// What it did to our balance.
    pub balance_transaction: Option<BalanceTransactionId>,
    /// What its failing did to our balance.
    pub failure_balance_transaction: Option<BalanceTransactionId>,
    /// Why it failed, in the provider's code.
    pub failure_reason: Option<String>,
}

/// Where a dispute stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DisputeStatus {
    /// The bank asks, and takes no money yet; we must answer.
    WarningNeedsResponse,
    /// We answered the bank's question.
    WarningUnderReview,
    /// The question led to nothing.
    WarningClosed,
    /// The money was taken; we must answer.
    NeedsResponse,
    /// The bank weighs our answer.
    UnderReview,
    /// The money came back to us.
    Won,
    /// The money is gone.
    Lost,
    /// It was prevented: refunded before it became a dispute.
    Prevented,
    /// A status that this program does not know. Never taken for an end.
    Other(String),
}

/// A charge that the cardholder's bank contests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The provider's id of it.
    pub id: DisputeId,
    /// What was paid.
    pub intent: Option<IntentId>,
    /// The charge that is contested.
    pub charge: ChargeId,
    /// How much of it.
    pub amount: Money,
    /// Where it stands.
    pub status: DisputeStatus,
    /// The provider's code of the cardholder's reason, such as `fraudulent`.
    pub reason: String,
    /// Until when we may answer.
    pub evidence_due_by: Option<Timestamp>,
    /// What it did to our balance: money taken with a fee, and perhaps given back.
    pub balance_transactions: Vec<BalanceTransaction>,
}

/// What a movement of our balance is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BalanceTransactionKind {
    /// A card was charged.
    Charge,
    /// Money went back to a card.
    Refund,
    /// A refund failed, and the money is ours again.
    RefundFailure,
    /// A dispute took money, or gave it back; also other corrections.
    Adjustment,
    /// Our balance went to our bank.
    Payout,
    /// Such a transfer came back.
    PayoutFailure,
    /// A fee of the provider's that is not part of a charge.
    Fee,
    /// A kind that this program does not know.
    Other(String),
}

/// A movement of our balance at the provider, in the currency in which the provider settles.
///
/// That is not always the currency of the payment: the provider may have converted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceTransaction {
    /// The provider's id of it.
    pub id: BalanceTransactionId,
    /// What it is.
    pub kind: BalanceTransactionKind,
    /// Before the fee; below zero when our balance shrinks.
    pub amount: Money,
    /// What the provider keeps of it.
    pub fee: Money,
    /// What our balance gains: amount less fee.
    pub net: Money,
    /// From when it can be paid out.
    pub available_on: Timestamp,
    /// When it was booked.
    pub created_at: Timestamp,
    /// The id of the charge, refund, dispute or payout that it comes from.
    pub source: Option<String>,
}

/// Where a transfer to our bank stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayoutStatus {
    /// Not sent yet.
    Pending,
    /// Sent to the bank.
    InTransit,
    /// The bank has it; it may still come back within days.
    Paid,
    /// It came back.
    Failed,
    /// It was taken back before it went.
    Cancelled,
}

/// A transfer of our balance to our bank account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// The provider's id of it.
    pub id: ProviderPayoutId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: PayoutStatus,
    /// When the bank should book it: midnight UTC of the day.
    pub arrives_at: Timestamp,
    /// Whether the provider made it on its schedule. Only then does it know what the payout nets.
    pub automatic: bool,
    /// What it did to our balance.
    pub balance_transaction: Option<BalanceTransactionId>,
    /// What its failing did to our balance.
    pub failure_balance_transaction: Option<BalanceTransactionId>,
    /// Why it failed, in the provider's code.
    pub failure_code: Option<String>,
    /// The bank's reference, by which a credit on a statement is told.
    pub bank_reference: Option<String>,
    /// What the provider asks the bank to write on the statement.
    pub statement_descriptor: Option<String>,
}
