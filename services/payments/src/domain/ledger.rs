//! The ledger: double entry, append only, chained by hash.
//!
//! A posting's entries sum to zero in each currency; a debit is above zero, a credit below. Postings
//! are never changed: a correction is another posting with a kind of its own.

use std::collections::BTreeMap;

use kernel::{Currency, Money, PostingId, Timestamp};
use sha2::{Digest, Sha256};

pub use super::ledger_account::Account;

/// What a posting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostingKind {
    /// A credit paid a payment: bank to the shops' payables.
    PaymentCaptured,
    /// Several credits together paid a payment: suspense to the shops' payables.
    PartsCaptured,
    /// A credit that waits for a person or for other parts: bank to suspense.
    CreditQueued,
    /// A person said what a credit paid: suspense to the shops' payables.
    CreditResolved,
    /// A person took a match back: the way back of the capture, to suspense.
    MatchReversed,
    /// A refund may be sent: the shop's payable, fee and taxes to refunds.
    RefundApproved,
    /// A credit goes back to who sent it: suspense to refunds.
    CreditReturned,
    /// A refund's debit is on the statement: refunds to bank.
    RefundPaid,
    /// A refund failed or was taken back: the way back of its approval.
    RefundReversed,
    /// A payout was given to the bank: the shop's payable to payouts in transit.
    PayoutSent,
    /// A payout's debit is on the statement: payouts in transit to bank.
    PayoutPaid,
    /// A payout came back: the shop is owed again.
    PayoutReturned,
    /// A debit that nobody has explained: suspense to bank.
    DebitQueued,
    /// A card paid a payment: the provider's clearing to the shops' payables.
    CardCaptured,
    /// Card money that came second: the provider's clearing to suspense.
    CardSurplus,
    /// What the card provider kept of a charge, or takes besides.
    CardFeeTaken,
    /// Money went back to a card: refunds or suspense to clearing.
    CardReturned,
    /// Money that went back to a card came again: clearing to refunds or suspense.
    CardReturnFailed,
    /// A cardholder's bank took money, or gave it back: disputes and clearing.
    DisputeMoved,
    /// A dispute was lost: who bears it to disputes.
    DisputeLost,
    /// The card provider sent our balance to our bank, or it came back: payouts and clearing.
    CardPayoutMoved,
    /// The bank's credit of such a payout: bank to payouts.
    CardPayoutCame,
    /// A movement at the card provider that nobody has explained: clearing and suspense.
    CardMovementQueued,
    /// A credit or debit is given up: between suspense and what is written off.
    WrittenOff,
    /// A reseller confirmed a booking: its receivable to the shop's payable, fee and taxes.
    ResellerInvoiced,
    /// A booking that was invoiced is given back: so much of the way back.
    ResellerInvoiceReversed,
}

impl PostingKind {
    /// Every kind.
    pub const ALL: [Self; 26] = [
        Self::PaymentCaptured,
        Self::PartsCaptured,
        Self::CreditQueued,
        Self::CreditResolved,
        Self::MatchReversed,
        Self::RefundApproved,
        Self::CreditReturned,
        Self::RefundPaid,
        Self::RefundReversed,
        Self::PayoutSent,
        Self::PayoutPaid,
        Self::PayoutReturned,
        Self::DebitQueued,
        Self::WrittenOff,
        Self::CardCaptured,
        Self::CardSurplus,
        Self::CardFeeTaken,
        Self::CardReturned,
        Self::CardReturnFailed,
        Self::DisputeMoved,
        Self::DisputeLost,
        Self::CardPayoutMoved,
        Self::CardPayoutCame,
        Self::CardMovementQueued,
        Self::ResellerInvoiced,
        Self::ResellerInvoiceReversed,
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaymentCaptured => "payment_captured",
            Self::PartsCaptured => "parts_captured",
            Self::CreditQueued => "credit_queued",
            Self::CreditResolved => "credit_resolved",
            Self::MatchReversed => "match_reversed",
            Self::RefundApproved => "refund_approved",
            Self::CreditReturned => "credit_returned",
            Self::RefundPaid => "refund_paid",
            Self::RefundReversed => "refund_reversed",
            Self::PayoutSent => "payout_sent",
            Self::PayoutPaid => "payout_paid",
            Self::PayoutReturned => "payout_returned",
            Self::DebitQueued => "debit_queued",
            Self::CardCaptured => "card_captured",
            Self::CardSurplus => "card_surplus",
            Self::CardFeeTaken => "card_fee_taken",
            Self::CardReturned => "card_returned",
            Self::CardReturnFailed => "card_return_failed",
            Self::DisputeMoved => "dispute_moved",
            Self::DisputeLost => "dispute_lost",
            Self::CardPayoutMoved => "card_payout_moved",
            Self::CardPayoutCame => "card_payout_came",
            Self::CardMovementQueued => "card_movement_queued",
            Self::WrittenOff => "written_off",
            Self::ResellerInvoiced => "reseller_invoiced",
            Self::ResellerInvoiceReversed => "reseller_invoice_reversed",
        }
    }
}

/// One line of a posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Debit above zero, credit below.
    pub amount: Money,
}

/// Entries that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Its id.
    pub id: PostingId,
    /// What it is.
    pub kind: PostingKind,
    /// What it is about: the id of a bank credit.
    pub subject: String,
    /// Names the fact that it books, so that the fact is booked once.
    pub idempotency_key: String,
    /// Its lines.
    pub entries: Vec<Entry>,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// The entries do not sum to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entries sum to {off_by}, not to zero")]
