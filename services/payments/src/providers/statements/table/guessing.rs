//! Guesses what the columns of a table hold: from its header, else from its values.

use kernel::{Currency, fold};

use super::columns::{Column, ColumnMapping, DateOrder, column_of};
use super::{LETTERHEAD_ROWS, NoTable, amounts, dates};

/// The mapping of a table that begins with these rows.
pub fn guess(rows: &[Vec<String>]) -> Result<ColumnMapping, NoTable> {
    let looked_at = rows.len().min(LETTERHEAD_ROWS);
    let by_header = rows[..looked_at].iter().enumerate().find_map(|(place, row)| {
        let mapping = of_header(row, place);
        mapping.is_complete().then_some(mapping)
    });
    let mut mapping = match by_header {
        Some(mapping) => mapping,
        None => of_values(rows).ok_or(NoTable::NoColumns(looked_at))?,
    };
    let above = &rows[..mapping.rows_above.min(rows.len())];
    mapping.account = above.iter().find_map(|row| account_of(row));
    if let Some(currency) = above.iter().flatten().find_map(|cell| currency_of(cell)) {
        mapping.currency = currency;
    }
    mapping.date_order = date_order(&mapping, rows);
    Ok(mapping)
}

fn of_header(row: &[String], place: usize) -> ColumnMapping {
    let mut columns: Vec<Option<Column>> = Vec::with_capacity(row.len());
    for cell in row {
        // The first of a kind is the one that is meant.
        let column = column_of(cell).filter(|column| !columns.contains(&Some(*column)));
        columns.push(column);
    }
    ColumnMapping {
        columns,
        date_order: DateOrder::default(),
        account: None,
        currency: Currency::Vnd,
        rows_above: place + 1,
        header: row.to_vec(),
    }
}

/// Without a header: the column that is always a day, the one or two that are always amounts, and
/// the one with the longest texts.
fn of_values(rows: &[Vec<String>]) -> Option<ColumnMapping> {
    let begin = rows.iter().position(|row| row.iter().any(|cell| dates::is_date(cell)))?;
    let sample: Vec<&Vec<String>> = rows[begin..].iter().filter(|row| row.len() > 1).collect();
    let width = sample.first()?.len();
    let share = |place: usize, is: &dyn Fn(&str) -> bool| {
        let fits = sample.iter().filter(|row| row.get(place).is_some_and(|cell| is(cell))).count();
        fits * 10 >= sample.len() * 8
    };
    let amount =
        |cell: &str| cell.trim().is_empty() || amounts::read(cell, Currency::Vnd).is_some();
    let some = |place: usize| {
        sample.iter().any(|row| row.get(place).is_some_and(|cell| !cell.trim().is_empty()))
    };
    let date = (0..width).find(|place| share(*place, &dates::is_date))?;
    let numbers: Vec<usize> = (0..width)
        .filter(|place| *place != date && some(*place) && share(*place, &amount))
        .collect();
    let details =
        (0..width).filter(|place| *place != date && !numbers.contains(place)).max_by_key(|place| {
            sample.iter().filter_map(|row| row.get(*place)).map(String::len).sum::<usize>()
        });
    let mut columns = vec![None; width];
    columns[date] = Some(Column::Date);
    // One: signed. Two: the amount and the balance. Three: debit, credit, balance.
    let meant: &[Column] = match numbers.len() {
        0 => return None,
        1 => &[Column::Amount],
        2 => &[Column::Amount, Column::Balance],
        _ => &[Column::Debit, Column::Credit, Column::Balance],
    };
    for (place, column) in numbers.iter().zip(meant) {
        columns[*place] = Some(*column);
    }
    if let Some(details) = details {
        columns[details] = Some(Column::Details);
    }
    Some(ColumnMapping {
        columns,
        date_order: DateOrder::default(),
        account: None,
        currency: Currency::Vnd,
        rows_above: begin,
        header: Vec::new(),
    })
}

/// `Số tài khoản/Account No.: 0011 0012 34567`, in one cell or in two.
fn account_of(row: &[String]) -> Option<String> {
    let names = |cell: &str| {
        let folded = fold(cell);
        ["so tai khoan", "tai khoan", "account n", "stk", "account:"]
            .iter()
            .any(|name| folded.contains(name))
    };
    let place = row.iter().position(|cell| names(cell))?;
    let own = row[place].rsplit([':', '.']).next().unwrap_or_default();
    std::iter::once(own).chain(row[place + 1..].iter().map(String::as_str)).find_map(|cell| {
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        let only =
            cell.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "-.".contains(c));
        (only && (6..=19).contains(&digits.len())).then_some(digits)
    })
}

fn currency_of(cell: &str) -> Option<Currency> {
    let mut words = cell.split(|c: char| !c.is_ascii_alphanumeric());
    let folded = fold(cell);
    let names =
        folded.contains("loai tien") || folded.contains("currency") || folded.contains("tien te");
    words.find_map(|word| word.parse().ok()).filter(|_| names || cell.trim().len() == 3)
}

/// A first number above twelve can be no month, a second one no day … of the other order.
fn date_order(mapping: &ColumnMapping, rows: &[Vec<String>]) -> DateOrder {
    let Some(place) = mapping.place(Column::Date) else { return DateOrder::DayFirst };
    let cells = rows.iter().skip(mapping.rows_above).filter_map(|row| row.get(place));
    let (mut day_first, mut month_first) = (0, 0);
    for cell in cells {
        day_first += u32::from(dates::read(cell, None, DateOrder::DayFirst).is_some());
        month_first += u32::from(dates::read(cell, None, DateOrder::MonthFirst).is_some());
    }
    if month_first > day_first { DateOrder::MonthFirst } else { DateOrder::DayFirst }
}
