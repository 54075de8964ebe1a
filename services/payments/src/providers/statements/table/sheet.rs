//! Tables as sheets: XLSX. The first sheet that holds a statement is read.
//!
//! A workbook is packed, names its cells by their place and repeats texts by their number: few bytes can
//! unpack to very many, two cells can span a table of billions, and one long text can stand in every cell.
//! All three are bounded before anything is made of them.

use std::io::{self, Cursor, Read};

use calamine::{Cell, Data, DataRef, Range, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::columns::ColumnMapping;
use super::rows::Places;
use super::{NoTable, Reading, dates, guessing, parts};
use crate::domain::statement::{StatementLine, UnreadableLine};

/// The most rows of a sheet: more than any spreadsheet program makes.
const MAX_ROWS: usize = 1_100_000;
/// The most bytes of a workbook.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of a workbook that is unpacked.
const MAX_UNPACKED: u64 = 512 * 1024 * 1024;
/// The most cells that a sheet spans, empty ones in between included.
const MAX_CELLS: u64 = 16_000_000;
/// The most bytes of text of a workbook, each cell's counted: more than a million full memos.
const MAX_TEXT: usize = 256 * 1024 * 1024;
/// How many rows are looked at to guess the columns.
const LOOKED_AT: usize = 80;

/// Reads a workbook. `mapping`: how its table is to be understood; else that is guessed.
pub fn read(
    bytes: &[u8],
    mapping: Option<&ColumnMapping>,
) -> Result<Reading<impl Iterator<Item = Result<StatementLine, UnreadableLine>> + 'static>, NoTable>
{
    read_within(bytes, mapping, MAX_TEXT)
}

fn read_within(
    bytes: &[u8],
    mapping: Option<&ColumnMapping>,
    most_text: usize,
) -> Result<Reading<impl Iterator<Item = Result<StatementLine, UnreadableLine>> + 'static>, NoTable>
{
    if bytes.len() > MAX_BYTES {
        return Err(NoTable::Workbook(format!("more than {MAX_BYTES} bytes")));
    }
    check_unpacked(bytes, MAX_UNPACKED)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut text = Text { most: most_text, left: most_text };
    let mut last = NoTable::NoColumns(0);
    for name in workbook.sheet_names() {
        let range = range_of(&mut workbook, &name, &mut text)?;
        let guessed = match mapping {
            Some(mapping) => Ok(mapping.clone()),
            None => {
                guessing::guess(&range.rows().take(LOOKED_AT).map(texts_of).collect::<Vec<_>>())
            }
        };
        match guessed {
            Ok(mapping) => {
                let lines = lines(range, mapping.clone());
                return Ok(Reading { mapping, lines });
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn broken(error: XlsxError) -> NoTable {
    NoTable::Workbook(error.to_string())
}

/// What the packed files say of their sizes may be a lie: they are unpacked to see.
fn check_unpacked(bytes: &[u8], most: u64) -> Result<(), NoTable> {
    let refused = |error: zip::result::ZipError| NoTable::Workbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
    let mut left = most;
    for place in 0..archive.len() {
        let file = archive.by_index(place).map_err(refused)?;
        let unpacked = io::copy(&mut file.take(left + 1), &mut io::sink())?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| NoTable::Workbook(format!("more than {most} bytes when unpacked")))?;
    }
    parts::check(&mut archive, MAX_CELLS)?;
    Ok(())
}

/// A sheet, if it is no larger than it may be; nothing of one that holds no cells, like a chart.
fn range_of(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    text: &mut Text,
) -> Result<Range<Data>, NoTable> {
    let mut reader = match workbook.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Range::default()),
        Err(error) => return Err(broken(error)),
    };
    let (mut cells, mut span) = (Vec::new(), Span::default());
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        span.add(cell.get_position());
        if span.height() > MAX_ROWS as u64 {
            return Err(NoTable::Workbook(format!("more than {MAX_ROWS} rows")));
        }
        if span.height() * span.width() > MAX_CELLS {
            return Err(NoTable::Workbook(format!("more than {MAX_CELLS} cells")));
        }
        text.take(cell.get_value())?;
        cells.push(Cell::new(cell.get_position(), Data::from(cell.get_value().clone())));
    }
    Ok(Range::from_sparse(cells))
}

/// How much text may still be made of a workbook.
struct Text {
    most: usize,
    left: usize,
}

impl Text {
    fn take(&mut self, value: &DataRef<'_>) -> Result<(), NoTable> {
        let bytes = match value {
            DataRef::SharedString(text) => text.len(),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                text.len()
            }
            _ => 0,
        };
        let refused = || NoTable::Workbook(format!("more than {} bytes of text", self.most));
        self.left = self.left.checked_sub(bytes).ok_or_else(refused)?;
        Ok(())
    }
}

/// Rows and columns between the first and the last cell.
#[derive(Default)]
struct Span(Option<((u32, u32), (u32, u32))>);

impl Span {
    fn add(&mut self, (row, column): (u32, u32)) {
        let (first, last) = self.0.unwrap_or(((row, column), (row, column)));
        let first = (first.0.min(row), first.1.min(column));
        self.0 = Some((first, (last.0.max(row), last.1.max(column))));
    }

