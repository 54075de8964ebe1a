//! What the sandbox remembers. How Stripe shows these things is in `showing.rs`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cards::{Decline, TestCard};
use super::forms::Metadata;
use super::showing;

/// A thing of the sandbox that is stored under an id.
pub trait Thing: Serialize + DeserializeOwned + Sync {
    /// Stripe's name of its kind, and the name in refusals.
    const KIND: &'static str;

    /// Its id.
    fn id(&self) -> &str;

    /// As Stripe shows it.
    fn shown(&self) -> Value;

    /// By what else than its id it is found.
    fn links(&self) -> Links {
        Links::default()
    }
}

/// By what a thing is found.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The intent that it is about.
    pub intent: Option<String>,
    /// The payout that nets it.
    pub payout: Option<String>,
    /// The currency in which it moves our balance.
    pub settled_in: Option<String>,
    /// When time itself changes it, in seconds since 1970.
    pub due_at: Option<i64>,
}

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// The shopper may pay.
    Open,
    /// The shopper paid.
    Complete,
    /// It closed before.
    Expired,
}

/// A page on which a shopper pays (`checkout.session`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    pub id: String,
    pub status: SessionStatus,
    pub intent: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub description: String,
    pub locale: Option<String>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub client_reference_id: Option<String>,
    pub metadata: Metadata,
    pub intent_metadata: Metadata,
    pub intent_description: Option<String>,
    pub url: String,
    pub created: i64,
    pub expires_at: i64,
}

impl Thing for Session {
    const KIND: &'static str = "checkout.session";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::session(self)
    }

    fn links(&self) -> Links {
        let open = self.status == SessionStatus::Open;
        Links {
            intent: self.intent.clone(),
            due_at: open.then_some(self.expires_at),
            ..Links::default()
        }
    }
}

/// Where an intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// A card may be tried.
    RequiresPaymentMethod,
    /// The bank asks its customer.
    RequiresAction,
    /// It was paid.
    Succeeded,
    /// It was given up.
    Canceled,
}

/// An intent to pay (`payment_intent`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intent {
    pub id: String,
    pub session: Option<String>,
    pub status: IntentStatus,
    pub amount: i64,
    pub currency: String,
    pub client_secret: String,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub latest_charge: Option<String>,
    pub last_error: Option<Decline>,
    /// The card whose bank asks its customer.
    pub asking: Option<TestCard>,
    pub created: i64,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
}

impl Thing for Intent {
    const KIND: &'static str = "payment_intent";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::intent(self)
    }
}

/// A card that was charged, or that a bank declined (`charge`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Charge {
    pub id: String,
    pub intent: String,
    pub card: TestCard,
    pub amount: i64,
    pub currency: String,
    pub amount_refunded: i64,
    pub disputed: bool,
    pub balance_transaction: Option<String>,
    pub failure: Option<Decline>,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub created: i64,
}

impl Charge {
    /// What may still be refunded: refunds that are on their way count.
    pub const fn refundable(&self) -> i64 {
        if self.failure.is_some() { 0 } else { self.amount - self.amount_refunded }
    }
}

impl Thing for Charge {
    const KIND: &'static str = "charge";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::charge(self)
    }

    fn links(&self) -> Links {
        Links { intent: Some(self.intent.clone()), ..Links::default() }
    }
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Sent to the cardholder's bank.
    Succeeded,
    /// It came back.
    Failed,
}

/// Money that goes back to a card (`refund`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub charge: String,
    pub intent: String,
    pub status: RefundStatus,
    pub amount: i64,
    pub currency: String,
    pub balance_transaction: String,
    pub failure_balance_transaction: Option<String>,
    pub reason: Option<String>,
    pub metadata: Metadata,
    pub created: i64,
    /// When its status changes once more.
    pub changes_at: Option<i64>,
}

impl Thing for Refund {
    const KIND: &'static str = "refund";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::refund(self)
    }

    fn links(&self) -> Links {
        let intent = Some(self.intent.clone());
        Links { intent, due_at: self.changes_at, ..Links::default() }
    }
}

/// A movement of our balance (`balance_transaction`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    /// Stripe's name of what it is.
    pub kind: String,
    pub amount: i64,
    pub fee: i64,
    pub currency: String,
    pub source: String,
    pub description: Option<String>,
    pub available_on: i64,
    pub created: i64,
    /// The payout that nets it.
    pub payout: Option<String>,
}

impl BalanceTransaction {
    /// What our balance gains.
    pub const fn net(&self) -> i64 {
        self.amount - self.fee
    }
}

impl Thing for BalanceTransaction {
    const KIND: &'static str = "balance_transaction";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::balance_transaction(self)
    }

    fn links(&self) -> Links {
        Links {
            payout: self.payout.clone(),
            settled_in: Some(self.currency.clone()),
            ..Links::default()
        }
    }
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// We must answer.
    NeedsResponse,
    /// The bank weighs our answer.
    UnderReview,
    /// The money came back.
    Won,
    /// The money is gone.
    Lost,
}

impl DisputeStatus {
    /// Whether the bank may still decide.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview)
    }
}

/// A charge that is contested (`dispute`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub charge: String,
    pub intent: String,
    pub status: DisputeStatus,
    pub amount: i64,
    pub currency: String,
    pub reason: String,
    /// Whole, as they were when they were booked.
    pub balance_transactions: Vec<BalanceTransaction>,
    pub evidence: Metadata,
    pub submissions: u32,
    pub due_by: i64,
    pub metadata: Metadata,
    pub created: i64,
}

impl Thing for Dispute {
    const KIND: &'static str = "dispute";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::dispute(self)
    }

    fn links(&self) -> Links {
        let waits = self.status == DisputeStatus::NeedsResponse;
        Links {
            intent: Some(self.intent.clone()),
            due_at: waits.then_some(self.due_by),
            ..Links::default()
        }
    }
}

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Sent to the bank.
    InTransit,
    /// The bank has it.
    Paid,
}

/// A transfer of our balance to our bank (`payout`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payout {
    pub id: String,
    pub status: PayoutStatus,
    pub amount: i64,
    pub currency: String,
    pub balance_transaction: String,
    /// The bank's reference: also in the memo of the credit.
    pub trace: String,
    pub created: i64,
    pub arrives_at: i64,
}

impl Thing for Payout {
    const KIND: &'static str = "payout";

    fn id(&self) -> &str {
        &self.id
    }

    fn shown(&self) -> Value {
        showing::payout(self)
    }

    fn links(&self) -> Links {
        let on_its_way = self.status == PayoutStatus::InTransit;
        Links { due_at: on_its_way.then_some(self.arrives_at), ..Links::default() }
    }
}

/// That something happened (`event`), as it is shown ever after.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Event(pub Value);

impl Thing for Event {
    const KIND: &'static str = "event";

    fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    fn shown(&self) -> Value {
        self.0.clone()
    }
}
