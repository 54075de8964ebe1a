//! OFX, as SGML (1.x: values without closing tags) and as XML (2.x). Bank and credit card accounts,
//! several in a file. `FITID` is unique on its account.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

use kernel::{Currency, Timestamp};
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use super::lines::{decimal, decoded, midnight, signed, unreadable};
use crate::domain::statement::{StatementLine, UnreadableLine, UnreadableReason};

/// The most bytes of one element: longer ones are cut, so that memory stays bounded.
const LONGEST: u64 = 64 * 1024;

type Item = Result<StatementLine, UnreadableLine>;

/// Reads a file of statements.
pub fn read<'a>(input: impl BufRead + 'a) -> impl Iterator<Item = Item> + 'a {
    Reader {
        input,
        line: 1,
        account: String::new(),
        currency: String::new(),
        movement: None,
        ready: VecDeque::new(),
        ended: false,
    }
}

/// A `STMTTRN` as far as it was read.
#[derive(Default)]
struct Movement {
    line: u64,
    text: String,
    posted: String,
    amount: String,
    id: String,
    check_number: String,
    reference: String,
    name: String,
    memo: String,
    currency: String,
    payee_account: String,
}

struct Reader<R> {
    input: R,
    line: u64,
    account: String,
    currency: String,
    movement: Option<Movement>,
    ready: VecDeque<Item>,
    ended: bool,
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while self.ready.is_empty() && !self.ended {
            match self.next_element() {
                Ok(Some((line, tag, value))) => self.take(line, &tag, value),
                Ok(None) => self.end(None),
                Err(error) => self.end(Some(error.to_string())),
            }
        }
        self.ready.pop_front()
    }
}

