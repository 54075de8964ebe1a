//! A payout in the books. The caller's transaction holds it.

use kernel::Timestamp;
use platform::database::Transaction;
use platform::ids;

use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::store;
use crate::store::ledger::LedgerHead;
use crate::store::payout::KeptPayout;

/// What happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutPosting {
    /// It was given to the bank.
    Sent,
    /// The bank made it, out of this account.
    Paid {
        /// The account's number.
        account: String,
    },
    /// The bank did not make it.
    ReturnedInTransit,
    /// The money came back, by a credit that waits in suspense.
    ReturnedByCredit {
        /// The account that it came back to.
        account: String,
    },
}

/// Posts what happened to a payout, and the line of the shop where it changes what it is owed.
pub async fn post_payout(
    tx: &Transaction,
    end: LedgerHead,
    kept: &KeptPayout,
    what: PayoutPosting,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (postings, lines) = of_payout(kept, what, now)?;
    store::ledger::append(tx, end, &[postings]).await?;
    store::shop_line::insert(tx, &lines).await?;
    Ok(())
}

/// The posting and the lines of what happened to a payout.
pub fn of_payout(
    kept: &KeptPayout,
    what: PayoutPosting,
    now: Timestamp,
) -> anyhow::Result<(Posting, Vec<ShopLine>)> {
    let (shop, amount) = (kept.payout.plan.shop, kept.payout.plan.amount);
    let payable = Account::ShopPayable(shop);
    let transit = Account::PayoutsInTransit;
    let (kind, step, debited, credited, line) = match what {
        PayoutPosting::Sent => {
            let line = Some((ShopLineKind::Payout, amount.checked_neg()?));
            (PostingKind::PayoutSent, "sent", payable, transit, line)
        }
        PayoutPosting::Paid { account } => {
            (PostingKind::PayoutPaid, "paid", transit, Account::Bank { number: account }, None)
        }
        PayoutPosting::ReturnedInTransit => {
            let line = Some((ShopLineKind::PayoutBack, amount));
            (PostingKind::PayoutReturned, "returned", transit, payable, line)
        }
        PayoutPosting::ReturnedByCredit { account } => {
            let line = Some((ShopLineKind::PayoutBack, amount));
            let suspense = Account::Suspense { number: account };
            (PostingKind::PayoutReturned, "returned", suspense, payable, line)
        }
    };
    let entries = vec![
        Entry { account: debited, amount },
        Entry { account: credited, amount: amount.checked_neg()? },
    ];
    let subject = kept.id.to_string();
    let idempotency_key = format!("payout:{subject}:{step}");
    let id = ids::new();
    let posting = Posting { id, kind, subject, idempotency_key, entries, posted_at: now };
    let line = line.map(|(kind, amount)| ShopLine {
        id: ids::new(),
        shop,
        kind,
        amount,
        payment: None,
        order: None,
        refund: None,
        payout: Some(kept.id),
        posting: id,
        posted_at: now,
    });
    Ok((posting.balanced()?, line.into_iter().collect()))
}
