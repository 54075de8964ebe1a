//! MT940 (SWIFT's customer statement), as banks really send it: with or without the blocks around
//! it, several statements in a file, lines of their own in between.
//!
//! Tags: `:25:` the account, `:60F:`/`:60M:` the currency, `:61:` a movement, `:86:` its details,
//! unstructured or in subfields (`?20` to `?29` the purpose, `?31` account and `?32`/`?33` name of the
//! other side).

use std::collections::VecDeque;
use std::io::BufRead;

use kernel::Currency;
use time::{Date, Month};

use super::lines::{NumberedLines, decimal, midnight, signed, unreadable};
use crate::domain::statement::{StatementLine, UnreadableLine, UnreadableReason};

/// The most lines of one field.
const MAX_FIELD_LINES: usize = 40;

type Item = Result<StatementLine, UnreadableLine>;

/// Reads a file of statements.
pub fn read<'a>(input: impl BufRead + 'a) -> impl Iterator<Item = Item> + 'a {
    Reader {
        lines: NumberedLines::of(input),
        field: None,
        statement: Statement::default(),
        movement: None,
        ready: VecDeque::new(),
        ended: false,
    }
}

/// A tag with its lines.
struct Field {
    line: u64,
    tag: String,
    lines: Vec<String>,
}

/// What is told once for a statement.
#[derive(Default)]
struct Statement {
    account: String,
    currency: String,
}

/// A movement whose details may follow.
struct Pending {
    line: u64,
    text: String,
    details: Vec<String>,
}

struct Reader<R> {
    lines: NumberedLines<R>,
    field: Option<Field>,
    statement: Statement,
    movement: Option<Pending>,
    ready: VecDeque<Item>,
    ended: bool,
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while self.ready.is_empty() && !self.ended {
            match self.lines.next() {
                Some(Ok((number, line))) => self.take_line(number, &line),
                Some(Err(error)) => {
                    self.end();
                    let reason = UnreadableReason::Format(error.to_string());
                    self.ready.push_back(Err(unreadable(0, "", reason)));
                }
                None => self.end(),
            }
        }
        self.ready.pop_front()
    }
}

impl<R: BufRead> Reader<R> {
    fn take_line(&mut self, number: u64, line: &str) {
        // {1:…}{2:…}{4: stand before the first tag of SWIFT's own blocks.
        let line = line.rsplit_once("{4:").map_or(line, |(_, behind)| behind);
        if let Some((tag, rest)) = tag_of(line) {
            self.close_field();
            self.field =
                Some(Field { line: number, tag: tag.to_owned(), lines: vec![rest.to_owned()] });
        } else if line.trim() == "-" || line.trim() == "-}" {
            self.close_field();
            self.close_movement();
        } else if let Some(field) = &mut self.field
            && field.lines.len() < MAX_FIELD_LINES
            && !line.trim().is_empty()
        {
            field.lines.push(line.to_owned());
        }
    }

    fn end(&mut self) {
        self.close_field();
        self.close_movement();
        self.ended = true;
    }

    fn close_field(&mut self) {
        let Some(field) = self.field.take() else { return };
        match field.tag.as_str() {
            "20" => {
                self.close_movement();
                self.statement = Statement::default();
            }
            "25" => {
                let account = field.lines[0].trim();
                // BANK/ACCOUNT: what stands behind the slash is the account.
                let account = account.rsplit('/').next().unwrap_or(account);
                account.clone_into(&mut self.statement.account);
            }
            "60F" | "60M" | "60" => {
                self.statement.currency = field.lines[0].get(7..10).unwrap_or_default().to_owned();
            }
            "61" => {
                self.close_movement();
                let text = field.lines.join("\n");
                self.movement = Some(Pending { line: field.line, text, details: Vec::new() });
            }
            "86" => {
                if let Some(movement) = &mut self.movement {
                    movement.details.extend(field.lines);
                }
            }
            _ => self.close_movement(),
        }
    }

    fn close_movement(&mut self) {
        if let Some(pending) = self.movement.take() {
            self.ready.push_back(self.statement.line_of(&pending));
        }
    }
}

/// `:61:rest`, `:60F:rest`.
fn tag_of(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let digits = tag.len() >= 2 && tag.as_bytes()[..2].iter().all(u8::is_ascii_digit);
    let letter = tag.len() == 2 || (tag.len() == 3 && tag.as_bytes()[2].is_ascii_uppercase());
    (digits && letter).then_some((tag, rest))
}

impl Statement {
    fn line_of(&self, pending: &Pending) -> Item {
        let refused = |reason| unreadable(pending.line, &pending.text, reason);
        let currency: Currency = self
            .currency
            .parse()
            .map_err(|_| refused(UnreadableReason::Currency(self.currency.clone())))?;
        let movement = Movement::of(&pending.text, currency).map_err(refused)?;
        let details = Details::of(&pending.details);
        let own = Some(movement.customer_reference).filter(|own| !["", "NONREF"].contains(own));
        Ok(StatementLine {
            line: pending.line,
            account: self.account.clone(),
            booked_at: midnight(movement.entry_date.unwrap_or(movement.value_date)),
            amount: signed(movement.minor, movement.credit, currency),
            memo: if details.memo.is_empty() { movement.extra.to_owned() } else { details.memo },
            bank_reference: movement.bank_reference.or(own).unwrap_or_default().to_owned(),
            provider_id: None,
            counterparty_name: details.name,
            counterparty_account: details.account,
            balance: None,
        })
    }
}