impl<R: BufRead> Reader<R> {
    /// The next tag, where it begins, and what stands behind it up to the next tag.
    fn next_element(&mut self) -> std::io::Result<Option<(u64, String, String)>> {
        let mut bytes = Vec::new();
        // What stands before the tag belonged to the one before.
        if self.input.by_ref().take(LONGEST).read_until(b'<', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.count(&bytes);
        let line = self.line;
        bytes.clear();
        if self.input.by_ref().take(LONGEST).read_until(b'>', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.count(&bytes);
        let tag = decoded(&bytes).trim_end_matches('>').trim().to_ascii_uppercase();
        let mut value = Vec::new();
        // The value ends before the next tag, which stays where it is.
        loop {
            let buffer = self.input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'<');
            let taken = end.unwrap_or(buffer.len());
            if (value.len() as u64) < LONGEST {
                value.extend_from_slice(&buffer[..taken]);
            }
            let more = taken > 0 && end.is_none();
            self.line += memchr::memchr_iter(b'\n', &buffer[..taken]).count() as u64;
            self.input.consume(taken);
            if !more {
                break;
            }
        }
        Ok(Some((line, tag, unescaped(decoded(&value).trim()))))
    }

    fn count(&mut self, bytes: &[u8]) {
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
    }

    fn take(&mut self, line: u64, tag: &str, value: String) {
        match tag {
            "STMTTRN" => {
                self.close();
                self.movement = Some(Movement { line, ..Movement::default() });
                return;
            }
            "/STMTTRN" | "/BANKTRANLIST" => return self.close(),
            "STMTRS" | "CCSTMTRS" => {
                self.close();
                self.account.clear();
            }
            _ => {}
        }
        let Some(movement) = &mut self.movement else {
            match tag {
                "CURDEF" => self.currency = value,
                "ACCTID" => self.account = value,
                _ => {}
            }
            return;
        };
        if movement.text.len() < LONGEST as usize {
            movement.text.push_str(&format!("{tag}={value} "));
        }
        match tag {
            "DTPOSTED" => movement.posted = value,
            "TRNAMT" => movement.amount = value,
            "FITID" => movement.id = value,
            "CHECKNUM" => movement.check_number = value,
            "REFNUM" => movement.reference = value,
            "NAME" => movement.name = value,
            "MEMO" => movement.memo = value,
            "CURSYM" => movement.currency = value,
            "ACCTID" => movement.payee_account = value,
            _ => {}
        }
    }

    fn end(&mut self, error: Option<String>) {
        self.close();
        if let Some(error) = error {
            let reason = UnreadableReason::Format(error);
            self.ready.push_back(Err(unreadable(self.line, "", reason)));
        }
        self.ended = true;
    }

    fn close(&mut self) {
        if let Some(movement) = self.movement.take() {
            let item = movement.line_of(&self.account, &self.currency);
            self.ready.push_back(item);
        }
    }
}

impl Movement {
    fn line_of(self, account: &str, default_currency: &str) -> Item {
        let refused = |reason| unreadable(self.line, &self.text, reason);
        let code = if self.currency.is_empty() { default_currency } else { &self.currency };
        let currency: Currency = code
            .to_ascii_uppercase()
            .parse()
            .map_err(|_| refused(UnreadableReason::Currency(code.to_owned())))?;
        let booked_at = moment_of(&self.posted)
            .ok_or_else(|| refused(UnreadableReason::Date(self.posted.clone())))?;
        let (negative, bare) = match self.amount.strip_prefix('-') {
            Some(bare) => (true, bare),
            None => (false, self.amount.trim_start_matches('+')),
        };
        let mark = if bare.contains(',') { ',' } else { '.' };
        let minor = decimal(bare, mark, currency)
            .filter(|minor| *minor != 0)
            .ok_or_else(|| refused(UnreadableReason::Amount(self.amount.clone())))?;
        // Banks put the message into either; where both say it, the longer is the whole.
        let memo = match (self.name.as_str(), self.memo.as_str()) {
            (name, memo) if memo.starts_with(name) => memo.to_owned(),
            (name, "") => name.to_owned(),
            (name, memo) => format!("{name} {memo}"),
        };
        let references = [self.reference, self.check_number];
        let given = |text: String| (!text.is_empty()).then_some(text);
        Ok(StatementLine {
            line: self.line,
            account: account.to_owned(),
            booked_at,
            amount: signed(minor, !negative, currency),
            memo,
            bank_reference: references.into_iter().find(|one| !one.is_empty()).unwrap_or_default(),
            provider_id: given(self.id),
            counterparty_name: given(self.name),
            counterparty_account: given(self.payee_account),
            balance: None,
        })
    }
}

/// `YYYYMMDD[HHMMSS[.XXX]][[offset:zone]]`: without a zone a moment is UTC, a day is the bank's own.
fn moment_of(text: &str) -> Option<Timestamp> {
    let (digits, zone) = match text.split_once('[') {
        Some((digits, zone)) => (digits, Some(zone.trim_end_matches(']'))),
        None => (text, None),
    };
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u16>().ok();
    let month = Month::try_from(u8::try_from(number(4..6)?).ok()?).ok()?;
    let day = u8::try_from(number(6..8)?).ok()?;
    let date = Date::from_calendar_date(i32::from(number(0..4)?), month, day).ok()?;
    if digits.len() < 14 {
        return Some(midnight(date));
    }
    let [hour, minute, second] = [number(8..10)?, number(10..12)?, number(12..14)?]
        .map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    let time = Time::from_hms(hour, minute, second).ok()?;
    let offset = match zone {
        Some(zone) => offset_of(zone.split(':').next()?)?,
        None => UtcOffset::UTC,
    };
    Some(PrimitiveDateTime::new(date, time).assume_offset(offset).into())
}

/// `-5`, `+7`, `5.5`: hours, in decimals.
fn offset_of(text: &str) -> Option<UtcOffset> {
    let (negative, bare) = match text.strip_prefix('-') {
        Some(bare) => (true, bare),
        None => (false, text.trim_start_matches('+')),
    };
    let (hours, fraction) = bare.split_once('.').unwrap_or((bare, "0"));
    let minutes = match fraction {
        "5" | "50" => 30,
        "75" => 45,
        _ => 0,
    };
    let seconds = hours.parse::<i32>().ok()?.checked_mul(3_600)?.checked_add(minutes * 60)?;
    UtcOffset::from_whole_seconds(if negative { -seconds } else { seconds }).ok()
}

/// The characters that both SGML and XML write as entities.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHECKING: &[u8] = include_bytes!("../../../samples/statements/ofxparse-checking.ofx");
    const SEVERAL: &[u8] =
        include_bytes!("../../../samples/statements/ofxparse-multiple_accounts.ofx");

