//! The ledger: double entry, append only, chained by hash.
//!
//! A posting's entries sum to zero in each currency; a debit is above zero, a credit below. Postings
//! are never changed: a correction is another posting with a kind of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kernel::{Currency, Money, PostingId, ResellerId, ShopId, Timestamp};
use sha2::{Digest, Sha256};

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Money at a bank.
    Bank {
        /// The account's number.
        number: String,
    },
    /// Money that came and that nobody has explained yet.
    Suspense {
        /// The bank account that it came to.
        number: String,
    },
    /// What the market owes a shop.
    ShopPayable(ShopId),
    /// What a reseller was invoiced for bookings and has not paid.
    ResellerReceivable(ResellerId),
    /// Differences that are allowed between what was asked for and what came.
    Rounding,
    /// What the market took of sales.
    PlatformFees,
    /// Value added tax withheld for sellers, owed to the tax office.
    TaxVat,
    /// Personal income tax withheld for sellers, owed to the tax office.
    TaxPit,
    /// What shoppers are to get back and have not got yet.
    Refunds,
    /// Money that nobody claims, less money that nobody explains: given up.
    WrittenOff,
    /// What was given to the bank for shops and is not on its statement yet.
    PayoutsInTransit,
    /// Our balance at the card provider.
    CardClearing,
    /// What the card provider kept.
    CardFees,
    /// What the card provider sent to our bank and is not on its statement yet.
    CardPayouts,
    /// What cardholders' banks took back and is not decided yet.
    Disputes,
    /// Both sides of what the card provider converted into another currency.
    CardConversion,
    /// Card money that nobody has explained yet, or that goes back because it came second.
    CardSuspense,
    /// Lost disputes that the market bears itself.
    DisputesLost,
}

impl FromStr for Account {
    type Err = UnknownAccount;

    /// Reads what [`Account`]'s `Display` writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownAccount(text.to_owned());
        Ok(match text.split_once(':') {
            Some(("bank", number)) => Self::Bank { number: number.to_owned() },
            Some(("suspense", "stripe")) => Self::CardSuspense,
            Some(("suspense", number)) => Self::Suspense { number: number.to_owned() },
            Some(("shop", rest)) => {
                let shop = rest.strip_suffix(":payable").ok_or_else(unknown)?;
                Self::ShopPayable(shop.parse().map_err(|_| unknown())?)
            }
            Some(("reseller", rest)) => {
                let reseller = rest.strip_suffix(":receivable").ok_or_else(unknown)?;
                Self::ResellerReceivable(reseller.parse().map_err(|_| unknown())?)
            }
            _ => [
                Self::Rounding,
                Self::PlatformFees,
                Self::TaxVat,
                Self::TaxPit,
                Self::Refunds,
                Self::WrittenOff,
                Self::PayoutsInTransit,
                Self::CardClearing,
                Self::CardFees,
                Self::CardPayouts,
                Self::Disputes,
                Self::CardConversion,
                Self::DisputesLost,
            ]
            .into_iter()
            .find(|account| account.to_string() == text)
            .ok_or_else(unknown)?,
        })
    }
}

/// A text names no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no account of the ledger")]
pub struct UnknownAccount(pub String);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bank { number } => write!(f, "bank:{number}"),
            Self::Suspense { number } => write!(f, "suspense:{number}"),
            Self::ShopPayable(shop) => write!(f, "shop:{shop}:payable"),
            Self::ResellerReceivable(reseller) => write!(f, "reseller:{reseller}:receivable"),
            Self::Rounding => f.write_str("rounding"),
            Self::PlatformFees => f.write_str("platform:fees"),
            Self::TaxVat => f.write_str("tax:vat"),
            Self::TaxPit => f.write_str("tax:pit"),
            Self::Refunds => f.write_str("refunds"),
            Self::WrittenOff => f.write_str("platform:written_off"),
            Self::PayoutsInTransit => f.write_str("payouts:in_transit"),
            Self::CardClearing => f.write_str("stripe:clearing"),
            Self::CardFees => f.write_str("card:fees"),
            Self::CardPayouts => f.write_str("stripe:payouts"),
            Self::Disputes => f.write_str("disputes"),
            Self::CardConversion => f.write_str("stripe:conversion"),
            Self::CardSuspense => f.write_str("suspense:stripe"),
            Self::DisputesLost => f.write_str("disputes:lost"),
        }
    }
}

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
    fn an_account_is_read_as_it_is_written() {
        let shop = ShopId::from_uuid(Uuid::from_u128(7));
        let reseller = ResellerId::from_uuid(Uuid::from_u128(8));
        for account in [
            Account::Bank { number: "0011".to_owned() },
            Account::Suspense { number: "0011".to_owned() },
            Account::ShopPayable(shop),
            Account::ResellerReceivable(reseller),
            Account::Rounding,
            Account::PlatformFees,
            Account::TaxVat,
            Account::TaxPit,
            Account::Refunds,
            Account::WrittenOff,
            Account::PayoutsInTransit,
            Account::CardClearing,
            Account::CardFees,
            Account::CardPayouts,
            Account::Disputes,
            Account::CardConversion,
            Account::CardSuspense,
            Account::DisputesLost,
        ] {
            assert_eq!(account.to_string().parse::<Account>(), Ok(account));
        }
        for text in ["", "bank", "shop:1:payable", "shop:x", "reseller:1:receivable", "platform:"] {
            assert_eq!(text.parse::<Account>(), Err(UnknownAccount(text.to_owned())));
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
