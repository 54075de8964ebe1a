//! A CSV file as a table: encoding and separator found out, columns by their names.

use std::collections::HashMap;

use super::{FileRefused, MAX_ROWS};

/// A row and the line that it begins on.
pub struct Row<'a> {
    /// The line; the header is line 1.
    pub line: u32,
    table: &'a Table,
    cells: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The cell of a column; empty where there is none.
    pub fn cell(&self, column: &str) -> &'a str {
        let place = self.table.columns.get(&column.to_lowercase());
        place.and_then(|place| self.cells.get(*place)).unwrap_or_default().trim()
    }
}

/// A file as a table.
pub struct Table {
    columns: HashMap<String, usize>,
    rows: Vec<(u32, csv::StringRecord)>,
}

impl Table {
    /// Reads a file.
    pub fn read(file: &[u8]) -> Result<Self, FileRefused> {
        // The reader counts line feeds, and one behind a carriage return only with the row below: a file
        // of Windows would be told of a line too early.
        let text = decode(file).ok_or(FileRefused::NotText)?;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator_of(&text))
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| FileRefused::NotCsv(1))?.clone();
        let columns = header
            .iter()
            .enumerate()
            .map(|(place, name)| (name.trim().to_lowercase(), place))
            .collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                FileRefused::NotCsv(error.position().map_or(0, |position| position.line() as u32))
            })?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if rows.len() == MAX_ROWS {
                return Err(FileRefused::TooManyRows);
            }
            let line = record.position().map_or(0, |position| position.line() as u32);
            rows.push((line, record));
        }
        if rows.is_empty() { Err(FileRefused::Empty) } else { Ok(Self { columns, rows }) }
    }

    /// Refuses a file without the columns that must be there.
    pub fn require(&self, columns: &[&'static str]) -> Result<(), FileRefused> {
        let missing: Vec<_> = columns
            .iter()
            .copied()
            .filter(|name| !self.columns.contains_key(&name.to_lowercase()))
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(FileRefused::ColumnsMissing(missing)) }
    }

    /// The rows, in groups that follow one another with one handle. A row without a handle belongs
    /// to the row before it.
    pub fn groups(&self, handle: &str) -> Vec<Vec<Row<'_>>> {
        let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
        let mut current = String::new();
        for (line, cells) in &self.rows {
            let row = Row { line: *line, table: self, cells };
            let name = row.cell(handle);
            let same = !groups.is_empty() && (name.is_empty() || name == current);
            if !same {
                name.clone_into(&mut current);
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(row);
            }
        }
        groups
    }
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
