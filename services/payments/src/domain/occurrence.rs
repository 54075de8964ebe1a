//! What makes a line of a statement the same line again.
//!
//! A bank's reference is not unique (7,043 groups repeat at one bank), and two identical lines on
//! one day are legitimate: somebody paid twice. So the n-th identical line of one statement is the
//! n-th everywhere: it is the same as the n-th of an overlapping statement, and another than the
//! first.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use time::UtcOffset;

use super::memo::MemoLetters;
use super::statement::StatementLine;

/// Vietnam's time, all year round.
const LOCAL: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// Counts identical lines within one statement.
#[derive(Debug, Default)]
pub struct Occurrences(FxHashMap<u128, u32>);

impl Occurrences {
    /// None seen yet: the beginning of a statement.
    pub fn new() -> Self {
        Self::default()
    }

    /// The identity of the statement's next line: 128 bits of SHA-256 over what the line says and
    /// how many said the same before it.
    pub fn identity(&mut self, line: &StatementLine) -> u128 {
        let content = content_of(line);
        let nth = self.0.entry(content).and_modify(|nth| *nth += 1).or_insert(0);
        let mut hash = Sha256::new();
        hash.update(content.to_be_bytes());
        hash.update(nth.to_be_bytes());
        first_half(hash)
    }
}

fn content_of(line: &StatementLine) -> u128 {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(line.account.as_bytes());
    // The day, not the moment: one download tells the time of day, another does not.
    let day = line.booked_at.to_utc().to_offset(LOCAL).date().to_julian_day();
    field(&day.to_be_bytes());
    field(&line.amount.minor.to_be_bytes());
    field(line.amount.currency.code().as_bytes());
    match &line.provider_id {
        Some(id) => field(id.as_bytes()),
        None => {
            field(line.bank_reference.as_bytes());
            // Line breaks and spaces differ between downloads; letters do not.
            field(MemoLetters::of(&line.memo).letters());
        }
    }
    first_half(hash)
}

fn first_half(hash: Sha256) -> u128 {
    let digest = hash.finalize();
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use kernel::{Money, Timestamp};

    use super::*;

    fn line(memo: &str, minor: i64) -> StatementLine {
        StatementLine {
            line: 1,
            account: "1".to_owned(),
            booked_at: Timestamp::from_micros(0),
            amount: Money::vnd(minor),
            memo: memo.to_owned(),
            bank_reference: "FT1".to_owned(),
            provider_id: None,
            counterparty_name: None,
            counterparty_account: None,
            balance: None,
        }
    }

    #[test]
    fn the_nth_identical_line_is_the_nth_of_every_statement() {
        let (mut first, mut second) = (Occurrences::new(), Occurrences::new());
        let one = line("tra tien", 100);
        let identities = [first.identity(&one), first.identity(&one)];
        assert_ne!(identities[0], identities[1]);
        assert_eq!(identities, [second.identity(&one), second.identity(&one)]);
    }

    #[test]
    fn line_breaks_and_the_time_of_day_do_not_count_and_all_else_does() {
        let identity = |line: &StatementLine| Occurrences::new().identity(line);
        let original = identity(&line("tra tien", 100));
        let later = StatementLine {
            booked_at: Timestamp::from_micros(3_600_000_000),
            ..line("tra tien", 100)
        };
        assert_eq!(original, identity(&later));
        assert_eq!(original, identity(&line("TRA\nTIEN", 100)));
        let tomorrow = StatementLine {
            booked_at: Timestamp::from_micros(18 * 3_600_000_000),
            ..line("tra tien", 100)
        };
        let elsewhere = StatementLine { account: "2".to_owned(), ..line("tra tien", 100) };
        let other = StatementLine { bank_reference: "FT2".to_owned(), ..line("tra tien", 100) };
        for line in [line("tra tiem", 100), line("tra tien", -100), tomorrow, elsewhere, other] {
            assert_ne!(original, identity(&line), "{line:?}");
        }
    }
}
