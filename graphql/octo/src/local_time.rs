//! Moments as OCTO and calendars write them, in Vietnam's time and in UTC.

use kernel::Timestamp;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, UtcOffset};

/// The zone of all tours (IANA).
pub const TIME_ZONE: &str = "Asia/Ho_Chi_Minh";
/// UTC+7, without summer time since 1975.
const VIETNAM: UtcOffset = offset!(+7);

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const TIME_OF_DAY: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
const LOCAL: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+07:00");
const UTC: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// A day of Vietnam's calendar, `2026-12-01`.
pub fn parse_day(text: &str) -> Option<Date> {
    Date::parse(text, DAY).ok()
}

/// A day as text.
pub fn day_text(day: Date) -> String {
    day.format(DAY).unwrap_or_default()
}

/// A moment with its offset, `2026-12-01T05:30:00+07:00`.
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(Timestamp::from)
}

/// The day in Vietnam on which a moment of a message falls.
pub fn local_day(micros: i64) -> Date {
    local(micros).date()
}

/// The time in Vietnam of a moment of a message.
pub fn local(micros: i64) -> OffsetDateTime {
    let moment = Timestamp::from_micros(micros).to_utc();
    // The last hours of the year 9999 are in Vietnam's year 10000, which has no text.
    moment.checked_to_offset(VIETNAM).unwrap_or(moment)
}

/// In Vietnam's time, with its offset: `2026-12-01T05:30:00+07:00`.
pub fn local_text(micros: i64) -> String {
    local(micros).format(LOCAL).unwrap_or_default()
}

/// The time of day in Vietnam: `05:30`.
pub fn time_of_day(micros: i64) -> String {
    local(micros).format(TIME_OF_DAY).unwrap_or_default()
}

/// In UTC: `2026-11-30T22:30:00Z`.
pub fn utc_text(micros: i64) -> String {
    Timestamp::from_micros(micros).to_utc().format(UTC).unwrap_or_default()
}

/// The same of a moment that may not have come; zero means that it has not.
pub fn utc_if_any(micros: i64) -> Option<String> {
    (micros != 0).then(|| utc_text(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_the_time_of_the_pier_and_read_back() {
        let moment = parse_moment("2026-12-01T05:30:00+07:00").unwrap();
        assert_eq!(local_text(moment.micros()), "2026-12-01T05:30:00+07:00");
        assert_eq!(utc_text(moment.micros()), "2026-11-30T22:30:00Z");
        assert_eq!(time_of_day(moment.micros()), "05:30");
        assert_eq!(day_text(local_day(moment.micros())), "2026-12-01");
        assert_eq!(parse_moment("2026-11-30T22:30:00Z"), Some(moment));
        assert_eq!(utc_if_any(0), None);
        let last = parse_moment("9999-12-31T23:00:00Z").unwrap();
        assert_eq!(day_text(local_day(last.micros())), "9999-12-31");
        for wrong in ["", "2026-12-01", "dep_01", "2026-13-01T00:00:00Z"] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
        assert_eq!(parse_day("2026-02-30"), None);
    }
}
