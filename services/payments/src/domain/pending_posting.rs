//! The ledger in two phases: a posting is announced, and later posted (the whole or a part), voided or
//! expired. Exactly one of them happens, once. What is announced moves no balance.

use kernel::{Money, MoneyError, PendingPostingId, Timestamp};

use super::ledger::{Account, Entry, PostingKind};

/// How an announced posting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It is in the books, with this amount; the rest is void.
    Posted(Money),
    /// It will not happen.
    Voided,
    /// Its time went by.
    Expired,
}

impl Resolution {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Posted(_) => "posted",
            Self::Voided => "voided",
            Self::Expired => "expired",
        }
    }
}

/// A posting that is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingPosting {
    /// Its id.
    pub id: PendingPostingId,
    /// What it will be.
    pub kind: PostingKind,
    /// What it is about: the id of a payout.
    pub subject: String,
    /// Names the fact that it announces, so that the fact is announced once.
    pub idempotency_key: String,
    /// What will be debited.
    pub debit: Account,
    /// What will be credited.
    pub credit: Account,
    /// How much at most; above zero.
    pub amount: Money,
    /// Since when it is announced.
    pub created_at: Timestamp,
    /// When it goes by, if it does.
    pub expires_at: Option<Timestamp>,
    /// How it ended, if it has.
    pub resolution: Option<Resolution>,
}

