//! As a workbook: a sheet a table, what it is about above the first.

use kernel::Money;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::domain::csv_line::without_formula;
use crate::domain::takeaway::{Cell, Table, Takeaway};

/// The longest name of a sheet (ECMA-376, 18.2.19).
const LONGEST_NAME: usize = 31;
/// The widest column, in characters.
const WIDEST: usize = 44;

/// The bytes of the workbook.
pub fn write(takeaway: &Takeaway) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    for (place, table) in takeaway.tables.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(table.name.chars().take(LONGEST_NAME).collect::<String>())?;
        let mut row = 0;
        if place == 0 {
            sheet.write_string_with_format(0, 0, &takeaway.title, &Format::new().set_bold())?;
            for (name, cell) in &takeaway.head {
                row += 1;
                sheet.write_string(row, 0, without_formula(name))?;
                put(sheet, (row, 1), cell, &Format::new().set_align(FormatAlign::Left))?;
            }
            row += 2;
        }
        write_table(sheet, row, table)?;
    }
    workbook.save_to_buffer()
}

fn write_table(sheet: &mut Worksheet, first: u32, table: &Table) -> Result<(), XlsxError> {
    let (plain, bold) = (Format::new(), Format::new().set_bold());
    let mut widths: Vec<usize> = table.headings.iter().map(|text| text.chars().count()).collect();
    for (column, heading) in (0_u16..).zip(&table.headings) {
        sheet.write_string_with_format(first, column, without_formula(heading), &bold)?;
    }
    let rows = table.rows.iter().map(|row| (row, &plain));
    let rows = rows.chain(table.total.iter().map(|row| (row, &bold)));
    for (place, (row, format)) in (first + 1..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            put(sheet, (place, column), cell, format)?;
            if let Some(width) = widths.get_mut(usize::from(column)) {
                *width = (*width).max(cell.formatted(kernel::Locale::Vi).chars().count());
            }
        }
    }
    for (column, width) in (0_u16..).zip(widths) {
        let width = u32::try_from(width.min(WIDEST)).unwrap_or(0);
        sheet.set_column_width(column, f64::from(width) + 2.0)?;
    }
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    format: &Format,
) -> Result<(), XlsxError> {
    match cell {
        // A string of a workbook is no formula; it stays none when somebody saves it as text.
        Cell::Text(words) => {
            sheet.write_string_with_format(row, column, without_formula(words), format)?
        }
        Cell::Amount(amount) => {
            let (number, shape) = number_of(*amount);
            sheet.write_number_with_format(
                row,
                column,
                number,
                &format.clone().set_num_format(shape),
            )?
        }
        Cell::Count(count) => sheet.write_number_with_format(
            row,
            column,
            exact(*count),
            &format.clone().set_num_format("#,##0"),
        )?,
    };
    Ok(())
}

/// A workbook knows numbers of 53 bits only (ECMA-376, 18.18.11): here, at its edge, an amount becomes
/// one.
fn number_of(amount: Money) -> (f64, &'static str) {
    match amount.currency.exponent() {
        0 => (exact(amount.minor), "#,##0"),
        exponent => {
            let scale = 10_f64.powi(i32::try_from(exponent).unwrap_or(0));
            (exact(amount.minor) / scale, "#,##0.00")
        }
    }
}

/// Whole numbers up to 2^53 are exact: nine quadrillion đồng.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53; books hold no more")]
const fn exact(whole: i64) -> f64 {
    whole as f64
}