pub struct Unbalanced {
    /// The sum in the first currency that is off.
    pub off_by: Money,
}

impl Posting {
    /// A posting, if its entries sum to zero in each currency.
    pub fn balanced(self) -> Result<Self, Unbalanced> {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for entry in &self.entries {
            *sums.entry(entry.amount.currency).or_default() += i128::from(entry.amount.minor);
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            None => Ok(self),
            Some((currency, sum)) => {
                let minor = i64::try_from(sum).unwrap_or(i64::MAX);
                Err(Unbalanced { off_by: Money::new(minor, currency) })
            }
        }
    }

    /// The posting's place in the chain: SHA-256 over the place before it and all that it says.
    pub fn chained_to(&self, previous: &[u8]) -> [u8; 32] {
        let lines: Vec<(String, i64, &str)> = self
            .entries
            .iter()
            .map(|entry| {
                (entry.account.to_string(), entry.amount.minor, entry.amount.currency.code())
            })
            .collect();
        let posting = ChainedPosting {
            id: &self.id.to_string(),
            kind: self.kind.name(),
            subject: &self.subject,
            idempotency_key: &self.idempotency_key,
            posted_at: self.posted_at,
        };
        chain_hash(
            previous,
            posting,
            lines.iter().map(|(account, minor, code)| (account.as_str(), *minor, *code)),
        )
    }
}

/// What of a posting goes into the chain besides its entries.
#[derive(Clone, Copy, Debug)]
pub struct ChainedPosting<'a> {
    /// Its id, as text.
    pub id: &'a str,
    /// What it is.
    pub kind: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// The fact that it books.
    pub idempotency_key: &'a str,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// The hash of a posting behind another: over words as they are stored, so that the database alone
/// is enough to check it.
pub fn chain_hash<'a>(
    previous: &[u8],
    posting: ChainedPosting<'_>,
    entries: impl Iterator<Item = (&'a str, i64, &'a str)>,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    let mut field = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    field(posting.id);
    field(posting.kind);
    field(posting.subject);
    field(posting.idempotency_key);
    field(&posting.posted_at.micros().to_string());
    for (account, minor, currency) in entries {
        field(account);
        field(&minor.to_string());
        field(currency);
    }
    hash.finalize().into()
}

/// How postings change balances: debits and credits per account, in the order of the accounts, so
/// that all writers lock them alike.
pub fn movements<'a>(
    postings: impl IntoIterator<Item = &'a Posting>,
) -> BTreeMap<(String, Currency), (i64, i64)> {
    let mut movements = BTreeMap::new();
    for entry in postings.into_iter().flat_map(|posting| &posting.entries) {
        let key = (entry.account.to_string(), entry.amount.currency);
        let (debit, credit) = movements.entry(key).or_insert((0_i64, 0_i64));
        if entry.amount.is_negative() {
            *credit += -entry.amount.minor;
        } else {
            *debit += entry.amount.minor;
        }
    }
    movements
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn posting(amounts: &[i64]) -> Posting {
        Posting {
            id: PostingId::from_uuid(Uuid::from_u128(1)),
            kind: PostingKind::PaymentCaptured,
            subject: "cred_1".to_owned(),
            idempotency_key: "credit:1".to_owned(),
            entries: amounts
                .iter()
                .map(|minor| Entry {
                    account: Account::Bank { number: "1".to_owned() },
                    amount: Money::vnd(*minor),
                })
                .collect(),
            posted_at: Timestamp::from_micros(1),
        }
    }

    #[test]
    fn a_posting_must_sum_to_zero_in_each_currency() {
        assert!(posting(&[100, -60, -40]).balanced().is_ok());
        assert_eq!(posting(&[100, -60]).balanced(), Err(Unbalanced { off_by: Money::vnd(40) }));
        let mut mixed = posting(&[100, -100]);
        mixed.entries[1].amount.currency = Currency::Usd;
        assert!(mixed.balanced().is_err());
    }

    #[test]
    fn any_change_to_a_posting_changes_its_place_in_the_chain() {
        let original = posting(&[100, -100]);
        let place = original.chained_to(&[0; 32]);
        let changes: [fn(&mut Posting); 5] = [
            |posting| posting.entries[0].amount.minor = 101,
            |posting| posting.entries[0].account = Account::Suspense { number: "1".to_owned() },
            |posting| posting.posted_at = Timestamp::from_micros(2),
            |posting| posting.subject.push('x'),
            |posting| posting.entries.swap(0, 1),
        ];
        for change in changes {
            let mut changed = original.clone();
            change(&mut changed);
            assert_ne!(changed.chained_to(&[0; 32]), place);
        }
        assert_ne!(original.chained_to(&[1; 32]), place);
    }

    proptest! {
        #[test]
        fn movements_of_balanced_postings_balance(parts in proptest::collection::vec(1i64..1_000_000, 1..10)) {
            let mut amounts: Vec<i64> = parts.iter().map(|part| -part).collect();
            amounts.push(parts.iter().sum());
            let posting = posting(&amounts).balanced().unwrap();
            let (debit, credit) = movements([&posting]).into_values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            prop_assert_eq!(debit, credit);
        }
    }
}
