//! Stripe's webhooks: whether a call is Stripe's own, and of what it tells.
//!
//! A call is only a hint that something changed: calls come late, twice and in any order. What
//! changed is read from Stripe anew, so of the body nothing is kept but what to ask for.
//!
//! Source: docs.stripe.com/webhooks, "Verify webhook signatures manually". `Stripe-Signature` is
//! `t=SECONDS,v1=HEX[,v1=HEX…]`, where HEX is HMAC-SHA256(secret, "t.body"). It has several `v1`
//! while a secret is being changed for another.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use kernel::Timestamp;
use platform::secrets;
use serde::Deserialize;
use sha2::Sha256;

use crate::providers::card::{
    CardRefundId, ChargeId, CheckoutSessionId, DisputeId, IntentId, InvalidReference,
    ProviderEventId, ProviderPayoutId,
};

/// The name under which its events are kept.
pub const FEED: &str = "stripe";
/// The header that proves a call.
pub const SIGNATURE_HEADER: &str = "stripe-signature";
/// How far a signed moment may be off, in seconds.
const TOLERANCE_SECONDS: i64 = 300;
/// Stripe signs with the secrets that are valid: two at most. More signatures than this are not
/// looked at.
const MAX_SIGNATURES: usize = 8;

/// The secrets of our endpoint at Stripe. While one is being changed for another, both hold.
#[derive(Clone)]
pub struct WebhookSecrets(Vec<String>);

/// An endpoint without a secret would believe everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is missing or empty")]
pub struct NoSecret;

/// Why a call is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disbelieved {
    /// It shows nothing.
    #[error("no proof")]
    NoProof,
    /// What it shows has no moment or no signature.
    #[error("the signature header cannot be read")]
    Malformed,
    /// No signature holds.
    #[error("wrong signature")]
    WrongSignature,
    /// The signature is too old, or from the future.
    #[error("timestamp out of tolerance")]
    Stale,
}

impl WebhookSecrets {
    /// The secrets, none of them empty.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Result<Self, NoSecret> {
        let secrets: Vec<String> = secrets.into_iter().collect();
        if secrets.is_empty() || secrets.iter().any(String::is_empty) {
            return Err(NoSecret);
        }
        Ok(Self(secrets))
    }

    /// Whether a body is Stripe's own, byte for byte as it came.
    pub fn verify(
        &self,
        signature: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Disbelieved> {
        let header = Header::read(signature.ok_or(Disbelieved::NoProof)?)?;
        // Every pair is compared, so that the time taken tells nothing.
        let mut holds = false;
        for secret in &self.0 {
            let Some(expected) = sign(secret, header.timestamp, body) else { continue };
            for shown in &header.signatures {
                holds |= secrets::same(shown.as_bytes(), expected.as_bytes());
            }
        }
        if !holds {
            return Err(Disbelieved::WrongSignature);
        }
        let off = (now.micros() / 1_000_000).saturating_sub(header.seconds).saturating_abs();
        if off <= TOLERANCE_SECONDS { Ok(()) } else { Err(Disbelieved::Stale) }
    }
}

impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookSecrets({} of them)", self.0.len())
    }
}

/// What `Stripe-Signature` says. Schemes other than `v1` prove nothing and are passed over.
struct Header<'a> {
    timestamp: &'a str,
    seconds: i64,
    signatures: Vec<&'a str>,
}

impl<'a> Header<'a> {
    fn read(text: &'a str) -> Result<Self, Disbelieved> {
        let mut timestamp = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('=') {
                // Which of two moments was signed would be anybody's choice.
                Some(("t", _)) if timestamp.is_some() => return Err(Disbelieved::Malformed),
                Some(("t", moment)) => timestamp = Some(moment),
                Some(("v1", signature)) if signatures.len() < MAX_SIGNATURES => {
                    signatures.push(signature);
                }
                _ => {}
            }
        }
        let timestamp = timestamp.ok_or(Disbelieved::Malformed)?;
        let seconds = timestamp.parse().map_err(|_| Disbelieved::Malformed)?;
        if signatures.is_empty() {
            return Err(Disbelieved::Malformed);
        }
        Ok(Self { timestamp, seconds, signatures })
    }
}

/// HMAC takes keys of every length, so there is always a signature.
fn sign(secret: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// The header for a body: how a stand-in for Stripe signs its calls.
pub fn signature_header(secret: &str, at: Timestamp, body: &[u8]) -> String {
    let timestamp = at.micros().div_euclid(1_000_000).to_string();
    let signature = sign(secret, &timestamp, body).unwrap_or_default();
    format!("t={timestamp},v1={signature}")
}

/// That something changed, and what to ask Stripe for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHint {
    /// Stripe's id of the event: the same when it comes again.
    pub id: ProviderEventId,
    /// What is said to have happened, such as `checkout.session.completed`.
    pub kind: String,
    /// What it happened to.
    pub about: Changed,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A page on which a shopper pays.
    CheckoutSession(CheckoutSessionId),
    /// An intent to pay.
    Intent(IntentId),
    /// A charge. Its intent, refunds and disputes have events of their own.
    Charge(ChargeId),
    /// Money that goes back.
    Refund(CardRefundId),
    /// A contested charge.
    Dispute(DisputeId),
    /// A transfer to our bank.
    Payout(ProviderPayoutId),
    /// A thing that we keep no track of, by Stripe's name of its kind.
    Other(String),
}

/// The body is not an event of Stripe's.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// It is not the JSON of an event.
    #[error("the body is not a Stripe event")]
    Body(#[source] serde_json::Error),
    /// The id of what it is about cannot be an id.
    #[error("the event names no thing")]
    Reference(#[from] InvalidReference),
}

#[derive(Deserialize)]
struct Body {
    id: ProviderEventId,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    // Some objects, such as a balance, have no id.
    #[serde(default)]
    id: String,
    object: String,
}

/// Reads a body that was verified.
pub fn read(body: &[u8]) -> Result<EventHint, UnreadableEvent> {
    let Body { id, kind, data: Data { object } } =
        serde_json::from_slice(body).map_err(UnreadableEvent::Body)?;
    let about = match object.object.as_str() {
        "checkout.session" => Changed::CheckoutSession(object.id.try_into()?),
        "payment_intent" => Changed::Intent(object.id.try_into()?),
        "charge" => Changed::Charge(object.id.try_into()?),
        "refund" => Changed::Refund(object.id.try_into()?),
        "dispute" => Changed::Dispute(object.id.try_into()?),
        "payout" => Changed::Payout(object.id.try_into()?),
        _ => Changed::Other(object.object),
    };
    Ok(EventHint { id, kind, about })
}
