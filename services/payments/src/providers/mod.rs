//! The outside: who tells of credits, who charges cards, and the bank and the cards of development.

pub mod card;
pub mod feeds;
pub mod payout_file;
pub mod sandbox_bank;
pub mod sandbox_card;
pub mod statements;
pub mod takeaway;

/// The most that one line of a bank says, in the smallest unit: ten thousand billion đồng. Anybody who keeps a
/// feed or brings a statement says amounts, and sums of them must fit the books.
const LARGEST: i64 = 10_000_000_000_000;

/// An amount that a bank may have meant.
fn believable(minor: i64) -> Option<i64> {
    (-LARGEST..=LARGEST).contains(&minor).then_some(minor)
}
