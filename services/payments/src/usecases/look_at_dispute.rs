//! Reads a dispute from the card provider anew, and does what follows: what the bank took or gave back
//! is booked, and what was lost is borne by whom the rule says. It ends the same in any order of the news.

use std::time::Duration;

use anyhow::Context;
use kernel::{Currency, Money, OrderId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use super::card_postings::{Booking, book_movement, posting};
use super::find_card_attempt::find_card_attempt;
use super::look_at_card_attempt::look_at_card_attempt;
use super::return_surplus_to_bank::refund_instead;
use crate::Payments;
use crate::domain::card_attempt::AttemptStatus;
use crate::domain::dispute::{
    DisputeBearer, DisputeEnd, DisputedOrder, paid_with_surplus, shares, still_to_bear,
};
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::providers::card::{CardPaymentReference, Dispute, DisputeId};
use crate::store;
use crate::store::cards::attempt::KeptAttempt;
use crate::store::cards::dispute::{KeptDispute, status_name};
use crate::store::refund::RefundOf;

/// How often a dispute that goes on is looked at, and one that ended for some time.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// Banks correct themselves; after this long nothing is expected any more.
const QUIET_AFTER: Duration = Duration::from_secs(60 * 24 * 3_600);
/// The most disputes in one round.
const BATCH: u64 = 20;

/// Looks at disputes whose time has come.
pub async fn look_at_due_disputes(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    for kept in store::cards::dispute::due(service.database.reader(), now, BATCH).await? {
        if let Err(error) = look_at_dispute(payments, &kept.provider_id).await {
            tracing::warn!(dispute = %kept.id, error = format!("{error:#}"), "a dispute could not be looked at");
            let tx = service.database.begin().await?;
            store::cards::dispute::postpone(&tx, kept.id, now.after(LOOK_EVERY)).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Looks at a dispute now, and gives what became of the event that told of it.
pub async fn look_at_dispute(payments: &Payments, id: &DisputeId) -> anyhow::Result<&'static str> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let told = card.provider.get_dispute(id).await?;
    let Some(attempt) = attempt_of(payments, &told).await? else { return Ok("not_ours") };
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let provider = card.provider.name();
    let known = store::cards::dispute::by_provider_id(&tx, provider, id).await?;
    let is_new = known.is_none();
    let kept = known.unwrap_or_else(|| KeptDispute {
        id: ids::new(),
        provider: provider.to_owned(),
        provider_id: id.clone(),
        attempt: Some(attempt.attempt.id),
        charge: told.charge.clone(),
        amount: told.amount,
        status: String::new(),
        reason: told.reason.clone(),
        evidence_due_by: None,
        borne: Money::zero(told.amount.currency),
        borne_changes: 0,
        borne_by_surplus: Money::zero(told.amount.currency),
        next_look_at: None,
        created_at: now,
        changed_at: now,
    });
    let bearer = card.lost_disputes;
    let mut settling = Settling { tx: &tx, now, attempt: &attempt, bearer, kept };
    let (postings, lines) = settling.apply(&told).await?;
    if is_new {
        store::cards::dispute::insert(&tx, &settling.kept).await?;
    } else {
        store::cards::dispute::update(&tx, &settling.kept).await?;
    }
    store::ledger::append(&tx, end, &postings).await?;
    store::shop_line::insert(&tx, &lines).await?;
    tx.commit().await?;
    if is_new {
        metrics::counter!("card_disputes_total").increment(1);
    }
    Ok("looked_at")
}

/// The try whose money is contested, with its capture in the books: a dispute may be told of before it.
async fn attempt_of(payments: &Payments, told: &Dispute) -> anyhow::Result<Option<KeptAttempt>> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let provider = card.provider.name();
    let db = service.database.reader();
    if let Some(kept) = store::cards::attempt::by_charge(db, provider, &told.charge).await? {
        return Ok(Some(kept));
    }
    let Some(intent) = told.intent.clone() else { return Ok(None) };
    let reference = CardPaymentReference::Intent(intent);
    let Some(id) = find_card_attempt(payments, &reference).await? else { return Ok(None) };
    look_at_card_attempt(payments, id).await?;
    let kept = store::cards::attempt::by_charge(db, provider, &told.charge).await?;
    Ok(Some(kept.context("a disputed charge brought no money")?))
}

struct Settling<'a> {
    tx: &'a Transaction,
    now: Timestamp,
    attempt: &'a KeptAttempt,
    bearer: DisputeBearer,
    kept: KeptDispute,
}

impl Settling<'_> {
    async fn apply(&mut self, told: &Dispute) -> anyhow::Result<(Vec<Posting>, Vec<ShopLine>)> {
        let (mut postings, mut lines) = (Vec::new(), Vec::new());
        let mut taken = Money::zero(told.amount.currency);
        for movement in &told.balance_transactions {
            // Where the provider converted, the whole disputed amount went or came.
            let whole = if movement.amount.is_negative() {
                told.amount.checked_neg()?
            } else {
                told.amount
            };
            let same = movement.amount.currency == told.amount.currency;
            let ours = if same { movement.amount } else { whole };
            taken = taken.checked_sub(ours)?;
            let booking = Booking {
                kind: PostingKind::DisputeMoved,
                subject: self.kept.id.to_string(),
                other: Account::Disputes,
                ours,
            };
            let provider = &self.attempt.provider;
            postings.extend(book_movement(self.tx, provider, movement, booking, self.now).await?);
        }
        let status = status_name(&told.status);
        if self.kept.status != status {
            (self.kept.status, self.kept.changed_at) = (status.to_owned(), self.now);
        }
        self.kept.evidence_due_by = told.evidence_due_by;
        let end = self.kept.end();
        let bears = still_to_bear(end, taken, self.kept.borne)?;
        let borne = self.kept.borne.checked_add(bears)?;
        let by_surplus = paid_with_surplus(borne, self.surplus_left(borne.currency).await?);
        let from_surplus = by_surplus.checked_sub(self.kept.borne_by_surplus)?;
        if !bears.is_zero() || !from_surplus.is_zero() {
            let rest = bears.checked_sub(from_surplus)?;
            let (posting, of_shops) = self.bear(from_surplus, rest).await?;
            postings.push(posting);
            lines.extend(of_shops);
            (self.kept.borne, self.kept.borne_by_surplus) = (borne, by_surplus);
            self.kept.borne_changes = self.kept.borne_changes.saturating_add(1);
        }
        let quiet = end != DisputeEnd::Open && self.now > self.kept.changed_at.after(QUIET_AFTER);
        self.kept.next_look_at = (!quiet).then(|| self.now.after(LOOK_EVERY));
        Ok((postings, lines))
    }

    /// How much of the contested money came second and is still with us, nobody sending it back. What other
    /// disputes of it were paid with is not.
    async fn surplus_left(&self, currency: Currency) -> anyhow::Result<Money> {
        let attempt = &self.attempt.attempt;
        let (AttemptStatus::Surplus, Some(mut left)) = (attempt.status, self.attempt.captured)
        else {
            return Ok(Money::zero(currency));
        };
        for kept in store::cards::returned::of_attempt(self.tx, attempt.id).await? {
            let instead = refund_instead(self.tx, &kept).await?;
            let goes_to_bank = instead.is_some_and(|refund| refund.is_posted());
            if kept.returned.refund.is_none() && (!kept.is_here() || goes_to_bank) {
                left = left.checked_sub(kept.returned.amount)?;
            }
        }
        for other in store::cards::dispute::of_attempts(self.tx, &[attempt.id]).await? {
            if other.id != self.kept.id {
                left = left.checked_sub(other.borne_by_surplus)?;
            }
        }
        Ok(left)
    }

    /// Who bears so much of what was lost: the contested money itself, and others the rest; below zero it is
    /// given back to them.
    async fn bear(
        &self,
        from_surplus: Money,
        amount: Money,
    ) -> anyhow::Result<(Posting, Vec<ShopLine>)> {
        let id = ids::new();
        let borne = from_surplus.checked_add(amount)?;
        let mut entries = vec![
            Entry { account: Account::Disputes, amount: borne.checked_neg()? },
            Entry { account: Account::CardSuspense, amount: from_surplus },
        ];
        let mut lines = Vec::new();
        let of_shops = self.attempt.attempt.status == AttemptStatus::Captured;
        if self.bearer == DisputeBearer::Market || !of_shops {
            entries.push(Entry { account: Account::DisputesLost, amount });
        } else {
            let orders = self.orders().await?;
            for (order, share) in orders.iter().zip(shares(amount, &orders)?) {
                if share.is_zero() {
                    continue;
                }
                entries.push(Entry { account: Account::ShopPayable(order.shop), amount: share });
                let kind = if share.is_positive() {
                    ShopLineKind::Dispute
                } else {
                    ShopLineKind::DisputeBack
                };
                lines.push(ShopLine {
                    id: ids::new(),
                    shop: order.shop,
                    kind,
                    amount: share.checked_neg()?,
                    payment: Some(self.attempt.attempt.payment),
                    order: Some(order.order),
                    refund: None,
                    payout: None,
                    posting: id,
                    posted_at: self.now,
                });
            }
        }
        let subject = self.kept.id.to_string();
        // What is borne may change more than once: each change is a fact of its own, and the ledger
        // takes the n-th of a dispute once, whoever comes with it again.
        let key = format!("dispute:{subject}:{}", self.kept.borne_changes);
        let posted = posting(PostingKind::DisputeLost, subject, key, entries, self.now)?;
        let posted = posted.context("nothing is borne")?;
        Ok((Posting { id, ..posted }, lines))
    }

    async fn orders(&self) -> anyhow::Result<Vec<DisputedOrder>> {
        let payment = self.attempt.attempt.payment;
        let charged = store::charges::of_payment(self.tx, payment).await?;
        let refunds = store::refund::of_payments(self.tx, &[payment]).await?;
        let refunded = |wanted: OrderId, currency| {
            let of_order = refunds.iter().filter(|refund| {
                let RefundOf::Order { order, .. } = refund.of else { return false };
                order == wanted && refund.is_posted()
            });
            Money::checked_sum(currency, of_order.map(|refund| refund.amount))
        };
        charged
            .into_iter()
            .map(|order| {
                let captured = order.charges.commission.base;
                let refunded = refunded(order.order, captured.currency)?;
                Ok(DisputedOrder { order: order.order, shop: order.shop, captured, refunded })
            })
            .collect()
    }
}
