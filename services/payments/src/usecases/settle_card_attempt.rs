//! What follows from what the card provider says of a try: its money pays the payment, or comes second
//! and goes back to the card; the books, and all who wait for the payment, hear of it once.

use anyhow::Context;
use kernel::{CardAttemptId, Money, Timestamp};
use platform::database::Transaction;
use platform::{ids, outbox};

use super::card_postings::{Booking, book_movement, posting};
use super::charge_orders::Charged;
use super::look_at_card_attempt::{next_look, pause};
use super::tell_of_payment::succeeded;
use crate::Payments;
use crate::domain::card_attempt::{AttemptStatus, Outcome, Seen};
use crate::domain::card_return::{CardReturn, ReturnStatus};
use crate::domain::commission::PaidBy;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payment::Payment;
use crate::domain::shop_line::ShopLine;
use crate::providers::card::{BalanceTransaction, CardPayment, CardPaymentStatus};
use crate::store;
use crate::store::cards::attempt::KeptAttempt;
use crate::store::cards::returned::KeptReturn;

/// What the provider says.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Of the payment.
    pub payment: CardPayment,
    /// What its charge did to our balance, once the provider knows.
    pub movement: Option<BalanceTransaction>,
}

/// Settles a try. What was settled before is not settled again.
pub async fn settle_card_attempt(
    payments: &Payments,
    id: CardAttemptId,
    heard: Heard,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The end of the ledger first: the order in which everybody locks.
    let end = store::ledger::lock(&tx).await?;
    let found = store::cards::attempt::by_id(&tx, id).await?.context("a card attempt is gone")?;
    let payment = store::payment::lock(&tx, found.attempt.payment).await?;
    let payment = payment.context("the payment of a card attempt is gone")?;
    let kept = store::cards::attempt::lock(&tx, id).await?.context("a card attempt is gone")?;
    let (postings, lines) = (Vec::new(), Vec::new());
    let mut settling = Settling { payments, tx: &tx, now, kept, payment, postings, lines };
    let before = settling.kept.attempt.status;
    settling.note(&heard.payment);
    match settling.kept.attempt.observe(seen(&heard.payment), &settling.payment) {
        Outcome::Becomes(status) => settling.kept.attempt.status = status,
        Outcome::Pays => settling.capture().await?,
        Outcome::GoesBack(money) => settling.send_back(money).await?,
    }
    if let Some(movement) = &heard.movement {
        settling.book_charge(movement).await?;
    }
    settling.schedule();
    let status = settling.kept.attempt.status;
    if status != before {
        settling.kept.attempt.changed_at = now;
    }
    store::cards::attempt::update(&tx, &settling.kept).await?;
    store::ledger::append(&tx, end, &settling.postings).await?;
    store::shop_line::insert(&tx, &settling.lines).await?;
    tx.commit().await?;
    if status != before {
        metrics::counter!("card_attempts_total", "status" => status.name()).increment(1);
        if status == AttemptStatus::Captured {
            metrics::counter!("payments_total", "status" => "succeeded").increment(1);
        }
    }
    Ok(())
}

/// What the provider says, as far as it matters.
fn seen(payment: &CardPayment) -> Seen {
    if payment.captured.is_positive() {
        return Seen::Taken(payment.captured);
    }
    match payment.status {
        CardPaymentStatus::Open => Seen::Open,
        // A charge that says nothing of its money yet.
        CardPaymentStatus::Processing
        | CardPaymentStatus::AwaitingCapture
        | CardPaymentStatus::Succeeded => Seen::Processing,
        CardPaymentStatus::Cancelled | CardPaymentStatus::Expired => Seen::Ended,
    }
}

struct Settling<'a> {
    payments: &'a Payments,
    tx: &'a Transaction,
    now: Timestamp,
    kept: KeptAttempt,
    payment: Payment,
    postings: Vec<Posting>,
    lines: Vec<ShopLine>,
}

