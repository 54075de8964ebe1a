//! Which known references a memo holds.
//!
//! Our own codes check themselves: they are found with look-alikes corrected, and one that fails its
//! check is not found. Any other reference (of a shop that only wants its statements reconciled) is
//! found only exactly, after folding, and only where it stands alone: not in the middle of a longer
//! number, not in what the bank itself puts in front of a memo.

use rustc_hash::FxHashMap;

use crate::domain::memo::{Gap, MemoLetters};
use crate::domain::payment_code::PaymentCode;

/// The fewest letters and digits of a reference.
pub const SHORTEST: usize = 6;
/// The most; a memo carries no more.
pub const LONGEST: usize = 64;

/// A reference's number, in the order in which references became known.
pub type ReferenceNumber = u32;

/// The text cannot be a reference: fewer than six or more than 64 letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference has {SHORTEST} to {LONGEST} letters and digits, and {0:?} has not")]
pub struct NotAReference(pub String);

/// All references that are known.
#[derive(Debug, Default)]
pub struct ReferenceIndex {
    /// Our own codes, packed.
    own: FxHashMap<u64, ReferenceNumber>,
    /// Others, by their first six letters.
    others: FxHashMap<u64, Vec<Other>>,
    openings: Openings,
    count: ReferenceNumber,
}

#[derive(Debug)]
struct Other {
    letters: Box<[u8]>,
    number: ReferenceNumber,
}

impl ReferenceIndex {
    /// Makes a reference known, and gives its number: the same for all that fold alike.
    pub fn add(&mut self, reference: &str) -> Result<ReferenceNumber, NotAReference> {
        let folded = MemoLetters::of(reference);
        let letters = folded.letters();
        if let Some(code) = own_code(letters) {
            let number = *self.own.entry(code.packed()).or_insert(self.count);
            self.count = self.count.max(number + 1);
            return Ok(number);
        }
        if !(SHORTEST..=LONGEST).contains(&letters.len()) {
            return Err(NotAReference(reference.chars().take(LONGEST).collect()));
        }
        let opening = opening(letters);
        self.openings.add(opening);
        let alike = self.others.entry(opening).or_default();
        if let Some(known) = alike.iter().find(|other| *other.letters == *letters) {
            return Ok(known.number);
        }
        let number = self.count;
        self.count += 1;
        alike.push(Other { letters: letters.into(), number });
        // The longest first: it is the one that is meant where one begins another.
        alike.sort_by_key(|other| std::cmp::Reverse(other.letters.len()));
        Ok(number)
    }

    /// The known references in a memo, each once, in the order in which they stand in it.
    pub fn find(&self, memo: &MemoLetters, found: &mut Vec<ReferenceNumber>) {
        found.clear();
        let letters = memo.letters();
        let mut note = |number| {
            if !found.contains(&number) {
                found.push(number);
            }
        };
        if !self.own.is_empty() {
            for place in 0..letters.len() {
                if let Some(code) = PaymentCode::at(&letters[place..])
                    && let Some(number) = self.own.get(&code.packed())
                {
                    note(*number);
                }
            }
        }
        if self.others.is_empty() || letters.len() < SHORTEST {
            return;
        }
        let envelope = envelope(memo);
        let mut rolling = opening(letters) >> 8;
        let mut behind_last = 0;
        for place in 0..=letters.len() - SHORTEST {
            rolling = (rolling << 8 | u64::from(letters[place + SHORTEST - 1])) & OPENING_MASK;
            if place < behind_last || !self.openings.may_hold(rolling) {
                continue;
            }
            let Some(alike) = self.others.get(&rolling) else { continue };
            let here = alike.iter().find(|other| {
                letters[place..].starts_with(&other.letters)
                    && stands_alone(memo, place, place + other.letters.len(), envelope)
            });
            if let Some(other) = here {
                note(other.number);
                behind_last = place + other.letters.len();
            }
        }
    }

    /// References that somebody may have meant and mistyped or cut: for suggestions only. At most
    /// `most` are given.
    pub fn find_near(&self, memo: &MemoLetters, most: usize) -> Vec<ReferenceNumber> {
        let letters = memo.letters();
        let mut near = Vec::new();
        let mut note = |number: ReferenceNumber| {
            if near.len() < most && !near.contains(&number) {
                near.push(number);
            }
        };
        for place in 0..letters.len() {
            for code in PaymentCode::near(&letters[place..]) {
                self.own.get(&code.packed()).copied().into_iter().for_each(&mut note);
            }
            let Some(rest) = letters.get(place..).filter(|rest| rest.len() >= SHORTEST) else {
                continue;
            };
            if self.others.is_empty() || !self.openings.may_hold(opening(rest)) {
                continue;
            }
            for other in self.others.get(&opening(rest)).into_iter().flatten() {
                if slips(&other.letters, rest) <= 1 {
                    note(other.number);
                }
            }
        }
        near
    }
}

