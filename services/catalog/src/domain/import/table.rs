//! The table of a file: columns by their names, however these are written, and rows below them.

use std::collections::HashMap;

use kernel::slug;

use super::grid::{Line, ROWS_ABOVE};
use super::writing::FORMULA_SIGNS;
use super::{FileRefused, MAX_ROWS};

/// A row and the line that it begins on.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The line of the file, counted from 1.
    pub line: u32,
    columns: &'a HashMap<String, usize>,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The cell of a column; empty where there is none. An apostrophe that keeps a spreadsheet from
    /// running it is no part of it.
    pub fn cell(&self, column: &str) -> &'a str {
        self.columns.get(&slug(column)).map_or("", |place| self.at(*place))
    }

    /// The cells of all columns whose names, in the form of [`slug`], are like this.
    pub fn cells_like(&self, is_meant: impl Fn(&str) -> bool) -> impl Iterator<Item = &'a str> {
        let row = *self;
        let meant = row.columns.iter().filter(move |(name, _)| is_meant(name));
        meant.map(move |(_, place)| row.at(*place))
    }

    fn at(&self, place: usize) -> &'a str {
        let cell = self.cells.get(place).map_or("", |cell| cell.trim());
        let bare = cell.strip_prefix('\'').filter(|bare| bare.starts_with(FORMULA_SIGNS));
        bare.unwrap_or(cell)
    }
}

/// The table of a file.
pub struct Table<'a> {
    columns: HashMap<String, usize>,
    rows: &'a [Line],
}

impl<'a> Table<'a> {
    /// The first table with the columns that must be there. A program may write a title above it, stars
    /// behind the names of columns, and other columns anywhere.
    pub fn find(sheets: &'a [Vec<Line>], required: &[&'static str]) -> Result<Self, FileRefused> {
        for sheet in sheets {
            for (place, line) in sheet.iter().take(ROWS_ABOVE).enumerate() {
                let columns = columns_of(line);
                if missing(&columns, required).is_empty() {
                    return match sheet.get(place + 1..).unwrap_or_default() {
                        [] => Err(FileRefused::Empty),
                        rows if rows.len() > MAX_ROWS => Err(FileRefused::TooManyRows),
                        rows => Ok(Self { columns, rows }),
                    };
                }
            }
        }
        match sheets.first().and_then(|sheet| sheet.first()) {
            None => Err(FileRefused::Empty),
            Some(header) => {
                Err(FileRefused::ColumnsMissing(missing(&columns_of(header), required)))
            }
        }
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let columns = &self.columns;
        self.rows.iter().map(move |line| Row { line: line.number, columns, cells: &line.cells })
    }

    /// The rows, in groups that follow one another with one handle. A row without a handle belongs
    /// to the row before it.
    pub fn groups(&self, handle: &str) -> Vec<Vec<Row<'_>>> {
        let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
        let mut current = "";
        for row in self.rows() {
            let name = row.cell(handle);
            let same = !groups.is_empty() && (name.is_empty() || name == current);
            if !same {
                current = name;
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(row);
            }
        }
        groups
    }
}

/// Names of columns without marks, signs and capitals; of two that are alike the first counts.
fn columns_of(header: &Line) -> HashMap<String, usize> {
    let mut columns = HashMap::new();
    for (place, name) in header.cells.iter().enumerate() {
        columns.entry(slug(name)).or_insert(place);
    }
    columns
}

fn missing(columns: &HashMap<String, usize>, required: &[&'static str]) -> Vec<&'static str> {
    required.iter().copied().filter(|name| !columns.contains_key(&slug(name))).collect()
}
