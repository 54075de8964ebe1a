//! Recognises credits that were told of before: by a statement that overlaps, by a statement after
//! a feed, by a feed after a statement.
//!
//! Within a source an id tells (a feed's own, a statement line's identity with its occurrence).
//! Across sources the n-th telling of one is the n-th of the other, among those of the same
//! account, day and amount that agree in their reference, their memo or their codes.

use std::collections::HashMap;

use platform::database::Transaction;

use super::record_credits::Incoming;
use crate::domain::memo::MemoLetters;
use crate::domain::payment_code::PaymentCode;
use crate::store;
use crate::store::bank_credit::{BankCredit, Bucket};

/// Those that nobody told of before. On the others it is noted who told of them, too.
pub async fn recognise(tx: &Transaction, told: Vec<Incoming>) -> anyhow::Result<Vec<Incoming>> {
    let identities: Vec<u128> = told.iter().filter_map(|one| one.statement_identity).collect();
    let known = store::bank_credit::known_on_statements(tx, &identities).await?;
    let mut seen = std::collections::HashSet::new();
    let told: Vec<Incoming> = told
        .into_iter()
        .filter(|one| {
            one.statement_identity
                .is_none_or(|identity| !known.contains(&identity) && seen.insert(identity))
        })
        .collect();
    let mut others = Others::of(tx, &told).await?;
    let mut new = Vec::with_capacity(told.len());
    for one in told {
        match others.take(&one) {
            None => new.push(one),
            Some(credit) => match one.statement_identity {
                Some(identity) => {
                    store::bank_credit::note_stated(tx, credit.id, identity).await?;
                }
                None => {
                    let (feed, provider_id) = (&one.feed, &one.provider_id);
                    store::bank_credit::note_told(tx, credit.id, feed, provider_id).await?;
                }
            },
        }
    }
    Ok(new)
}

/// Credits that other sources told of, by where they may meet.
struct Others(HashMap<Bucket, Vec<BankCredit>>);

impl Others {
    async fn of(tx: &Transaction, told: &[Incoming]) -> anyhow::Result<Self> {
        let (mut of_statements, mut of_feeds) = (Vec::new(), HashMap::<&str, Vec<Bucket>>::new());
        for one in told {
            match one.statement_identity {
                Some(_) => of_statements.push(bucket_of(one)),
                None => of_feeds.entry(&one.feed).or_default().push(bucket_of(one)),
            }
        }
        let mut found = store::bank_credit::unstated(tx, &of_statements).await?;
        for (feed, buckets) in of_feeds {
            found.extend(store::bank_credit::stated_only(tx, feed, &buckets).await?);
        }
        let mut others: HashMap<Bucket, Vec<BankCredit>> = HashMap::new();
        for credit in found {
            let bucket = Bucket::of(&credit.account_number, credit.booked_at, credit.amount);
            others.entry(bucket).or_default().push(credit);
        }
        Ok(Self(others))
    }

    /// The first that agrees, taken: it is told of by this source now.
    fn take(&mut self, one: &Incoming) -> Option<BankCredit> {
        if self.0.is_empty() {
            return None;
        }
        let there = self.0.get_mut(&bucket_of(one))?;
        let agreements: [fn(&Incoming, &BankCredit) -> bool; 3] =
            [same_reference, same_memo, same_codes];
        let place =
            agreements.iter().find_map(|agree| there.iter().position(|other| agree(one, other)))?;
        Some(there.remove(place))
    }
}

fn bucket_of(one: &Incoming) -> Bucket {
    Bucket::of(&one.account_number, one.booked_at, one.amount)
}

fn same_reference(one: &Incoming, other: &BankCredit) -> bool {
    !one.bank_reference.is_empty() && one.bank_reference == other.bank_reference
}

/// Feeds cut and wrap memos: one holds the other.
fn same_memo(one: &Incoming, other: &BankCredit) -> bool {
    let (one, other) = (MemoLetters::of(&one.memo), MemoLetters::of(&other.memo));
    let (one, other) = (one.letters(), other.letters());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long
        || (short.len() >= SHORTEST_HELD && long.windows(short.len()).any(|part| part == short))
}

/// Shorter memos than this are held by too many others to tell anything.
const SHORTEST_HELD: usize = 12;

fn same_codes(one: &Incoming, other: &BankCredit) -> bool {
    let codes = PaymentCode::find_in(&one.memo);
    !codes.is_empty() && codes == PaymentCode::find_in(&other.memo)
}
