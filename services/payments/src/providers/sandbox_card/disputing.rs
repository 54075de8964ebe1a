//! Disputes: the cardholder's bank takes the money back, and may give it back to us.

use super::book::Book;
use super::fees;
use super::forms::Form;
use super::objects::{Charge, Dispute, DisputeStatus};
use super::refunding::movement;
use super::refusals::{Refusal, Trouble};

/// Evidence that Stripe's tests win and lose with (`evidence[uncategorized_text]`).
const WINNING: &str = "winning_evidence";
const LOSING: &str = "losing_evidence";
/// Fields of evidence that are read; Stripe has more, for files.
const TEXT_FIELD: &str = "uncategorized_text";

/// A customer contests a charge: the money that was not refunded is withdrawn at once, with a fee.
pub async fn open(book: &mut Book, mut charge: Charge, reason: &str) -> Result<Dispute, Trouble> {
    let amount = charge.refundable();
    if charge.disputed || amount == 0 {
        let message = format!("Charge {} cannot be disputed.", charge.id);
        return Err(Refusal::invalid(message).into());
    }
    let created = book.seconds();
    let id = Book::new_id("dp");
    let mut taken = movement(book, "adjustment", -amount, &charge.currency, &id);
    taken.fee = fees::of_dispute(&book.terms, fees::currency(&charge.currency)?);
    taken.description = Some(format!("Chargeback withdrawal for {}", charge.id));
    charge.disputed = true;
    let dispute = Dispute {
        id,
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        status: DisputeStatus::NeedsResponse,
        amount,
        currency: charge.currency.clone(),
        reason: reason.to_owned(),
        balance_transactions: vec![taken.clone()],
        evidence: Default::default(),
        submissions: 0,
        due_by: created + book.terms.evidence_within.as_secs() as i64,
        metadata: Default::default(),
        created,
    };
    book.put(&taken).await?;
    book.put(&charge).await?;
    book.put(&dispute).await?;
    book.announce("charge.dispute.created", &dispute).await?;
    book.announce("charge.dispute.funds_withdrawn", &dispute).await?;
    Ok(dispute)
}

/// `POST /v1/disputes/{id}`: evidence, and with `submit` (as Stripe presumes) its sending to the bank.
/// What Stripe's tests call winning and losing evidence decides at once.
pub async fn answer(book: &mut Book, form: &mut Form, id: &str) -> Result<Dispute, Trouble> {
    let mut dispute = open_dispute(book, id).await?;
    dispute.evidence.extend(form.metadata("evidence").map_err(|mut refusal| {
        refusal.message = "Evidence is too long.".to_owned();
        refusal
    })?);
    dispute.metadata.extend(form.metadata("metadata")?);
    if form.one_of("submit", &["true", "false"])?.as_deref() != Some("false") {
        dispute.status = DisputeStatus::UnderReview;
        dispute.submissions += 1;
    }
    book.put(&dispute).await?;
    book.announce("charge.dispute.updated", &dispute).await?;
    if dispute.status != DisputeStatus::UnderReview {
        return Ok(dispute);
    }
    match dispute.evidence.get(TEXT_FIELD).map(String::as_str) {
        Some(WINNING) => decide(book, dispute, true).await,
        Some(LOSING) => decide(book, dispute, false).await,
        _ => Ok(dispute),
    }
}

/// `POST /v1/disputes/{id}/close`: we give in.
pub async fn close(book: &mut Book, id: &str) -> Result<Dispute, Trouble> {
    let dispute = open_dispute(book, id).await?;
    decide(book, dispute, false).await
}

/// The dispute of an id, while the bank may still decide it.
pub async fn open_dispute(book: &Book, id: &str) -> Result<Dispute, Trouble> {
    let dispute: Dispute = book.get(id).await?;
    if dispute.status.is_open() {
        return Ok(dispute);
    }
    Err(Refusal::invalid(format!("The dispute {id} is closed.")).into())
}

/// The bank decides. What it withdrew comes back if we won; its fee does not.
pub async fn decide(book: &mut Book, mut dispute: Dispute, won: bool) -> Result<Dispute, Trouble> {
    dispute.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
    if won {
        let mut back = movement(book, "adjustment", dispute.amount, &dispute.currency, &dispute.id);
        back.description = Some(format!("Chargeback reversal for {}", dispute.charge));
        book.put(&back).await?;
        dispute.balance_transactions.push(back);
    }
    book.put(&dispute).await?;
    if won {
        book.announce("charge.dispute.funds_reinstated", &dispute).await?;
    }
    book.announce("charge.dispute.closed", &dispute).await?;
    Ok(dispute)
}