/// Why an announced posting does not end so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PendingRefused {
    /// It has ended already.
    #[error("it was {} before", .0.name())]
    Resolved(Resolution),
    /// Nothing, less, or more than was announced is to be posted.
    #[error("{asked} of {announced} cannot be posted")]
    Amount {
        /// What was to be posted.
        asked: Money,
        /// What was announced.
        announced: Money,
    },
    /// Its time has gone by.
    #[error("its time has gone by")]
    TooLate,
    /// Its time has not gone by, or never does.
    #[error("its time has not gone by")]
    StillInTime,
    /// The amounts cannot be reckoned with each other.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl PendingPosting {
    /// It happens, the whole or a part: the entries of the posting.
    pub fn post(&mut self, amount: Money, now: Timestamp) -> Result<Vec<Entry>, PendingRefused> {
        self.must_be_open()?;
        if self.expires_at.is_some_and(|expires_at| now > expires_at) {
            return Err(PendingRefused::TooLate);
        }
        if !amount.is_positive() || self.amount.checked_sub(amount)?.is_negative() {
            return Err(PendingRefused::Amount { asked: amount, announced: self.amount });
        }
        self.resolution = Some(Resolution::Posted(amount));
        Ok(vec![
            Entry { account: self.debit.clone(), amount },
            Entry { account: self.credit.clone(), amount: amount.checked_neg()? },
        ])
    }

    /// It will not happen.
    pub fn void(&mut self) -> Result<(), PendingRefused> {
        self.must_be_open()?;
        self.resolution = Some(Resolution::Voided);
        Ok(())
    }

    /// Its time went by.
    pub fn expire(&mut self, now: Timestamp) -> Result<(), PendingRefused> {
        self.must_be_open()?;
        if self.expires_at.is_none_or(|expires_at| now <= expires_at) {
            return Err(PendingRefused::StillInTime);
        }
        self.resolution = Some(Resolution::Expired);
        Ok(())
    }

    fn must_be_open(&self) -> Result<(), PendingRefused> {
        match self.resolution {
            None => Ok(()),
            Some(resolution) => Err(PendingRefused::Resolved(resolution)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ledger::{Posting, movements};

    const END: Timestamp = Timestamp::from_micros(100);

    fn announced(number: u128, amount: i64) -> PendingPosting {
        PendingPosting {
            id: PendingPostingId::from_uuid(Uuid::from_u128(number)),
            kind: PostingKind::PayoutSent,
            subject: "pout_1".to_owned(),
            idempotency_key: number.to_string(),
            debit: Account::Refunds,
            credit: Account::PayoutsInTransit,
            amount: Money::vnd(amount),
            created_at: Timestamp::from_micros(0),
            expires_at: Some(END),
            resolution: None,
        }
    }

    type End = fn(&mut PendingPosting) -> Result<(), PendingRefused>;
    const ENDS: [(End, Resolution); 4] = [
        (|one| one.post(Money::vnd(100), END).map(|_| ()), Resolution::Posted(Money::vnd(100))),
        (|one| one.post(Money::vnd(40), END).map(|_| ()), Resolution::Posted(Money::vnd(40))),
        (PendingPosting::void, Resolution::Voided),
        (|one| one.expire(Timestamp::from_micros(101)), Resolution::Expired),
    ];

    #[test]
    fn it_ends_once_whatever_is_tried_afterwards() {
        for (first, reached) in ENDS {
            let mut pending = announced(1, 100);
            first(&mut pending).unwrap();
            for (second, _) in ENDS {
                let before = pending.clone();
                assert_eq!(second(&mut pending), Err(PendingRefused::Resolved(reached)));
                assert_eq!(pending, before);
            }
        }
    }

    #[test]
    fn never_more_than_announced_nor_nothing_nor_at_the_wrong_time() {
        for asked in [101, 0, -1] {
            let mut pending = announced(1, 100);
            let refused =
                PendingRefused::Amount { asked: Money::vnd(asked), announced: Money::vnd(100) };
            assert_eq!(pending.post(Money::vnd(asked), END), Err(refused));
            assert_eq!(pending.resolution, None);
        }
        let mut pending = announced(1, 100);
        assert_eq!(pending.expire(END), Err(PendingRefused::StillInTime));
        let late = Timestamp::from_micros(101);
        assert_eq!(pending.post(Money::vnd(1), late), Err(PendingRefused::TooLate));
        pending.expires_at = None;
        assert_eq!(pending.expire(late), Err(PendingRefused::StillInTime));
        assert!(pending.post(Money::vnd(1), late).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Whatever is announced and however it ends: the books sum to zero, every balance is that of
        /// its entries, and what is posted was announced and is posted once.
        #[test]
        fn ten_thousand_histories_of_two_phases_balance(
            steps in proptest::collection::vec((0usize..4, 0u8..4, 1i64..200, 0i64..200), 1..24),
        ) {
            let mut pendings: Vec<PendingPosting> =
                (0..4).map(|number| announced(number, 50 + 37 * i64::try_from(number).unwrap())).collect();
            let mut ended: BTreeMap<usize, Resolution> = BTreeMap::new();
            let mut postings: Vec<Posting> = Vec::new();
            for (place, what, amount, at) in steps {
                let (pending, now) = (&mut pendings[place], Timestamp::from_micros(at));
                let result = match what {
                    0 | 1 => pending.post(Money::vnd(amount), now).map(Some),
                    2 => pending.void().map(|()| None),
                    _ => pending.expire(now).map(|()| None),
                };
                let Ok(entries) = result else { continue };
                prop_assert!(ended.insert(place, pending.resolution.unwrap()).is_none());
                if let Some(entries) = entries {
                    let posting = Posting {
                        id: kernel::PostingId::from_uuid(Uuid::from_u128(postings.len() as u128)),
                        kind: pending.kind, subject: pending.subject.clone(),
                        idempotency_key: pending.idempotency_key.clone(), entries, posted_at: now,
                    };
                    postings.push(posting.balanced().unwrap());
                }
            }
            let posted: i64 = ended.values().map(|end| match end { Resolution::Posted(sum) => sum.minor, _ => 0 }).sum();
            let moved = movements(&postings);
            prop_assert_eq!(moved.values().map(|(debit, credit)| debit - credit).sum::<i64>(), 0);
            for ((account, _), (debit, credit)) in &moved {
                let own = postings.iter().flat_map(|posting| &posting.entries)
                    .filter(|entry| entry.account.to_string() == *account).map(|entry| entry.amount.minor).sum::<i64>();
                prop_assert_eq!(debit - credit, own);
                prop_assert_eq!(own.abs(), posted);
            }
        }
    }
}