/// The parts of `:61:`: value date, entry date, mark, amount, kind, references.
struct Movement<'a> {
    value_date: Date,
    entry_date: Option<Date>,
    credit: bool,
    minor: i64,
    customer_reference: &'a str,
    bank_reference: Option<&'a str>,
    extra: &'a str,
}

impl<'a> Movement<'a> {
    fn of(text: &'a str, currency: Currency) -> Result<Self, UnreadableReason> {
        let (first, extra) = text.split_once('\n').unwrap_or((text, ""));
        let wrong_date = || UnreadableReason::Date(text.chars().take(10).collect());
        let value_date = first.get(..6).and_then(date_of).ok_or_else(wrong_date)?;
        let rest = &first[6..];
        let (entry_date, rest) = match rest.get(..4) {
            Some(day) if day.bytes().all(|byte| byte.is_ascii_digit()) => {
                (entry_date(value_date, day), &rest[4..])
            }
            _ => (None, rest),
        };
        // RC takes a credit back, RD a debit.
        let (reversed, rest) = rest.strip_prefix('R').map_or((false, rest), |rest| (true, rest));
        let credit = match rest.bytes().next() {
            Some(b'C') => !reversed,
            Some(b'D') => reversed,
            _ => return Err(UnreadableReason::Direction),
        };
        // The third letter of the currency may follow the mark.
        let rest = rest[1..].trim_start_matches(|c: char| c.is_ascii_uppercase() || c == ' ');
        let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b',').count();
        let (amount, rest) = rest.split_at(length);
        let minor = decimal(amount, ',', currency)
            .ok_or_else(|| UnreadableReason::Amount(amount.to_owned()))?;
        // The kind of transaction: a letter and three characters.
        let references = rest.get(4..).unwrap_or_default();
        let (customer_reference, bank_reference) = match references.split_once("//") {
            Some((own, bank)) => (own, Some(bank)),
            None => (references, None),
        };
        Ok(Self {
            value_date,
            entry_date,
            credit,
            minor,
            customer_reference: customer_reference.trim(),
            bank_reference: bank_reference.map(str::trim).filter(|bank| !bank.is_empty()),
            extra: extra.trim(),
        })
    }
}

/// YYMMDD; 80 to 99 are of the last century.
fn date_of(digits: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u8>().ok();
    let (year, month, day) = (number(0..2)?, number(2..4)?, number(4..6)?);
    let century = if year >= 80 { 1900 } else { 2000 };
    Date::from_calendar_date(century + i32::from(year), Month::try_from(month).ok()?, day).ok()
}

/// MMDD, in the year that brings it nearest to the value date.
fn entry_date(value_date: Date, digits: &str) -> Option<Date> {
    let month = Month::try_from(digits.get(..2)?.parse::<u8>().ok()?).ok()?;
    let day = digits.get(2..4)?.parse().ok()?;
    let years = [value_date.year() - 1, value_date.year(), value_date.year() + 1];
    years
        .into_iter()
        .filter_map(|year| Date::from_calendar_date(year, month, day).ok())
        .min_by_key(|date| (*date - value_date).whole_days().abs())
}

/// What `:86:` tells.
#[derive(Default)]
struct Details {
    memo: String,
    name: Option<String>,
    account: Option<String>,
}

impl Details {
    fn of(lines: &[String]) -> Self {
        let joined = lines.join("\n");
        if !is_structured(&joined) {
            return Self { memo: joined.trim().to_owned(), ..Self::default() };
        }
        // Lines are cut anywhere, even within a subfield's number.
        let glued: String = joined.chars().filter(|c| *c != '\n').collect();
        let mut details = Self::default();
        let (mut purpose, mut name, mut account) = (Vec::new(), Vec::new(), Vec::new());
        for field in glued.split('?').skip(1) {
            let Some((number, text)) = field.split_at_checked(2) else { continue };
            let text = text.trim();
            match number.parse::<u8>() {
                Ok(20..=29 | 60..=63) => purpose.push(text),
                Ok(31) => account.push(text),
                Ok(32 | 33) => name.push(text),
                Ok(_) => {}
                // A question mark of the text itself.
                Err(_) => purpose.push(field.trim()),
            }
        }
        details.memo = purpose.join(" ").trim().to_owned();
        let given = |parts: &[&str]| Some(parts.concat()).filter(|text| !text.is_empty());
        (details.name, details.account) = (given(&name), given(&account));
        if details.memo.is_empty() {
            details.memo = joined.trim().to_owned();
        }
        details
    }
}

/// Three digits and `?00`, or any `?20`.
fn is_structured(text: &str) -> bool {
    let glued: String = text.chars().filter(|c| *c != '\n').collect();
    let glued = glued.trim_start();
    glued.get(3..4) == Some("?") && glued.contains("?20") || glued.contains("?00")
}

#[cfg(test)]
#[path = "mt940_tests.rs"]
mod tests;
