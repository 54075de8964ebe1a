//! What a movement of our balance at the card provider is in the books.
//!
//! `stripe:clearing` is our balance there: it gains the net of every movement. The provider may settle
//! in another currency than the shopper paid; then `stripe:conversion` holds both sides.

use std::collections::BTreeMap;

use kernel::{Currency, Money, MoneyError};

use super::ledger::{Account, Entry};

/// A movement, in the currency in which the provider settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Before the fee; below zero when our balance shrinks.
    pub amount: Money,
    /// What the provider keeps.
    pub fee: Money,
}

impl Movement {
    /// What our balance gains.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.fee)
    }

    /// The entries of a movement whose other side is an account. `ours` is the amount as our books know
    /// it, of the same sign: it counts only where the provider converted.
    pub fn entries(&self, other: Account, ours: Money) -> Result<Vec<Entry>, MoneyError> {
        let mut entries = vec![
            Entry { account: Account::CardClearing, amount: self.net()? },
            Entry { account: Account::CardFees, amount: self.fee },
        ];
        if ours.currency == self.amount.currency {
            entries.push(Entry { account: other, amount: self.amount.checked_neg()? });
        } else {
            entries.push(Entry { account: other, amount: ours.checked_neg()? });
            entries.push(Entry { account: Account::CardConversion, amount: ours });
            entries.push(Entry {
                account: Account::CardConversion,
                amount: self.amount.checked_neg()?,
            });
        }
        merged(entries)
    }
}

/// One entry an account and currency, none of nothing.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, MoneyError> {
    let mut sums: BTreeMap<(Account, Currency), Money> = BTreeMap::new();
    for entry in entries {
        let zero = Money::zero(entry.amount.currency);
        let sum = sums.entry((entry.account, entry.amount.currency)).or_insert(zero);
        *sum = sum.checked_add(entry.amount)?;
    }
    let entries = sums.into_iter().map(|((account, _), amount)| Entry { account, amount });
    Ok(entries.filter(|entry| !entry.amount.is_zero()).collect())
}

#[cfg(test)]
mod tests {
    use kernel::{PostingId, Timestamp};
    use uuid::Uuid;

    use super::super::ledger::{Posting, PostingKind};
    use super::*;

    fn entries(amount: Money, fee: Money, other: Account, ours: Money) -> Vec<(String, Money)> {
        let entries = Movement { amount, fee }.entries(other, ours).unwrap();
        let posting = Posting {
            id: PostingId::from_uuid(Uuid::from_u128(1)),
            kind: PostingKind::CardFeeTaken,
            subject: String::new(),
            idempotency_key: String::new(),
            entries: entries.clone(),
            posted_at: Timestamp::from_micros(0),
        };
        posting.balanced().unwrap();
        entries.into_iter().map(|entry| (entry.account.to_string(), entry.amount)).collect()
    }

    #[test]
    fn the_fee_of_a_charge_that_is_booked_leaves_clearing() {
        let gross = Money::vnd(100_000);
        let booked = entries(gross, Money::vnd(3_900), Account::CardClearing, gross);
        assert_eq!(
            booked,
            [
                ("stripe:clearing".to_owned(), Money::vnd(-3_900)),
                ("card:fees".to_owned(), Money::vnd(3_900)),
            ]
        );
    }

    #[test]
    fn a_refund_leaves_clearing_and_is_owed_no_more() {
        let back = Money::vnd(-40_000);
        let booked = entries(back, Money::vnd(0), Account::Refunds, back);
        assert_eq!(
            booked,
            [
                ("refunds".to_owned(), Money::vnd(40_000)),
                ("stripe:clearing".to_owned(), Money::vnd(-40_000)),
            ]
        );
    }

    #[test]
    fn what_the_provider_converted_has_both_sides_in_conversion() {
        let usd = |minor| Money::new(minor, Currency::Usd);
        let mut booked = entries(usd(1_000), usd(59), Account::CardClearing, Money::vnd(250_000));
        booked.sort_by_key(|(account, amount)| (account.clone(), amount.currency.code()));
        assert_eq!(
            booked,
            [
                ("card:fees".to_owned(), usd(59)),
                ("stripe:clearing".to_owned(), usd(941)),
                ("stripe:clearing".to_owned(), Money::vnd(-250_000)),
                ("stripe:conversion".to_owned(), usd(-1_000)),
                ("stripe:conversion".to_owned(), Money::vnd(250_000)),
            ]
        );
    }
}
