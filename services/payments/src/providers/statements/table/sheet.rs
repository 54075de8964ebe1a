//! Tables as sheets: XLSX. The first sheet that holds a statement is read.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};

use super::columns::ColumnMapping;
use super::rows::Places;
use super::{NoTable, Reading, dates, guessing};
use crate::domain::statement::{StatementLine, UnreadableLine};

/// The most rows of a sheet: more than any spreadsheet program makes.
const MAX_ROWS: usize = 1_100_000;
/// The most bytes of a workbook.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// How many rows are looked at to guess the columns.
const LOOKED_AT: usize = 80;

/// Reads a workbook. `mapping`: how its table is to be understood; else that is guessed.
pub fn read(
    bytes: &[u8],
    mapping: Option<&ColumnMapping>,
) -> Result<Reading<impl Iterator<Item = Result<StatementLine, UnreadableLine>> + 'static>, NoTable>
{
    if bytes.len() > MAX_BYTES {
        return Err(NoTable::Workbook(format!("more than {MAX_BYTES} bytes")));
    }
    let broken = |error: calamine::XlsxError| NoTable::Workbook(error.to_string());
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut last = NoTable::NoColumns(0);
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).map_err(broken)?;
        if range.height() > MAX_ROWS {
            return Err(NoTable::Workbook(format!("more than {MAX_ROWS} rows")));
        }
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
    fn what_is_no_workbook_is_refused() {
        assert!(matches!(read(b"PK\x03\x04 nothing", None), Err(NoTable::Workbook(_))));
    }
}
