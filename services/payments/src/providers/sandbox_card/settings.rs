//! What the sandbox is made of, what it takes, and how long things take in it.

use std::fmt;
use std::time::Duration;

use kernel::BasisPoints;

/// The key that the sandbox believes unless another one is configured.
pub const DEVELOPMENT_SECRET_KEY: &str = "sk_test_chonoi_sandbox";
/// The secret by which it signs unless another one is configured.
pub const DEVELOPMENT_WEBHOOK_SECRET: &str = "whsec_chonoi_sandbox";

/// What the sandbox is made of.
#[derive(Clone)]
pub struct SandboxCardParts {
    /// The secret key that callers of the API must show.
    pub secret_key: String,
    /// Where the sandbox tells of events: our webhook for Stripe.
    pub webhook_url: String,
    /// The secret by which it signs.
    pub webhook_secret: String,
    /// The address under which browsers reach this process, without a slash at its end.
    pub public_url: String,
    /// What things cost and how long they take.
    pub terms: SandboxCardTerms,
}

impl fmt::Debug for SandboxCardParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxCardParts").field("webhook_url", &self.webhook_url).finish()
    }
}

/// What things cost and how long they take in the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxCardTerms {
    /// The part of a charge that is kept as a fee.
    pub fee_rate: BasisPoints,
    /// What is kept of every charge besides, in đồng.
    pub fee_fixed_vnd: i64,
    /// What a dispute costs, in đồng. It is not given back.
    pub dispute_fee_vnd: i64,
    /// How long it takes until a charge's money can be paid out.
    pub available_after: Duration,
    /// How long a payout is on its way to the bank.
    pub payout_arrives_after: Duration,
    /// How long a refund is pending, or good until it fails.
    pub refund_settles_after: Duration,
    /// How long we may take to answer a dispute.
    pub evidence_within: Duration,
}

impl Default for SandboxCardTerms {
    /// About what Stripe takes: 2.9 % and 30 cents, 15 dollars a dispute, two days.
    fn default() -> Self {
        Self {
            fee_rate: BasisPoints::new(290).unwrap_or(BasisPoints::ZERO),
            fee_fixed_vnd: 7_500,
            dispute_fee_vnd: 375_000,
            available_after: Duration::from_secs(2 * 86_400),
            payout_arrives_after: Duration::from_secs(86_400),
            refund_settles_after: Duration::from_secs(10),
            evidence_within: Duration::from_secs(7 * 86_400),
        }
    }
}
