//! A file as rows of cells: text with separators in whatever encoding, or a workbook.

use super::workbook::MAX_COLUMNS;
use super::{FileRefused, MAX_ROWS, workbook};

/// How far down a table may begin: programs write a title above it.
pub const ROWS_ABOVE: usize = 20;
/// The most rows that are read of a sheet.
pub const MAX_LINES: usize = MAX_ROWS + ROWS_ABOVE;

/// A row that is not empty.
#[derive(Debug)]
pub struct Line {
    /// Where it stands in the file, counted from 1.
    pub number: u32,
    /// Its cells, as text.
    pub cells: Vec<String>,
}

/// The sheets of a file that hold anything; text is one sheet.
pub fn sheets(file: &[u8]) -> Result<Vec<Vec<Line>>, FileRefused> {
    let sheets =
        if file.starts_with(b"PK\x03\x04") { workbook::read(file)? } else { vec![text(file)?] };
    Ok(sheets.into_iter().filter(|sheet| !sheet.is_empty()).collect())
}

fn text(file: &[u8]) -> Result<Vec<Line>, FileRefused> {
    // The reader counts line feeds, and one behind a carriage return only with the row below: a file
    // of Windows would be told of a line too early.
    let text = decode(file).ok_or(FileRefused::NotText)?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator_of(&text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            FileRefused::NotCsv(error.position().map_or(0, |position| position.line() as u32))
        })?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if lines.len() == MAX_LINES {
            return Err(FileRefused::TooManyRows);
        }
        let number = record.position().map_or(0, |position| position.line() as u32);
        // Programs write separators behind the last column, too.
        let is_filled = |at: &usize| record.get(*at).is_some_and(|cell| !cell.trim().is_empty());
        let filled = (0..record.len()).rev().find(is_filled).map_or(0, |at| at + 1);
        if filled > MAX_COLUMNS {
            return Err(FileRefused::TooLarge);
        }
        lines.push(Line {
            number,
            cells: record.iter().take(filled).map(ToOwned::to_owned).collect(),
        });
    }
    Ok(lines)
}

/// UTF-8 with or without a mark, or UTF-16 with one (as Excel saves "Unicode text").
fn decode(file: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        String::from_utf16(&units.collect::<Vec<u16>>()).ok()
    };
    match file {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(file.to_vec()).ok(),
    }
}

/// The separator that the header has most of.
fn separator_of(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_wider_than_a_workbook_and_empty_cells_behind_the_last_count_for_nothing() {
        let row = |columns: usize, behind: usize| {
            format!("{}{}\n", ["x"].repeat(columns).join(","), ",".repeat(behind))
        };
        let width = |file: &str| sheets(file.as_bytes()).map(|sheets| sheets[0][0].cells.len());
        assert_eq!(width(&row(MAX_COLUMNS, 0)), Ok(MAX_COLUMNS));
        assert_eq!(width(&row(3, 2_000)), Ok(3));
        assert_eq!(width(&row(MAX_COLUMNS + 1, 0)), Err(FileRefused::TooLarge));
    }
}