    fn height(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last.0 - first.0) + 1)
    }

    fn width(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last.1 - first.1) + 1)
    }
}

fn lines(
    range: Range<Data>,
    mapping: ColumnMapping,
) -> impl Iterator<Item = Result<StatementLine, UnreadableLine>> {
    let above = mapping.rows_above;
    let first = range.start().map_or(0, |(row, _)| row as usize);
    let places = Places::of(mapping);
    (above..range.height()).filter_map(move |place| {
        let row: Vec<Data> =
            (0..range.width()).filter_map(|column| range.get((place, column)).cloned()).collect();
        let cells = texts_of(&row);
        let line = (first + place + 1) as u64;
        places.line(line, |column| cells.get(column).map(String::as_str), cells.len())
    })
}

fn texts_of(row: &[Data]) -> Vec<String> {
    row.iter().map(text_of).collect()
}

/// A cell as text, as if the table were text: whole numbers without decimals, moments in full.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::DateTime(moment) => {
            dates::of_serial(moment.as_f64()).map(written).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

fn written(moment: kernel::Timestamp) -> String {
    let local = moment.to_utc().to_offset(time::macros::offset!(+7));
    let (year, month, day) = local.date().to_calendar_date();
    let (hour, minute, second) = local.time().as_hms();
    format!("{year:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02}", u8::from(month))
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    use super::*;

    fn workbook() -> Vec<u8> {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "Hướng dẫn").unwrap();
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "Số tài khoản: 19036666888").unwrap();
        for (column, name) in
            ["Ngày giao dịch", "Ghi nợ", "Ghi có", "Số dư", "Diễn giải"].iter().enumerate()
        {
            sheet.write(2, column as u16, *name).unwrap();
        }
        let format = Format::new().set_num_format("dd/mm/yyyy hh:mm:ss");
        let moment = ExcelDateTime::parse_from_str("2024-09-01 14:23:05").unwrap();
        sheet.write_with_format(3, 0, &moment, &format).unwrap();
        sheet.write(3, 2, 1_250_000).unwrap();
        sheet.write(3, 3, 9_000_000).unwrap();
        sheet.write(3, 4, "tra tien CN").unwrap();
        sheet.write(4, 0, "02/09/2024").unwrap();
        sheet.write(4, 1, "50.000").unwrap();
        sheet.write(4, 4, "phi").unwrap();
        sheet.write(5, 0, "Tổng cộng").unwrap();
        sheet.write(5, 2, 1_250_000).unwrap();
        workbook.save_to_buffer().unwrap()
    }

    #[test]
    fn the_sheet_that_holds_a_statement_is_read() {
        let lines: Vec<StatementLine> =
            read(&workbook(), None).unwrap().lines.map(Result::unwrap).collect();
        let told: Vec<(u64, String, i64)> = lines
            .iter()
            .map(|line| (line.line, line.booked_at.to_rfc3339(), line.amount.minor))
            .collect();
        assert_eq!(
            told,
            [
                (4, "2024-09-01T07:23:05Z".to_owned(), 1_250_000),
                (5, "2024-09-01T17:00:00Z".to_owned(), -50_000),
            ]
        );
        assert_eq!(lines[0].account, "19036666888");
    }

    #[test]
    fn what_unpacks_to_too_much_or_spans_too_many_cells_is_refused() {
        let packed = workbook();
        assert!(matches!(check_unpacked(&packed, 1_000), Err(NoTable::Workbook(_))));
        assert!(check_unpacked(&packed, 1_000_000).is_ok());
        let mut sparse = Workbook::new();
        let sheet = sparse.add_worksheet();
        sheet.write(0, 0, "Ngày giao dịch").unwrap();
        sheet.write(1_000_000, 16_000, "xa").unwrap();
        let refused = read(&sparse.save_to_buffer().unwrap(), None).err().unwrap();
        assert_eq!(refused.to_string(), "the workbook cannot be read: more than 16000000 cells");
    }

    #[test]
    fn one_long_text_in_many_cells_is_refused_though_its_file_is_small() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (column, name) in ["Ngày giao dịch", "Ghi có", "Diễn giải"].iter().enumerate() {
            sheet.write(0, column as u16, *name).unwrap();
        }
        for row in 1..=100 {
            sheet.write(row, 0, "01/09/2024").unwrap();
            sheet.write(row, 1, 1_250_000).unwrap();
            sheet.write(row, 2, "x".repeat(30_000)).unwrap();
        }
        let packed = workbook.save_to_buffer().unwrap();
        assert!(packed.len() < 64 * 1024);
        assert_eq!(read(&packed, None).unwrap().lines.count(), 100);
        let refused = read_within(&packed, None, 2_000_000).err().unwrap();
        let told = "the workbook cannot be read: more than 2000000 bytes of text";
        assert_eq!(refused.to_string(), told);
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        assert!(matches!(read(b"PK\x03\x04 nothing", None), Err(NoTable::Workbook(_))));
    }
}
