//! As text: the first table with its sums. Amounts are decimal strings in major units.

use crate::domain::csv_line::{self, csv_line};
use crate::domain::takeaway::{Cell, Takeaway};

/// Spreadsheets read UTF-8 as such only behind a byte order mark.
const MARK: &str = "\u{feff}";

/// The text of the first table.
pub fn write(takeaway: &Takeaway) -> String {
    let mut text = MARK.to_owned();
    let Some(table) = takeaway.tables.first() else { return text };
    let headings: Vec<_> = table.headings.iter().map(csv_line::Cell::text).collect();
    text += &csv_line(&headings);
    for row in table.rows.iter().chain(&table.total) {
        let cells: Vec<_> = row.iter().map(cell_of).collect();
        text += &csv_line(&cells);
    }
    text
}

fn cell_of(cell: &Cell) -> csv_line::Cell {
    match cell {
        Cell::Text(words) => csv_line::Cell::text(words),
        Cell::Amount(amount) => csv_line::Cell::Amount(*amount),
        Cell::Count(count) => csv_line::Cell::Count(count.unsigned_abs()),
    }
}
