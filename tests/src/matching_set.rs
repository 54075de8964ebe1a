//! A set of bank credits of which the truth is known: codes put into memos of the shapes that real
//! banks make (services/payments/tests/data/vn-memo-shapes.json), then cut, spaced, mistyped and
//! repeated; amounts off; twins. Seeded: the same seed gives the same set.
//!
//! Twins are of two kinds: payments that ask for the same amount with codes that differ in one letter (and so in
//! their check), and credits that are alike in all but their identity, of which the second is a second payment.

use std::collections::HashMap;

use kernel::{Money, Timestamp};
use payments::PaymentCode;
use payments::reconciliation::{Book, Expectation, Fact, Moment};

/// The shapes: letters as x and X, digits as 9.
const SHAPES: &str = include_str!("../../services/payments/tests/data/vn-memo-shapes.json");

/// The ten amounts that nine of ten real credits carry (vn-memo-stats.json), in đồng.
const ROUND_AMOUNTS: [i64; 10] =
    [100_000, 200_000, 500_000, 1_000_000, 50_000, 300_000, 20_000, 150_000, 2_000_000, 10_000];

/// How a payer treated the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Written as it is.
    Intact,
    /// Lower case, look-alikes, spaces or a line break within: readable all the same.
    Disguised,
    /// Written twice in one memo.
    Twice,
    /// Some of its end is missing.
    Cut,
    /// One character wrong, or two swapped.
    Mistyped,
    /// Not written at all.
    Missing,
    /// With the one letter in which a twin's code differs: one slip of the hand from either.
    Between,
}

/// One of so many payments has a twin behind it.
const TWINS: usize = 20;
/// One of so many credits comes again.
const AGAIN: usize = 40;
/// One of so many credits for a twin is written between it and the other.
const BETWEEN: usize = 4;

impl Treatment {
    /// Whether a careful reader could say which code it is.
    pub const fn readable(self) -> bool {
        matches!(self, Self::Intact | Self::Disguised | Self::Twice)
    }
}

/// What a credit truly is.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    /// The number of the payment that its payer meant.
    pub meant: u32,
    /// How the code was written.
    pub treatment: Treatment,
    /// Whether it must match: readable, exact, in time, and the first.
    pub pays: bool,
    /// Whether it is like the one before it in all but its identity: a second payment.
    pub again: bool,
}

/// A credit of the set.
#[derive(Clone, Debug)]
pub struct Credit {
    /// Its identity.
    pub identity: u128,
    /// When it was booked.
    pub at: Timestamp,
    /// What came.
    pub amount: Money,
    /// The memo.
    pub memo: String,
    /// The truth about it.
    pub truth: Truth,
}

/// A payment that is open.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its code.
    pub code: PaymentCode,
    /// What it asks for.
    pub amount: Money,
    /// The payment of the same amount whose code differs in one letter, and so in its check.
    pub twin: Option<u32>,
}

/// Numbers that only look like chance (SplitMix64).
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// The numbers of a seed.
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// One below a bound.
    pub const fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// All moments of the set are before this one; payments are in time until it.
pub const END: Timestamp = Timestamp::from_micros(1_000_000_000_000);

/// The set: so many open payments, and so many credits.
pub fn matching_set(seed: u64, payments: usize, credits: usize) -> (Vec<Open>, Vec<Credit>) {
    let mut chance = Chance::of(seed);
    // Of their own, so that all other codes and amounts of a seed stay as they were without twins.
    let mut twins = Chance::of(!seed);
    let shapes = shapes();
    let open = open_payments(&mut chance, &mut twins, payments);
    let mut paid = vec![false; payments];
    let mut told: Vec<Credit> = Vec::with_capacity(credits);
    for number in 0..credits {
        let before = told.last().filter(|_| twins.below(AGAIN) == 0);
        if let Some(again) = before.map(|before| before.again(number as u128)) {
            told.push(again);
            continue;
        }
        let meant = chance.below(payments);
        let mut treatment = treatment(&mut chance);
        // One in forty pays something else than what was asked for.
        let off = if chance.below(40) == 0 { 1_000 - 500 * chance.below(5) as i64 } else { 0 };
        let payment = &open[meant];
        let other = payment.twin.filter(|_| twins.below(BETWEEN) == 0);
        let between = other.map(|twin| between(payment.code, open[twin as usize].code));
        if between.is_some() {
            treatment = Treatment::Between;
        }
        let amount = Money::vnd((payment.amount.minor + off).max(1));
        let pays = treatment.readable() && amount == payment.amount && !paid[meant];
        paid[meant] |= pays;
        told.push(Credit {
            identity: number as u128,
            at: Timestamp::from_micros(number as i64),
            memo: memo_with(&mut chance, &shapes, |chance| {
                between.unwrap_or_else(|| written(chance, payment.code, treatment))
            }),
            amount,
            truth: Truth { meant: meant as u32, treatment, pays, again: false },
        });
    }
    (open, told)
}

