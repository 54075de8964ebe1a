//! A refund in the books: approved, paid, or taken back. The caller's transaction holds it.

use anyhow::Context;
use kernel::{Money, ShopId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::refund::RefundMethod;
use crate::domain::reversal::RefundedInTotal;
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::store;
use crate::store::ledger::LedgerHead;
use crate::store::refund::{KeptRefund, RefundOf};

/// What happened to a refund of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundPosting {
    /// It may be sent: the shop owes it.
    Approved,
    /// It failed or was taken back: the shop owes it no more.
    Reversed,
}

/// Posts what a refund of an order takes from the shop and what of fee and taxes goes back to it; or
/// the way back of both.
pub async fn post_approved(
    tx: &Transaction,
    end: LedgerHead,
    refund: &KeptRefund,
    posting: RefundPosting,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (posted, lines) = booked(tx, refund, posting, now).await?;
    store::ledger::append(tx, end, &[posted]).await?;
    store::shop_line::insert(tx, &lines).await?;
    Ok(())
}

/// A refund's posting and the lines of its shop; the caller writes them, the posting first.
pub async fn booked(
    tx: &Transaction,
    refund: &KeptRefund,
    posting: RefundPosting,
    now: Timestamp,
) -> anyhow::Result<(Posting, Vec<ShopLine>)> {
    let RefundOf::Order { payment, order, shop } = refund.of else {
        return Ok((returned_credit(tx, refund, posting, now).await?, Vec::new()));
    };
    let charged = store::charges::of_orders(tx, [order]).await?.pop();
    let charged = charged.context("the order was never charged")?;
    let total = refunded_before(tx, refund).await?;
    let with_it = total.checked_add(refund.amount)?;
    let refunded = match posting {
        RefundPosting::Approved => RefundedInTotal { before: total, after: with_it },
        RefundPosting::Reversed => RefundedInTotal { before: with_it, after: total },
    };
    let amount = refunded.after.checked_sub(refunded.before)?;
    let back = charged.charges.given_back(refunded)?;
    // What the shop sends out of its own account takes nothing of what it is owed.
    let direct = refund.method == RefundMethod::ByShop;
    let own = if direct { amount } else { Money::zero(amount.currency) };
    let from_shop = amount.checked_sub(own)?.checked_sub(back.total()?)?;
    let owed = if direct { Account::DirectRefunds(shop) } else { Account::Refunds };
    let entries = vec![
        Entry { account: Account::DirectSales(shop), amount: own },
        Entry { account: Account::ShopPayable(shop), amount: from_shop },
        Entry { account: Account::PlatformFees, amount: back.fee },
        Entry { account: Account::TaxVat, amount: back.vat },
        Entry { account: Account::TaxPit, amount: back.pit },
        Entry { account: owed, amount: amount.checked_neg()? },
    ];
    let posted = posting_of(refund, posting, entries, now)?;
    let line = |kind, amount| ShopLine {
        id: ids::new(),
        shop,
        kind,
        amount,
        payment: Some(payment),
        order: Some(order),
        refund: Some(refund.id),
        payout: None,
        posting: posted.id,
        posted_at: now,
    };
    let refunded = line(ShopLineKind::Refund, amount.checked_neg()?);
    let mut lines = refunded.with_parts([back.fee, back.vat, back.pit]);
    lines.push(line(ShopLineKind::DirectBack, own));
    Ok((posted, lines))
}

/// What other refunds of the order that are in the books give back.
async fn refunded_before(tx: &Transaction, refund: &KeptRefund) -> anyhow::Result<Money> {
    let RefundOf::Order { payment, order, .. } = refund.of else {
        return Ok(Money::zero(refund.amount.currency));
    };
    let others = store::refund::of_payments(tx, &[payment]).await?;
    let posted = others.iter().filter(|other| {
        let same_order = matches!(other.of, RefundOf::Order { order: its, .. } if its == order);
        other.id != refund.id && same_order && other.is_posted()
    });
    Ok(Money::checked_sum(refund.amount.currency, posted.map(|other| other.amount))?)
}

/// A credit that goes back to who sent it leaves suspense, and so does card money that came second.
async fn returned_credit(
    tx: &Transaction,
    refund: &KeptRefund,
    posting: RefundPosting,
    now: Timestamp,
) -> anyhow::Result<Posting> {
    let suspense = match refund.of {
        RefundOf::Credit(credit) => {
            let credit = store::bank_credit::lock(tx, credit).await?;
            Account::Suspense { number: credit.context("the credit is gone")?.account_number }
        }
        RefundOf::Surplus { .. } => Account::CardSuspense,
        RefundOf::Order { .. } => anyhow::bail!("a refund of an order"),
    };
    let sign = |amount: Money| match posting {
        RefundPosting::Approved => Ok(amount),
        RefundPosting::Reversed => amount.checked_neg(),
    };
    let amount = sign(refund.amount)?;
    let entries = vec![
        Entry { account: suspense, amount },
        Entry { account: Account::Refunds, amount: amount.checked_neg()? },
    ];
    posting_of(refund, posting, entries, now)
}

fn posting_of(
    refund: &KeptRefund,
    posting: RefundPosting,
    mut entries: Vec<Entry>,
    now: Timestamp,
) -> anyhow::Result<Posting> {
    entries.retain(|entry| !entry.amount.is_zero());
    let subject = refund.id.to_string();
    let (kind, step) = match (posting, refund.of) {
        (RefundPosting::Approved, RefundOf::Order { .. }) => {
            (PostingKind::RefundApproved, "approved")
        }
        (RefundPosting::Approved, RefundOf::Credit(_) | RefundOf::Surplus { .. }) => {
            (PostingKind::CreditReturned, "approved")
        }
        (RefundPosting::Reversed, _) => (PostingKind::RefundReversed, "reversed"),
    };
    let idempotency_key = format!("refund:{subject}:{step}");
    let id = ids::new();
    Ok(Posting { id, kind, subject, idempotency_key, entries, posted_at: now }.balanced()?)
}

/// The shop that a refund is of, if it is of an order.
pub const fn shop_of(refund: &KeptRefund) -> Option<ShopId> {
    match refund.of {
        RefundOf::Order { shop, .. } => Some(shop),
        RefundOf::Credit(_) | RefundOf::Surplus { .. } => None,
    }
}
