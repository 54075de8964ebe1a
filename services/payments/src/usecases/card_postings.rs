//! Movements of our balance at the card provider in the books: each once, whoever told of it.

use kernel::{Money, Timestamp};
use platform::database::Transaction;
use platform::ids;

use crate::domain::card_booking::Movement;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::providers::card::BalanceTransaction;
use crate::store;
use crate::store::payment::Inserted;

/// What a movement is, for the books.
#[derive(Clone, Debug)]
pub struct Booking {
    /// What its posting is.
    pub kind: PostingKind,
    /// What it is about: an id of ours, or the provider's.
    pub subject: String,
    /// The account on the other side.
    pub other: Account,
    /// The amount as our books know it, of the movement's sign.
    pub ours: Money,
}

/// A posting, if it has entries and they sum to zero.
pub fn posting(
    kind: PostingKind,
    subject: String,
    idempotency_key: String,
    mut entries: Vec<Entry>,
    posted_at: Timestamp,
) -> anyhow::Result<Option<Posting>> {
    entries.retain(|entry| !entry.amount.is_zero());
    if entries.is_empty() {
        return Ok(None);
    }
    let id = ids::new();
    Ok(Some(Posting { id, kind, subject, idempotency_key, entries, posted_at }.balanced()?))
}

/// Notes a movement and gives its posting; nothing, if it is in the books already or moves nothing.
pub async fn book_movement(
    tx: &Transaction,
    provider: &str,
    movement: &BalanceTransaction,
    booking: Booking,
    now: Timestamp,
) -> anyhow::Result<Option<Posting>> {
    if store::cards::movement::insert(tx, provider, movement, now).await? == Inserted::Taken {
        return Ok(None);
    }
    let Booking { kind, subject, other, ours } = booking;
    let moved = Movement { amount: movement.amount, fee: movement.fee };
    let key = format!("card:{provider}:{}", movement.id);
    posting(kind, subject, key, moved.entries(other, ours)?, now)
}
