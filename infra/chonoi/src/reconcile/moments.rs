//! Dates as people and files write them, in Vietnam's time.

use kernel::Timestamp;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Vietnam's time, all year round.
const LOCAL: UtcOffset = time::macros::offset!(+7);
const MICROS_OF_A_DAY: i64 = 24 * 3_600 * 1_000_000;

/// The first moment that a cell names: a date's midnight, or the moment itself.
pub fn beginning(cell: &str) -> Option<Timestamp> {
    read(cell).map(|(moment, _)| moment)
}

/// The last moment that a cell names: a date's end, or the moment itself.
pub fn end(cell: &str) -> Option<Timestamp> {
    read(cell).map(|(moment, whole_day)| {
        let length = if whole_day { MICROS_OF_A_DAY - 1 } else { 0 };
        Timestamp::from_micros(moment.micros() + length)
    })
}

/// The midnight that began the day of a moment.
pub fn midnight(moment: Timestamp) -> Timestamp {
    local(moment).replace_time(Time::MIDNIGHT).into()
}

/// A moment for a file: only the date where no time of day is known.
pub fn written(moment: Timestamp) -> String {
    let local = local(moment);
    if local.time() == Time::MIDNIGHT {
        let date = local.date().format(format_description!("[year]-[month]-[day]"));
        return date.unwrap_or_default();
    }
    local.replace_nanosecond(0).unwrap_or(local).format(&Rfc3339).unwrap_or_default()
}

fn local(moment: Timestamp) -> OffsetDateTime {
    moment.to_utc().to_offset(LOCAL)
}

fn read(cell: &str) -> Option<(Timestamp, bool)> {
    let cell = cell.trim();
    if let Ok(moment) = OffsetDateTime::parse(cell, &Rfc3339) {
        return Some((moment.into(), false));
    }
    let dates = [
        format_description!("[year]-[month]-[day]"),
        format_description!("[day]/[month]/[year]"),
        format_description!("[day]-[month]-[year]"),
    ];
    if let Some(date) = dates.iter().find_map(|form| Date::parse(cell, form).ok()) {
        return Some((date.midnight().assume_offset(LOCAL).into(), true));
    }
    let moments = [
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
        format_description!("[year]-[month]-[day] [hour]:[minute]"),
        format_description!("[day]/[month]/[year] [hour]:[minute]:[second]"),
        format_description!("[day]/[month]/[year] [hour]:[minute]"),
    ];
    let moment = moments.iter().find_map(|form| PrimitiveDateTime::parse(cell, form).ok())?;
    Some((moment.assume_offset(LOCAL).into(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_whole_day_in_vietnam() {
        for cell in ["2026-11-23", " 23/11/2026 ", "23-11-2026"] {
            assert_eq!(beginning(cell).unwrap().to_rfc3339(), "2026-11-22T17:00:00Z");
            assert_eq!(end(cell).unwrap().to_rfc3339(), "2026-11-23T16:59:59.999999Z");
        }
        let moment = beginning("23/11/2026 08:30").unwrap();
        assert_eq!(moment, beginning("2026-11-23T08:30:00+07:00").unwrap());
        assert_eq!(end("23/11/2026 08:30"), Some(moment));
        assert_eq!(written(moment), "2026-11-23T08:30:00+07:00");
        assert_eq!(written(midnight(moment)), "2026-11-23");
        for cell in ["", "hom qua", "31/02/2026", "2026-13-01"] {
            assert_eq!(beginning(cell), None, "{cell}");
        }
    }
}