fn own_code(letters: &[u8]) -> Option<PaymentCode> {
    PaymentCode::at(letters).filter(|_| letters.len() == PaymentCode::LENGTH)
}

const OPENING_MASK: u64 = (1 << (8 * SHORTEST)) - 1;

/// The first six letters as a number.
fn opening(letters: &[u8]) -> u64 {
    letters.iter().take(SHORTEST).fold(0, |opening, letter| opening << 8 | u64::from(*letter))
}

/// How many letters of a reference differ from what stands in a memo; a memo that ends within the
/// last two letters of it counts as one slip.
fn slips(reference: &[u8], rest: &[u8]) -> usize {
    let compared = reference.len().min(rest.len());
    let wrong = reference.iter().zip(rest).filter(|(one, other)| one != other).count();
    let cut = reference.len() - compared;
    wrong + if cut > 2 { usize::MAX / 2 } else { usize::from(cut > 0) }
}

/// Whether the letters from `start` to before `end` are a word of their own: what is beside them is
/// apart, or of the other kind (a digit beside a letter). A number must besides not be joined over
/// anything but white space, and not be one of the bank's own.
fn stands_alone(memo: &MemoLetters, start: usize, end: usize, envelope: usize) -> bool {
    let letters = memo.letters();
    let apart = |place: usize| {
        memo.gap_before(place) != Gap::None
            || letters[place - 1].is_ascii_digit() != letters[place].is_ascii_digit()
    };
    if !apart(start) || !apart(end) {
        return false;
    }
    let number = letters[start..end].iter().all(u8::is_ascii_digit);
    if !number {
        return true;
    }
    let joined = (start + 1..end).all(|place| memo.gap_before(place) != Gap::Separator);
    let of_the_bank = start < envelope
        || (memo.gap_before(start) == Gap::None
            && BANK_LETTERS.iter().any(|bank| letters[..start].ends_with(bank)));
    joined && !of_the_bank
}

/// What banks glue to their own numbers: FT24…, (CT1234).
const BANK_LETTERS: [&[u8]; 2] = [b"FT", b"CT"];

/// How many letters at the beginning are the bank's own: `123456.020926.101112.` of NAPAS 247,
/// `MBVCB.1234567890.`, `020097040509261011…` of NAPAS IBFT, `SHGD:10001234.`.
fn envelope(memo: &MemoLetters) -> usize {
    let letters = memo.letters();
    let digits_from = |start: usize| {
        letters[start.min(letters.len())..]
            .iter()
            .take_while(|letter| letter.is_ascii_digit())
            .count()
    };
    for prefix in [&b"MBVCB"[..], b"SHGD", b"IBFT", b"NAPAS"] {
        if letters.starts_with(prefix) {
            let mut end = prefix.len();
            while letters.get(end).is_some_and(u8::is_ascii_digit)
                && (end == prefix.len() || memo.gap_before(end) == Gap::None)
            {
                end += 1;
            }
            return end;
        }
    }
    let sixes = [6, 12].iter().all(|place| memo.gap_before(*place) == Gap::Separator);
    if sixes && digits_from(0) >= 18 && memo.gap_before(18) == Gap::Separator {
        return 18;
    }
    if letters.starts_with(b"0200") { digits_from(0) } else { 0 }
}

/// A Bloom filter of the openings: most places of most memos begin nothing that is known, and must
/// cost next to nothing.
#[derive(Debug, Default)]
struct Openings {
    bits: Vec<u64>,
    known: Vec<u64>,
}

/// Bits of the filter for each opening: about 2 % of the others pass.
const BITS_EACH: usize = 16;

impl Openings {
    fn add(&mut self, opening: u64) {
        self.known.push(opening);
        if self.known.len() * BITS_EACH > self.bits.len() * 64 {
            let words = (self.known.len() * BITS_EACH * 2).next_power_of_two() / 64;
            self.bits = vec![0; words.max(1)];
            for place in 0..self.known.len() {
                self.set(self.known[place]);
            }
        } else {
            self.set(opening);
        }
    }

    fn set(&mut self, opening: u64) {
        for bit in self.places(opening) {
            self.bits[bit / 64] |= 1 << (bit % 64);
        }
    }

    fn may_hold(&self, opening: u64) -> bool {
        self.places(opening).into_iter().all(|bit| self.bits[bit / 64] & 1 << (bit % 64) != 0)
    }

