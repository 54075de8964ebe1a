//! Tables as text: comma, semicolon or tab between the cells.

use std::borrow::Cow;
use std::io::{BufRead, Cursor, Read};

use csv::ByteRecord;

use super::columns::ColumnMapping;
use super::rows::Places;
use super::{LETTERHEAD_ROWS, NoTable, Reading, guessing};
use crate::domain::statement::{StatementLine, UnreadableLine, UnreadableReason};
use crate::providers::statements::line_feeds::{LineFeeds, line_of};

/// How much is looked at to guess the separator and the columns.
const LOOKED_AT: usize = 64 * 1024;
/// The most bytes of a file in UTF-16, which is decoded as a whole.
const MAX_UTF16: u64 = 64 * 1024 * 1024;

/// Reads a table. `mapping`: how it is to be understood; else that is guessed.
pub fn read<'a>(
    input: impl BufRead + Send + 'a,
    mapping: Option<&ColumnMapping>,
) -> Result<Reading<impl Iterator<Item = Result<StatementLine, UnreadableLine>> + 'a>, NoTable> {
    let (head, input) = decoded(input)?;
    let delimiter = delimiter(&head);
    let mapping = match mapping {
        Some(mapping) => mapping.clone(),
        None => guessing::guess(&first_rows(&head, delimiter))?,
    };
    let lines = Lines {
        reader: reader(input, delimiter),
        record: ByteRecord::new(),
        places: Places::of(mapping.clone()),
        skip: mapping.rows_above,
        ended: false,
    };
    Ok(Reading { mapping, lines })
}

type Input<'a> = Box<dyn Read + Send + 'a>;

/// The beginning of a file, and the whole of it, without a byte order mark and not in UTF-16.
fn decoded<'a>(mut input: impl BufRead + Send + 'a) -> Result<(Vec<u8>, Input<'a>), NoTable> {
    let mut head = Vec::with_capacity(LOOKED_AT);
    input.by_ref().take(LOOKED_AT as u64).read_to_end(&mut head)?;
    let little = match head.get(..2) {
        Some([0xFF, 0xFE]) => Some(true),
        Some([0xFE, 0xFF]) => Some(false),
        _ => None,
    };
    if let Some(little) = little {
        input.take(MAX_UTF16).read_to_end(&mut head)?;
        let units = head[2..].chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
        });
        let text: String = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        let head = text.as_bytes().iter().copied().take(LOOKED_AT).collect();
        return Ok((head, Box::new(Cursor::new(text.into_bytes()))));
    }
    if head.starts_with(b"\xEF\xBB\xBF") {
        head.drain(..3);
    }
    let whole = Cursor::new(head.clone()).chain(input);
    Ok((head, Box::new(whole)))
}

fn reader<R: Read>(input: R, delimiter: u8) -> csv::Reader<LineFeeds<R>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(256 * 1024)
        .from_reader(LineFeeds::of(input))
}

/// The separator that stands alike on most lines.
fn delimiter(head: &[u8]) -> u8 {
    let score = |delimiter: u8| {
        let rows = first_rows(head, delimiter);
        let mut widths: Vec<usize> = rows.iter().map(Vec::len).filter(|width| *width > 1).collect();
        widths.sort_unstable();
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(0);
        let alike = widths.iter().filter(|width| **width == usual).count();
        (alike * usual.min(3), usual)
    };
    [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|one| (score(*one), *one == b','))
        .unwrap_or(b',')
}

/// The rows that are looked at; a last one that is cut is left out.
fn first_rows(head: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = reader(head, delimiter);
    let mut rows: Vec<Vec<String>> = reader
        .byte_records()
        .map_while(Result::ok)
        .take(LETTERHEAD_ROWS * 2)
        .map(|record| record.iter().map(|cell| text_of(cell).into_owned()).collect())
        .collect();
    if head.len() >= LOOKED_AT {
        rows.pop();
    }
    rows
}

struct Lines<R> {
    reader: csv::Reader<LineFeeds<R>>,
    record: ByteRecord,
    places: Places,
    skip: usize,
    ended: bool,
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<StatementLine, UnreadableLine>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let line = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(error) => {
                    // What is behind cannot be read any more; it is told, not dropped.
                    self.ended = true;
                    let reason = UnreadableReason::Format(error.to_string());
                    return Some(Err(UnreadableLine { line, text: String::new(), reason }));
                }
            }
            if self.ended {
                break;
            }
            let line = line_of(&self.record, self.reader.position());
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            let cells: Vec<Cow<'_, str>> = self.record.iter().map(text_of).collect();
            let made =
                self.places.line(line, |place| cells.get(place).map(|cell| &**cell), cells.len());
            if made.is_some() {
                return made;
            }
        }
        None
    }
}

/// UTF-8, else what Windows writes for Western languages: no byte is lost.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
