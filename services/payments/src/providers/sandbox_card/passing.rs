//! What time itself does: pages close, refunds settle, disputes lapse, payouts arrive.

use super::book::Book;
use super::objects::{Dispute, Payout, Refund, Session, Thing};
use super::refusals::Trouble;
use super::{disputing, paying_out, refunding, sessions};

/// Changes in one transaction at most; the rest follows in the next.
const AT_ONCE: u64 = 100;

/// Does what is due; gives how much that was.
pub async fn pass(book: &mut Book) -> Result<usize, Trouble> {
    let due = book.due(AT_ONCE).await?;
    for (kind, id) in &due {
        match kind.as_str() {
            Session::KIND => {
                let session = book.get(id).await?;
                sessions::close_session(book, session).await?;
            }
            Refund::KIND => {
                let refund = book.get(id).await?;
                refunding::settle(book, refund).await?;
            }
            Dispute::KIND => {
                let dispute = book.get(id).await?;
                disputing::decide(book, dispute, false).await?;
            }
            Payout::KIND => {
                let payout = book.get(id).await?;
                paying_out::arrive(book, payout).await?;
            }
            other => tracing::warn!(kind = other, id, "nothing of this kind is ever due"),
        }
    }
    Ok(due.len())
}