impl Settling<'_> {
    /// Keeps what the provider calls the try, and why the last card did not pay.
    fn note(&mut self, heard: &CardPayment) {
        let kept = &mut self.kept;
        kept.session = kept.session.take().or_else(|| heard.session.clone());
        kept.intent = kept.intent.take().or_else(|| heard.intent.clone());
        if heard.captured.is_positive() {
            kept.charge = kept.charge.take().or_else(|| heard.charge.clone());
        }
        if let Some(failure) = &heard.failure {
            kept.failure = Some(failure.to_string());
        }
    }

    async fn capture(&mut self) -> anyhow::Result<()> {
        let gross = self.payment.amount;
        self.payment.succeed_by_card(self.now)?;
        (self.kept.attempt.status, self.kept.captured) = (AttemptStatus::Captured, Some(gross));
        self.kept.failure = None;
        let payment = &self.payment;
        store::payment::close(self.tx, [payment.id], payment.status, self.now).await?;
        store::part_payment::outdo(self.tx, &[payment.id], None).await?;
        outbox::publish_all(self.tx, self.now, succeeded(payment, self.now)).await?;
        let charged =
            Charged::write(self.payments, self.tx, &[payment], PaidBy::Card, self.now).await?;
        let mut entries = vec![Entry { account: Account::CardClearing, amount: gross }];
        entries.extend(charged.entries(payment)?);
        let id = self.kept.attempt.id;
        let key = format!("attempt:{id}");
        let posting = posting(PostingKind::CardCaptured, id.to_string(), key, entries, self.now)?;
        let posting = posting.context("a capture of nothing")?;
        self.lines = charged.lines(payment.id, posting.id, self.now)?;
        self.postings.push(posting);
        Ok(())
    }

    /// The money came second: it is ours to give back, and the intent to do so is written with it.
    async fn send_back(&mut self, money: Money) -> anyhow::Result<()> {
        (self.kept.attempt.status, self.kept.captured) = (AttemptStatus::Surplus, Some(money));
        let id = self.kept.attempt.id;
        let entries = vec![
            Entry { account: Account::CardClearing, amount: money },
            Entry { account: Account::CardSuspense, amount: money.checked_neg()? },
        ];
        let key = format!("attempt:{id}");
        self.postings.extend(posting(
            PostingKind::CardSurplus,
            id.to_string(),
            key,
            entries,
            self.now,
        )?);
        let returned = CardReturn {
            id: ids::new(),
            attempt: id,
            refund: None,
            amount: money,
            status: ReturnStatus::Waiting,
            created_at: self.now,
            changed_at: self.now,
        };
        store::cards::returned::insert(self.tx, &KeptReturn::waiting(returned, self.now)).await?;
        tracing::warn!(attempt = %id, payment = %self.payment.id, "card money came second and goes back");
        Ok(())
    }

    /// What the provider kept of the charge.
    async fn book_charge(&mut self, movement: &BalanceTransaction) -> anyhow::Result<()> {
        let Some(captured) = self.kept.captured else { return Ok(()) };
        if self.kept.movement.is_some() {
            return Ok(());
        }
        let booking = Booking {
            kind: PostingKind::CardFeeTaken,
            subject: self.kept.attempt.id.to_string(),
            other: Account::CardClearing,
            ours: captured,
        };
        let provider = &self.kept.provider;
        let booked = book_movement(self.tx, provider, movement, booking, self.now).await?;
        self.postings.extend(booked);
        self.kept.movement = Some(movement.id.clone());
        Ok(())
    }

    /// When the try is looked at next: while money may come, and until the charge's movement is known.
    fn schedule(&mut self) {
        let kept = &mut self.kept;
        kept.next_look_at = if kept.attempt.status.is_live() {
            kept.looks = 0;
            Some(next_look(self.now, self.payment.expires_at))
        } else if kept.attempt.status.has_money() && kept.movement.is_none() {
            kept.looks = kept.looks.saturating_add(1);
            Some(self.now.after(pause(kept.looks)))
        } else {
            None
        };
    }
}