    #[test]
    fn the_sample_of_one_account_is_read() {
        let lines: Vec<StatementLine> = read(CHECKING).map(Result::unwrap).collect();
        let movements = String::from_utf8_lossy(CHECKING).matches("<STMTTRN>").count();
        assert_eq!(lines.len(), movements);
        let first = &lines[0];
        assert_eq!(first.account, "1452687~7");
        assert_eq!(first.booked_at.to_rfc3339(), "2011-03-31T12:00:00Z");
        assert_eq!(first.amount.to_decimal_string(), "0.01");
        assert_eq!(first.provider_id.as_deref(), Some("0000486"));
        assert!(first.memo.starts_with("DIVIDEND EARNED FOR PERIOD OF 03/01/2011 THROUGH"));
        assert_eq!(lines[1].amount.to_decimal_string(), "-34.51");
        assert_eq!(lines[2].bank_reference, "319");
        // A question of escaping: "04/07&id…" is no entity and stays as it is.
        assert!(lines[2].memo.contains("CHECK # 319"));
    }

    #[test]
    fn the_sample_of_several_accounts_is_read() {
        let movements = String::from_utf8_lossy(SEVERAL).matches("<STMTTRN>").count();
        assert_eq!(read(SEVERAL).flatten().count(), movements);
    }

    #[test]
    fn xml_and_sgml_say_the_same() {
        let sgml = "<OFX><STMTRS><CURDEF>VND<BANKACCTFROM><ACCTID>0011<BANKTRANLIST><STMTTRN>\
            <DTPOSTED>20240901142305.000[+7:ICT]<TRNAMT>150000<FITID>A1<NAME>LE MINH<MEMO>tra &amp; cam on</STMTTRN>";
        let xml = "<OFX><STMTRS><CURDEF>VND</CURDEF><BANKACCTFROM><ACCTID>0011</ACCTID></BANKACCTFROM><BANKTRANLIST>\
            <STMTTRN><DTPOSTED>20240901142305.000[+7:ICT]</DTPOSTED><TRNAMT>150000.00</TRNAMT><FITID>A1</FITID>\
            <NAME>LE MINH</NAME><MEMO>tra &amp; cam on</MEMO></STMTTRN></BANKTRANLIST>";
        let [one, other] = [sgml, xml].map(|text| read(text.as_bytes()).next().unwrap().unwrap());
        assert_eq!(one, other);
        assert_eq!(one.booked_at.to_rfc3339(), "2024-09-01T07:23:05Z");
        assert_eq!((one.amount.minor, one.memo.as_str()), (150_000, "LE MINH tra & cam on"));
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let text = "<STMTRS><CURDEF>VND<STMTTRN><DTPOSTED>x<TRNAMT>1</STMTTRN>\n<STMTTRN><DTPOSTED>20240901<TRNAMT>1,5</STMTTRN>\
            <STMTTRN><DTPOSTED>20240901<TRNAMT>5";
        let told: Vec<Result<i64, String>> = read(text.as_bytes())
            .map(|line| {
                line.map(|line| line.amount.minor).map_err(|problem| problem.reason.to_string())
            })
            .collect();
        assert_eq!(
            told,
            [Err("\"x\" is no date".to_owned()), Err("\"1,5\" is no amount".to_owned()), Ok(5)]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_cut_are_read_without_harm(
            noise in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(),
        ) {
            let cut = at.index(CHECKING.len());
            let all = read(CHECKING).count();
            prop_assert!(read(&CHECKING[..cut]).count() <= all);
            let mut disturbed = CHECKING[..cut].to_vec();
            disturbed.extend(&noise);
            drop(read(&disturbed[..]).collect::<Vec<_>>());
        }
    }
}
