//! EXPECTED: what a shop waits for.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use kernel::{Currency, Money, Timestamp};
use payments::reconciliation::{Book, Expectation};
use payments::statements::line_feeds::{LineFeeds, line_of};

use super::moments;

/// The most bytes of the first line that are looked at.
const LONGEST_HEADER: u64 = 64 * 1024;

/// What is expected, read.
pub struct Expected {
    /// The book that waits for it.
    pub book: Book,
    /// The lines, by the numbers of the book's expectations.
    pub lines: Vec<ExpectedLine>,
    /// Lines that were not understood, in English.
    pub problems: Vec<String>,
}

/// A line of EXPECTED, for the files that name it.
pub struct ExpectedLine {
    /// The reference as it is written there.
    pub reference: Box<str>,
    /// From when, as it is written there.
    pub due_from: Box<str>,
    /// Until when, as it is written there.
    pub due_to: Box<str>,
}

/// Where the columns are.
struct Columns {
    reference: usize,
    amount: usize,
    currency: Option<usize>,
    due_from: Option<usize>,
    due_to: Option<usize>,
}

/// Reads EXPECTED: `reference,amount,currency,due_from,due_to`, in any order, the last three
/// optional (VND; from ever; for ever). A line that is not understood is told and left out.
pub fn read(path: &Path, tolerance: i64) -> anyhow::Result<Expected> {
    let file = File::open(path)?;
    let mut lines = csv::ReaderBuilder::new()
        .delimiter(delimiter(path)?)
        .flexible(true)
        .from_reader(LineFeeds::of(file));
    let columns = columns(lines.headers().context("its first line cannot be read")?)?;
    let tolerances = Currency::ALL.map(|currency| (currency, tolerance));
    let mut expected =
        Expected { book: Book::new(tolerances), lines: Vec::new(), problems: Vec::new() };
    let mut record = csv::ByteRecord::new();
    while lines.read_byte_record(&mut record)? {
        if let Err(problem) = expected.take(&record, &columns) {
            let line = line_of(&record, lines.position());
            expected.problems.push(format!("line {line}: {problem:#}"));
        }
    }
    Ok(expected)
}

impl Expected {
    fn take(&mut self, record: &csv::ByteRecord, columns: &Columns) -> anyhow::Result<()> {
        let cell = |column: Option<usize>| {
            let bytes = column.and_then(|at| record.get(at)).unwrap_or_default();
            std::str::from_utf8(bytes).ok().map(str::trim).context("it is not written in UTF-8")
        };
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Ok(());
        }
        let reference = cell(Some(columns.reference))?;
        let currency = match cell(columns.currency)? {
            "" => Currency::Vnd,
            code => code.to_ascii_uppercase().parse()?,
        };
        let written = cell(Some(columns.amount))?;
        let amount =
            amount(written, currency).with_context(|| format!("{written:?} is no amount"))?;
        let (due_from, due_to) = (cell(columns.due_from)?, cell(columns.due_to)?);
        let moment = |cell: &str, read: fn(&str) -> Option<Timestamp>, open: i64| match cell {
            "" => Ok(Timestamp::from_micros(open)),
            cell => read(cell).with_context(|| format!("{cell:?} is no date")),
        };
        // A statement may tell the day only, so a day has begun at its midnight.
        let from =
            moment(due_from, |cell| moments::beginning(cell).map(moments::midnight), i64::MIN)?;
        let to = moment(due_to, moments::end, i64::MAX)?;
        if from > to {
            bail!("due_from is after due_to");
        }
        self.book.expect(&Expectation { reference, amount, from, to })?;
        self.lines.push(ExpectedLine {
            reference: reference.into(),
            due_from: due_from.into(),
            due_to: due_to.into(),
        });
        Ok(())
    }
}

/// An amount as people write it: `1250000`, `1.250.000`, `1,250,000 đ`, `12.50`.
fn amount(cell: &str, currency: Currency) -> Option<Money> {
    let bare: String = cell
        .trim_end_matches(|c: char| c.is_alphabetic() || c == '₫' || c == '.')
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let plain = plain(&bare, currency)?;
    let amount = Money::parse_decimal(&plain, currency).ok()?;
    (amount.minor != 0).then_some(amount)
}

