//! Dates and times as banks write them, in Vietnam's time.

use kernel::Timestamp;
use time::macros::{date, offset};
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use super::columns::DateOrder;

/// Vietnam's time, all year round.
const LOCAL: UtcOffset = offset!(+7);

/// Reads a day, with the time where the cell or another one tells it.
pub fn read(cell: &str, time_cell: Option<&str>, order: DateOrder) -> Option<Timestamp> {
    let numbers = Numbers::of(cell);
    let (date, used) = date_of(cell, &numbers, order)?;
    let time = match time_cell.map(str::trim).filter(|cell| !cell.is_empty()) {
        Some(cell) => time_of(&Numbers::of(cell), 0, cell)?,
        None => time_of(&numbers, used, cell).unwrap_or(Time::MIDNIGHT),
    };
    Some(PrimitiveDateTime::new(date, time).assume_offset(LOCAL).into())
}

/// Whether a cell begins with a day in either order.
pub fn is_date(cell: &str) -> bool {
    read(cell, None, DateOrder::DayFirst).is_some()
        || read(cell, None, DateOrder::MonthFirst).is_some()
}

/// A day of a sheet: days since 30 December 1899, with the time as a fraction.
pub fn of_serial(serial: f64) -> Option<Timestamp> {
    if !(1.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let days = serial.floor();
    let seconds = ((serial - days) * 86_400.0).round() as i64;
    let date = date!(1899 - 12 - 30).checked_add(time::Duration::days(days as i64))?;
    let moment = PrimitiveDateTime::new(date, Time::MIDNIGHT) + time::Duration::seconds(seconds);
    Some(moment.assume_offset(LOCAL).into())
}

/// The numbers of a cell, with the sign behind each.
struct Numbers {
    values: [(u32, usize, u8); 8],
    count: usize,
}

impl Numbers {
    fn of(cell: &str) -> Self {
        let mut numbers = Self { values: [(0, 0, 0); 8], count: 0 };
        let (mut value, mut length) = (0_u32, 0_usize);
        for byte in cell.bytes().chain(std::iter::once(b'\n')) {
            if byte.is_ascii_digit() {
                value = value.wrapping_mul(10).wrapping_add(u32::from(byte - b'0'));
                length += 1;
            } else if length > 0 {
                if numbers.count == numbers.values.len() {
                    break;
                }
                numbers.values[numbers.count] = (value, length, byte);
                numbers.count += 1;
                (value, length) = (0, 0);
            }
        }
        numbers
    }
}

/// The day, and how many numbers it took.
fn date_of(cell: &str, numbers: &Numbers, order: DateOrder) -> Option<(Date, usize)> {
    let begins_with_a_digit = cell.trim_start().starts_with(|c: char| c.is_ascii_digit());
    if !begins_with_a_digit {
        return None;
    }
    let [first, second, third, ..] = numbers.values;
    // 20260901
    if numbers.count >= 1 && first.1 == 8 {
        return make(first.0 / 10_000, first.0 / 100 % 100, first.0 % 100).map(|date| (date, 1));
    }
    if numbers.count < 3 || !b"/-.".contains(&first.2) || first.2 != second.2 {
        return None;
    }
    let date = if first.1 == 4 {
        make(first.0, second.0, third.0)
    } else {
        let year = if third.1 == 2 { 2_000 + third.0 } else { third.0 };
        match order {
            DateOrder::DayFirst => make(year, second.0, first.0),
            DateOrder::MonthFirst => make(year, first.0, second.0),
        }
    };
    date.map(|date| (date, 3))
}

fn make(year: u32, month: u32, day: u32) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let year = i32::try_from(year).ok().filter(|year| (1970..2_200).contains(year))?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

/// The time of day in the numbers from a place on: hours and minutes stand beside a colon.
fn time_of(numbers: &Numbers, from: usize, cell: &str) -> Option<Time> {
    let rest = &numbers.values[from.min(numbers.count)..numbers.count];
    let (hour, minute, second) = match rest {
        [hour, minute, second, ..] if hour.2 == b':' && minute.2 == b':' => {
            (hour.0, minute.0, second.0)
        }
        [hour, minute, ..] if hour.2 == b':' => (hour.0, minute.0, 0),
        // 142305, in a column of its own
        [(packed, 6, _)] if from == 0 => (packed / 10_000, packed / 100 % 100, packed % 100),
        _ => return None,
    };
    let afternoon = cell.to_ascii_uppercase().contains("PM") && hour < 12;
    let hour = if afternoon { hour + 12 } else { hour };
    let [hour, minute, second] =
        [hour, minute, second].map(|number| u8::try_from(number).unwrap_or(99));
    Time::from_hms(hour, minute, second).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str, time: Option<&str>) -> Option<String> {
        read(cell, time, DateOrder::DayFirst).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn days_and_times_are_read_as_they_are_written() {
        let midnight = Some("2024-08-31T17:00:00Z".to_owned());
        for cell in [
            "01/09/2024",
            "1/9/2024",
            "01-09-2024",
            "2024-09-01",
            "01.09.2024",
            "20240901",
            "01/09/24",
            "01/09/2024\n5215.97152",
        ] {
            assert_eq!(text(cell, None), midnight, "{cell}");
        }
        let moment = Some("2024-09-01T07:23:05Z".to_owned());
        for (cell, time) in [
            ("01/09/2024 14:23:05", None),
            ("2024-09-01T14:23:05", None),
            ("01/09/2024", Some("14:23:05")),
            ("01/09/2024", Some("142305")),
            ("01/09/2024 02:23:05 PM", None),
        ] {
            assert_eq!(text(cell, time), moment, "{cell} {time:?}");
        }
        for cell in
            ["", "31/02/2024", "01/13/2024", "tổng cộng", "1.250.000", "12", "Ngày 01/09/2024"]
        {
            assert_eq!(text(cell, None), None, "{cell}");
        }
        assert_eq!(
            read("09/13/2024", None, DateOrder::MonthFirst).map(Timestamp::to_rfc3339),
            Some("2024-09-12T17:00:00Z".to_owned())
        );
        assert_eq!(
            of_serial(45_536.5).map(Timestamp::to_rfc3339),
            Some("2024-09-01T05:00:00Z".to_owned())
        );
    }
}
