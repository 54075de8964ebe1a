//! Workbooks (XLSX) as rows of cells.
//!
//! A workbook is packed, names its cells by their place and repeats texts by their number: a few bytes can
//! unpack to very many, two cells can span a table of billions, and one long text can stand in every cell.
//! All three are bounded before anything is made of them.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::grid::{Line, MAX_LINES};
use super::{FileRefused, parts};

/// The most bytes of a workbook that is unpacked.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
/// The most sheets that are looked at.
const MAX_SHEETS: usize = 10;
/// The most columns of a sheet.
pub const MAX_COLUMNS: usize = 256;
/// The most cells of a workbook, empty ones in between included.
pub const MAX_CELLS: usize = 1_000_000;
/// The most bytes of text of a workbook, each cell's counted.
const MAX_TEXT: usize = 16 * 1024 * 1024;

/// Reads the sheets of a workbook.
pub fn read(file: &[u8]) -> Result<Vec<Vec<Line>>, FileRefused> {
    check_unpacked(file, MAX_UNPACKED)?;
    parts::check(file)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|error| broken(&error))?;
    let mut left = Left { cells: MAX_CELLS, text: MAX_TEXT };
    let names = workbook.sheet_names();
    names.iter().take(MAX_SHEETS).map(|name| sheet(&mut workbook, name, &mut left)).collect()
}

/// What kept a workbook from being read.
pub fn broken(error: &impl ToString) -> FileRefused {
    FileRefused::Workbook(error.to_string())
}

/// What the packed files say of their sizes may be a lie: they are unpacked to see.
fn check_unpacked(file: &[u8], most: u64) -> Result<(), FileRefused> {
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|error| broken(&error))?;
    let mut left = most;
    for place in 0..archive.len() {
        let packed = archive.by_index(place).map_err(|error| broken(&error))?;
        let unpacked = io::copy(&mut packed.take(left + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|error| broken(&error))?;
        left = left.checked_sub(unpacked).ok_or(FileRefused::TooLarge)?;
    }
    Ok(())
}

/// What may still be made of a workbook.
struct Left {
    cells: usize,
    text: usize,
}

impl Left {
    /// Takes a cell of `bytes` that lengthens its row by `cells`.
    fn take(&mut self, cells: usize, bytes: usize) -> Result<(), FileRefused> {
        self.cells = self.cells.checked_sub(cells).ok_or(FileRefused::TooLarge)?;
        self.text = self.text.checked_sub(bytes).ok_or(FileRefused::TooLarge)?;
        Ok(())
    }
}

/// The rows of a sheet; nothing of one that holds no cells, like a chart.
fn sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    left: &mut Left,
) -> Result<Vec<Line>, FileRefused> {
    let mut reader = match workbook.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        Err(error) => return Err(broken(&error)),
    };
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    while let Some(cell) = reader.next_cell().map_err(|error| broken(&error))? {
        let (row, column) = (cell.get_position().0, cell.get_position().1 as usize);
        let bytes = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::SharedString(text) => text.len(),
            DataRef::String(text) => text.len(),
            _ => 0,
        };
        if column >= MAX_COLUMNS {
            return Err(FileRefused::TooLarge);
        }
        if rows.len() == MAX_LINES && !rows.contains_key(&row) {
            return Err(FileRefused::TooManyRows);
        }
        let cells = rows.entry(row).or_default();
        left.take((column + 1).saturating_sub(cells.len()), bytes)?;
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text_of(cell.get_value());
    }
    let filled =
        rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(filled.map(|(row, cells)| Line { number: row + 1, cells }).collect())
}

/// A cell as people would write it into a text.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => text_of_number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(moment) => text_of_number(moment.as_f64()),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Whole numbers without decimals. Exactly three decimals would read as a group of a larger number: a
/// zero behind them keeps them a fraction.
fn text_of_number(number: f64) -> String {
    let text = number.to_string();
    match text.split_once('.') {
        Some((_, decimals)) if decimals.len() == 3 => format!("{text}0"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Workbook, Worksheet};

    use super::*;

    fn saved(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet());
        workbook.save_to_buffer().unwrap()
    }

    #[test]
    fn cells_are_read_as_people_would_write_them() {
        let file = saved(|sheet| {
            sheet.write(1, 0, "Mã hàng").unwrap();
            sheet.write(1, 2, 8_934_567_890_123.0).unwrap();
            sheet.write(3, 0, 12.345).unwrap();
            sheet.write(3, 1, 125_000).unwrap();
            sheet.write(3, 2, true).unwrap();
        });
        let sheets = read(&file).unwrap();
        let rows: Vec<(u32, Vec<String>)> =
            sheets[0].iter().map(|line| (line.number, line.cells.clone())).collect();
        let owned = |cells: [&str; 3]| cells.map(ToOwned::to_owned).to_vec();
        assert_eq!(
            rows,
            [
                (2, owned(["Mã hàng", "", "8934567890123"])),
                (4, owned(["12.3450", "125000", "true"])),
            ]
        );
    }

    #[test]
    fn what_unpacks_or_spans_or_repeats_too_much_is_refused() {
        let small = saved(|sheet| {
            sheet.write(0, 0, "x").unwrap();
        });
        assert_eq!(check_unpacked(&small, 100), Err(FileRefused::TooLarge));
        assert_eq!(check_unpacked(&small, MAX_UNPACKED), Ok(()));
        let wide = saved(|sheet| {
            sheet.write(0, MAX_COLUMNS as u16, "x").unwrap();
        });
        assert_eq!(read(&wide).unwrap_err(), FileRefused::TooLarge);
        let long = saved(|sheet| {
            for row in 0..=MAX_LINES as u32 {
                sheet.write(row, 0, "x").unwrap();
            }
        });
        assert_eq!(read(&long).unwrap_err(), FileRefused::TooManyRows);
        // One text of 30 kB in 600 cells: a small file, and 18 MB of text.
        let repeated = saved(|sheet| {
            for row in 0..600 {
                sheet.write(row, 0, "x".repeat(30_000)).unwrap();
            }
        });
        assert!(repeated.len() < 1024 * 1024);
        assert_eq!(read(&repeated).unwrap_err(), FileRefused::TooLarge);
        assert!(matches!(read(b"PK\x03\x04 nothing"), Err(FileRefused::Workbook(_))));
    }
}