/// Without the marks between thousands, and with a full stop before decimals.
fn plain(bare: &str, currency: Currency) -> Option<String> {
    let digits = bare.strip_prefix(['-', '+']).unwrap_or(bare);
    let negative = bare.starts_with('-');
    let decimal = digits.rfind(['.', ',']).filter(|at| {
        let behind = digits.len() - at - 1;
        currency.exponent() > 0 && behind <= currency.exponent() as usize
    });
    let (whole, fraction) = match decimal {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let mut groups = whole.split(['.', ',']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let fits = (rest.is_empty() || first.len() <= 3) && rest.iter().all(|group| group.len() == 3);
    if !fits || first.is_empty() {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    Some(format!("{sign}{first}{}{fraction}", rest.concat()))
}

fn columns(header: &csv::StringRecord) -> anyhow::Result<Columns> {
    let named: Vec<String> = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_ascii_lowercase())
        .collect();
    let at = |name: &str| named.iter().position(|own| own == name);
    let must = |name: &str| {
        at(name).with_context(|| {
            format!("there is no column {name:?}; the first line must name reference, amount, currency, due_from, due_to")
        })
    };
    Ok(Columns {
        reference: must("reference")?,
        amount: must("amount")?,
        currency: at("currency"),
        due_from: at("due_from"),
        due_to: at("due_to"),
    })
}

/// What stands between the cells: what the first line holds most of.
fn delimiter(path: &Path) -> anyhow::Result<u8> {
    let mut first = Vec::new();
    let start = LineFeeds::of(File::open(path)?.take(LONGEST_HEADER));
    BufReader::new(start).read_until(b'\n', &mut first)?;
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, &first).count();
    Ok([b',', b';', b'\t']
        .into_iter()
        .max_by_key(|one| (count(*one), *one == b','))
        .unwrap_or(b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(text: &str) -> anyhow::Result<Expected> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("expected.csv");
        std::fs::write(&path, text).unwrap();
        read(&path, 0)
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (cell, minor) in [
            ("1250000", Some(1_250_000)),
            ("1.250.000", Some(1_250_000)),
            ("1,250,000 đ", Some(1_250_000)),
            ("1 250 000 VND", Some(1_250_000)),
            ("-500.000", Some(-500_000)),
            ("0", None),
            ("12.50", None),
            ("1.25.000", None),
            ("mot tram", None),
            ("", None),
        ] {
            assert_eq!(amount(cell, Currency::Vnd).map(|money| money.minor), minor, "{cell}");
        }
        assert_eq!(amount("1,250.5", Currency::Usd), Some(Money::new(125_050, Currency::Usd)));
        assert_eq!(amount("1.250,50", Currency::Eur), Some(Money::new(125_050, Currency::Eur)));
    }

    #[test]
    fn lines_that_are_not_understood_are_told_and_the_others_are_expected() {
        let text = "\u{feff}Reference;Amount;Currency;due_from;due_to\nHD-00123;100.000;;01/09/2024;2024-09-30\n\
                    HD1;1;VND;;\nHD-00124;x;VND;;\nHD-00125;5;XXX;;\nHD-00126;5;VND;;khi nao\nHD-00127;5;VND;2024-09-02;2024-09-01\n;;;;\n";
        let expected = expected(text).unwrap();
        assert_eq!(expected.lines.len(), 1);
        assert_eq!(&*expected.lines[0].reference, "HD-00123");
        let lines: Vec<&str> = expected.problems.iter().map(|problem| &problem[..7]).collect();
        assert_eq!(lines, ["line 3:", "line 4:", "line 5:", "line 6:", "line 7:"]);
    }

    #[test]
    fn a_problem_is_told_with_the_line_of_an_editor_however_lines_end() {
        let text = "reference,amount,note\nHD-00123,100.000,\"a\nb\"\n\n\nHD-00124,x,\nHD-00125, 5 ,\nHD-00126,y,\n";
        for end in ["\n", "\r\n", "\r"] {
            let expected = expected(&text.replace('\n', end)).unwrap();
            assert_eq!(expected.lines.len(), 2, "{end:?}");
            assert_eq!(
                expected.problems,
                ["line 6: \"x\" is no amount", "line 8: \"y\" is no amount"],
                "{end:?}"
            );
        }
    }

    #[test]
    fn a_line_in_another_encoding_is_told_and_the_others_are_expected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("expected.csv");
        std::fs::write(&path, b"reference,amount\r\nHD-00123,5 \xff\r\nHD-00124,5\r\n").unwrap();
        let expected = read(&path, 0).unwrap();
        assert_eq!(expected.lines.len(), 1);
        assert_eq!(expected.problems, ["line 2: it is not written in UTF-8"]);
    }

    #[test]
    fn a_file_without_its_columns_is_refused() {
        assert!(expected("ma,so tien\n1,2\n").is_err());
    }
}
