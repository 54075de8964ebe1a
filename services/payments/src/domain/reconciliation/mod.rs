//! Reconciliation: facts in, decisions out. Pure.
//!
//! Both sides are expectations (a payment, a refund, a payout) that meet facts (a line of a bank's
//! feed or statement). The ladder, first rung that is certain wins:
//!
//! 1. its reference in the memo, with the exact amount,
//! 2. a sub-account of its own,
//! 3. its reference in the memo, with another amount,
//!
//! and then what the amounts say: exact; within the tolerance; several transfers that sum to one
//! expectation (N:1); one transfer that sums several (1:N); less, more. Amount and time alone never
//! match: nine of ten real credits carry one of ten round amounts. They only make suggestions.
//!
//! (An id of the provider that belongs to one expectation would go before: no bank feed gives back an id that
//! is ours. Where a provider does, for cards and their payouts, what is paid is found by it and not here.)
//!
//! The same facts in any order, in any batches, repeated, end in the same state: an expectation's
//! state is computed from all the facts that name it, in an order of their own ([`Moment`]), never
//! in the order in which they came.

mod book;
mod ranking;
mod references;
mod settling;
mod suggesting;

pub use book::{Book, Expectation, ExpectationNumber, Fact, FactNumber, Paid};
pub use ranking::{Confidence, confidence};
pub use references::NotAReference;
pub use settling::{
    Claim, CreditState, Moment, Rule, Terms, Verdict, settle, settle_as_told, settles_together,
};
pub use suggesting::{Reason, Suggestion};