fn open_payments(chance: &mut Chance, twins: &mut Chance, payments: usize) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::with_capacity(payments);
    let mut before = 0;
    for number in 0..payments {
        // Random codes differ by their number, so that none repeats.
        let mut bits = (chance.next() << 20 | number as u64) & ((1 << 40) - 1);
        let mut amount = amount(chance);
        let place = number % TWINS;
        if place == 1 {
            // Another letter above the number, which is the other's: nobody else's code has it.
            let letter = 1 + twins.below(31) as u64;
            bits = before ^ letter << (20 + 5 * twins.below(4));
            amount = open[number - 1].amount;
        }
        let twin = match place {
            0 if number + 1 < payments => Some(number as u32 + 1),
            1 => Some(number as u32 - 1),
            _ => None,
        };
        open.push(Open { code: PaymentCode::from_random(bits), amount, twin });
        before = bits;
    }
    open
}

/// The shapes of real memos.
pub fn shapes() -> Vec<String> {
    let file: serde_json::Value = serde_json::from_str(SHAPES).unwrap_or_default();
    let banks = file["shapes"].as_object().cloned().unwrap_or_default();
    banks
        .values()
        .filter_map(|shapes| shapes.as_array())
        .flatten()
        .filter_map(|shape| shape.as_str().map(ToOwned::to_owned))
        .collect()
}

fn amount(chance: &mut Chance) -> Money {
    let round = chance.below(10) != 0;
    let minor = if round {
        ROUND_AMOUNTS[chance.below(ROUND_AMOUNTS.len())]
    } else {
        10_000 + chance.below(2_000_000) as i64
    };
    Money::vnd(minor)
}

fn treatment(chance: &mut Chance) -> Treatment {
    match chance.below(100) {
        0..50 => Treatment::Intact,
        50..75 => Treatment::Disguised,
        75..80 => Treatment::Twice,
        80..86 => Treatment::Cut,
        86..93 => Treatment::Mistyped,
        _ => Treatment::Missing,
    }
}

/// A memo of a real bank's shape with the code among its words.
pub fn memo(
    chance: &mut Chance,
    shapes: &[String],
    code: PaymentCode,
    treatment: Treatment,
) -> String {
    memo_with(chance, shapes, |chance| written(chance, code, treatment))
}

fn memo_with(
    chance: &mut Chance,
    shapes: &[String],
    written: impl FnOnce(&mut Chance) -> String,
) -> String {
    let shape = &shapes[chance.below(shapes.len())];
    let memo: String = shape.chars().map(|c| unmask(chance, c)).collect();
    let written = written(chance);
    // Behind a word of its own: payers type the code into their own text, not into the bank's.
    let places: Vec<usize> =
        memo.char_indices().filter(|(_, c)| *c == ' ').map(|(place, _)| place).collect();
    let place = if places.is_empty() { memo.len() } else { places[chance.below(places.len())] };
    format!("{} {}{}", &memo[..place], written, &memo[place..])
}

fn unmask(chance: &mut Chance, masked: char) -> char {
    match masked {
        'x' => (b'a' + chance.below(26) as u8) as char,
        'X' => (b'A' + chance.below(26) as u8) as char,
        '9' => (b'0' + chance.below(10) as u8) as char,
        other => other,
    }
}

