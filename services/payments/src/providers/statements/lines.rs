//! What the readers share: lines with their numbers, decoded whatever they are written in.

use std::io::{BufRead, Read, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Currency, Money, Timestamp};
use time::macros::offset;
use time::{Date, Time};

use crate::domain::statement::{UnreadableLine, UnreadableReason};
use crate::providers::believable;

/// The most bytes of a line: longer ones are cut, so that memory stays bounded.
const LONGEST: u64 = 64 * 1024;
/// The most characters that a report repeats.
const MAX_TEXT: usize = 500;

/// The lines of a file, counted from 1, without their ends.
pub struct NumberedLines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> NumberedLines<R> {
    /// The lines of an input.
    pub const fn of(input: R) -> Self {
        Self { input, number: 0 }
    }
}

impl<R: BufRead> Iterator for NumberedLines<R> {
    type Item = Result<(u64, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        match self.input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes) {
            Ok(0) => None,
            Ok(_) => {
                self.number += 1;
                while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    bytes.pop();
                }
                Some(Ok((self.number, decoded(&bytes))))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// UTF-8, else Latin-1: no byte is lost.
pub fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Counts the lines that a parser took from its input.
pub struct Counting<R> {
    input: R,
    lines: Arc<AtomicU64>,
}

impl<R: BufRead> Counting<R> {
    /// The input, and where the count can be looked at.
    pub fn of(input: R) -> (Self, Arc<AtomicU64>) {
        let lines = Arc::new(AtomicU64::new(1));
        (Self { input, lines: Arc::clone(&lines) }, lines)
    }
}

impl<R: BufRead> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.input.read(buffer)?;
        self.note(count_of(&buffer[..count]));
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counting<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let ends =
            self.input.fill_buf().map_or(0, |buffer| count_of(&buffer[..amount.min(buffer.len())]));
        self.note(ends);
        self.input.consume(amount);
    }
}

impl<R> Counting<R> {
    fn note(&self, ends: u64) {
        self.lines.fetch_add(ends, Ordering::Relaxed);
    }
}

fn count_of(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// A decimal of a standard's own form: digits, and one mark before the decimals. No float comes near.
pub fn decimal(text: &str, mark: char, currency: Currency) -> Option<i64> {
    let (whole, fraction) = text.trim().split_once(mark).unwrap_or((text.trim(), ""));
    let exponent = currency.exponent() as usize;
    let fraction = fraction.trim_end_matches('0');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > exponent || !digits(whole) || !digits(fraction) {
        return None;
    }
    believable(format!("{whole}{fraction:0<exponent$}").parse().ok()?)
}

/// An amount with its direction: credit above zero.
pub const fn signed(minor: i64, credit: bool, currency: Currency) -> Money {
    Money::new(if credit { minor } else { -minor }, currency)
}

/// The midnight that began a day in Vietnam.
pub fn midnight(date: Date) -> Timestamp {
    date.with_time(Time::MIDNIGHT).assume_offset(offset!(+7)).into()
}

/// A line that was not understood.
pub fn unreadable(line: u64, text: &str, reason: UnreadableReason) -> UnreadableLine {
    UnreadableLine { line, text: text.chars().take(MAX_TEXT).collect(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_minor_units_and_nothing_is_rounded() {
        for (text, minor) in [
            ("12.5", Some(1_250)),
            ("12.50", Some(1_250)),
            ("12.500", Some(1_250)),
            ("12", Some(1_200)),
            ("12.", Some(1_200)),
            ("0.01", Some(1)),
            ("12.505", None),
            ("-1", None),
            (".5", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(decimal(text, '.', Currency::Eur), minor, "{text}");
        }
        assert_eq!(decimal("50000.00", '.', Currency::Vnd), Some(50_000));
    }

    #[test]
    fn a_parser_s_place_is_counted_in_lines() {
        let (mut input, lines) = Counting::of(&b"a\nb\nc"[..]);
        let mut text = String::new();
        input.read_line(&mut text).unwrap();
        assert_eq!(lines.load(Ordering::Relaxed), 2);
        input.read_to_string(&mut text).unwrap();
        assert_eq!((lines.load(Ordering::Relaxed), text.as_str()), (3, "a\nb\nc"));
    }
}
