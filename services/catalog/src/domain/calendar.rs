//! The calendar of Vietnam: days and local moments. Asia/Ho_Chi_Minh is UTC+7, without summer time
//! (tz database, zone Asia/Ho_Chi_Minh, since 1975-06-13).

use kernel::Timestamp;
use time::format_description::StaticFormatDescription;
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, PrimitiveDateTime, UtcOffset};

const VIETNAM: UtcOffset = offset!(+7);
const DAY: StaticFormatDescription = format_description!("[year]-[month]-[day]");

/// A day that is written like `2026-12-01`.
pub fn day_of(text: &str) -> Option<Date> {
    Date::parse(text, DAY).ok()
}

/// How a day is written: `2026-12-01`.
pub fn day_text(day: Date) -> String {
    day.format(DAY).unwrap_or_default()
}

/// The day in Vietnam at a moment.
pub fn day_at(moment: Timestamp) -> Date {
    moment.to_utc().to_offset(VIETNAM).date()
}

/// When a day begins in Vietnam.
pub fn begin_of(day: Date) -> Timestamp {
    moment_of(day.midnight())
}

/// When a day ends in Vietnam: the first moment that is no longer its.
pub fn end_of(day: Date) -> Timestamp {
    day.next_day().map_or(Timestamp::from_micros(i64::MAX), begin_of)
}

/// The moment of a local date and time.
pub fn moment_of(local: PrimitiveDateTime) -> Timestamp {
    local.assume_offset(VIETNAM).into()
}

/// The local date and time of a moment, by RFC 3339: `2026-12-01T05:30:00+07:00`.
pub fn local_text(moment: Timestamp) -> String {
    moment.to_utc().to_offset(VIETNAM).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_day_in_vietnam_begins_seven_hours_before_it_does_in_utc() {
        let begin = begin_of(date!(2026 - 12 - 01));
        assert_eq!(begin.to_rfc3339(), "2026-11-30T17:00:00Z");
        assert_eq!(day_at(begin), date!(2026 - 12 - 01));
        assert_eq!(day_at(Timestamp::from_micros(begin.micros() - 1)), date!(2026 - 11 - 30));
        assert_eq!(end_of(date!(2026 - 11 - 30)), begin);
        let start = moment_of(datetime!(2026-12-01 05:30));
        assert_eq!(local_text(start), "2026-12-01T05:30:00+07:00");
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        assert_eq!(day_of("2028-02-29").map(day_text).as_deref(), Some("2028-02-29"));
        for wrong in ["2027-02-29", "2026-2-9", "hôm nay", ""] {
            assert_eq!(day_of(wrong), None, "{wrong}");
        }
    }
}