fn written(chance: &mut Chance, code: PaymentCode, treatment: Treatment) -> String {
    let code = code.to_string();
    match treatment {
        // How a twin's code is nearly written is the set's to say: it knows both.
        Treatment::Intact | Treatment::Between => code,
        Treatment::Missing => String::new(),
        Treatment::Twice => format!("{code} {code}"),
        Treatment::Cut => code[..code.len() - 1 - chance.below(6)].to_owned(),
        Treatment::Disguised => {
            let at = 1 + chance.below(code.len() - 1);
            let between = [" ", "\n", "-", "."][chance.below(4)];
            match chance.below(3) {
                0 => code.to_lowercase(),
                1 => code.replace('0', "O").replace('1', "I"),
                _ => format!("{}{between}{}", &code[..at], &code[at..]),
            }
        }
        Treatment::Mistyped => {
            let mut letters = code.into_bytes();
            let place = 2 + chance.below(letters.len() - 3);
            if chance.below(2) == 0 && letters[place] != letters[place + 1] {
                letters.swap(place, place + 1);
            } else {
                letters[place] = if letters[place] == b'Q' { b'W' } else { b'Q' };
            }
            String::from_utf8(letters).unwrap_or_default()
        }
    }
}

/// A code with one letter of its twin's and its own check: neither of the two.
fn between(code: PaymentCode, twin: PaymentCode) -> String {
    let (mut letters, other) = (code.to_string().into_bytes(), twin.to_string().into_bytes());
    if let Some(place) = (0..letters.len()).find(|place| letters[*place] != other[*place]) {
        letters[place] = other[place];
    }
    String::from_utf8(letters).unwrap_or_default()
}

/// What came of a set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Credits in all.
    pub credits: u32,
    /// Matched, and with what their payer meant, exactly and once.
    pub matched_right: u32,
    /// Matched with anything else.
    pub matched_wrong: u32,
    /// That had to match: readable, exact, in time, the first.
    pub readable: u32,
    /// Of those, matched.
    pub readable_matched: u32,
    /// Waiting for a person.
    pub queued: u32,
}

/// A book that expects all payments of a set.
pub fn book_of(open: &[Open]) -> anyhow::Result<Book> {
    let mut book = Book::new([]);
    for payment in open {
        book.expect(&Expectation {
            reference: &payment.code.to_string(),
            amount: payment.amount,
            from: Timestamp::from_micros(0),
            to: END,
        })?;
    }
    Ok(book)
}

/// Takes a set in batches and compares with the truth.
pub fn judge(book: &mut Book, credits: &[Credit], batch: usize) -> Outcome {
    let mut numbers = Vec::with_capacity(credits.len());
    for some in credits.chunks(batch) {
        numbers.extend(some.iter().map(|credit| book.take(&credit.fact())));
        book.settle();
    }
    let means = |credit: &Credit, number| book.named_by(number) == [credit.truth.meant];
    let mut came: HashMap<u32, i64> = HashMap::new();
    for (credit, number) in credits.iter().zip(&numbers) {
        if book.verdict(*number).state.is_matched() && means(credit, *number) {
            *came.entry(credit.truth.meant).or_default() += credit.amount.minor;
        }
    }
    let mut outcome = Outcome { credits: credits.len() as u32, ..Outcome::default() };
    for (credit, number) in credits.iter().zip(numbers) {
        let matched = book.verdict(number).state.is_matched();
        // What its payer meant, and that is not paid twice.
        let asked = book.terms(credit.truth.meant).amount.minor;
        let right = means(credit, number) && came.get(&credit.truth.meant) == Some(&asked);
        outcome.matched_right += u32::from(matched && right);
        outcome.matched_wrong += u32::from(matched && !right);
        outcome.queued += u32::from(!matched);
        outcome.readable += u32::from(credit.truth.pays);
        outcome.readable_matched += u32::from(credit.truth.pays && matched && right);
    }
    outcome
}

impl Credit {
    /// The same, paid a second time at the same moment.
    fn again(&self, identity: u128) -> Self {
        let truth = Truth { pays: false, again: true, ..self.truth };
        Self { identity, truth, ..self.clone() }
    }

    /// The credit as matching sees it.
    pub fn fact(&self) -> Fact<'_> {
        let moment = Moment { at: self.at, identity: self.identity };
        Fact { moment, amount: self.amount, memo: &self.memo }
    }
}