    /// Two places of the filter, from the high and the low half of one multiplication.
    fn places(&self, opening: u64) -> [usize; 2] {
        let mixed = (opening ^ opening >> 23).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mask = self.bits.len() * 64 - 1;
        [(mixed >> 32) as usize & mask, (mixed ^ mixed >> 41) as usize & mask]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(references: &[&str]) -> ReferenceIndex {
        let mut index = ReferenceIndex::default();
        for reference in references {
            index.add(reference).unwrap();
        }
        index
    }

    fn found(index: &ReferenceIndex, memo: &str) -> Vec<ReferenceNumber> {
        let mut found = Vec::new();
        index.find(&MemoLetters::of(memo), &mut found);
        found
    }

    #[test]
    fn references_of_others_are_found_exactly_after_folding() {
        let index = index(&["INV-2024-001", "Đơn 77A", "AB1234", "AB12345", "00123456"]);
        for (memo, expected) in [
            ("123456.020926.101112.inv2024001 tra tien", vec![0]),
            ("MBVCB.1234567890.INV 2024\n001.CT tu 001", vec![0]),
            ("INV2024001FT24123456789", vec![0]),
            ("INV20240011", vec![]),
            ("XINV2024001", vec![]),
            ("INV2024O01", vec![]),
            ("tra don77a", vec![1]),
            ("AB12345 va ab1234", vec![3, 2]),
            ("AB123456", vec![]),
            ("ma 00123456 cam on", vec![4]),
            ("ma 0012 3456 cam on", vec![4]),
            ("ma 0012.3456 cam on", vec![]),
            ("9900123456", vec![]),
            ("FT00123456", vec![]),
        ] {
            assert_eq!(found(&index, memo), expected, "{memo}");
        }
    }

    #[test]
    fn numbers_that_the_bank_puts_in_front_are_nobodys_reference() {
        let index = index(&["020926", "1234567890", "020097040509261011"]);
        for memo in
            ["123456.020926.101112.cam on", "MBVCB.1234567890.cam on", "020097040509261011 cam on"]
        {
            assert!(found(&index, memo).is_empty(), "{memo}");
        }
        assert_eq!(found(&index, "123456.020925.101112.tra 020926"), [0]);
        assert_eq!(found(&index, "MBVCB.999.tra 1234567890"), [1]);
    }

    #[test]
    fn our_codes_are_corrected_and_checked() {
        let code = PaymentCode::from_random(32).to_string();
        let index = index(&[&code]);
        assert_eq!(found(&index, &code.to_lowercase().replace('0', "o")), [0]);
        assert_eq!(found(&index, &format!("123{code}456")), [0]);
        let mut wrong = code.clone();
        wrong.replace_range(5..6, "Z");
        assert!(found(&index, &wrong).is_empty());
        assert_eq!(index.find_near(&MemoLetters::of(&wrong), 5), [0]);
    }

    #[test]
    fn too_short_and_too_long_are_refused_and_alike_are_one() {
        let mut index = index(&["ABC123"]);
        assert!(index.add("AB-12").is_err());
        assert!(index.add(&"A".repeat(65)).is_err());
        assert_eq!(index.add("abc 123"), Ok(0));
        assert_eq!(index.add("abc 124"), Ok(1));
    }

    #[test]
    fn a_mistyped_or_cut_reference_is_near() {
        let index = index(&["HOADON4711"]);
        for memo in ["tra HOADON4712", "tra hoadon471", "tra hoadon47"] {
            assert!(found(&index, memo).is_empty(), "{memo}");
            assert_eq!(index.find_near(&MemoLetters::of(memo), 5), [0], "{memo}");
        }
        assert!(index.find_near(&MemoLetters::of("tra hoadon9999"), 5).is_empty());
    }

    proptest! {
        #[test]
        fn any_memo_is_read_without_harm(memo in ".{0,600}") {
            let index = index(&["ABC123", "123456", "CN0000000"]);
            found(&index, &memo);
            index.find_near(&MemoLetters::of(&memo), 3);
        }

        #[test]
        fn every_known_reference_is_found_where_it_stands_alone(
            references in proptest::collection::hash_set("[A-Z]{2}[0-9]{5,9}", 1..50), at in any::<prop::sample::Index>(),
        ) {
            let references: Vec<String> = references.into_iter().collect();
            let texts: Vec<&str> = references.iter().map(String::as_str).collect();
            let chosen = at.index(texts.len());
            let memo = format!("123456.020926.101112.chuyen tien {} FT2412345", texts[chosen]);
            prop_assert_eq!(found(&index(&texts), &memo), vec![chosen as u32]);
        }
    }
}
