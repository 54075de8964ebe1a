//! Vietnam's calendar: the day and the month on which a moment falls there.
//!
//! Rules are dated, and taxes declared, by days and months as people in Vietnam count them; moments
//! are kept in UTC. This module is where the one becomes the other. It knows no holidays.

use std::fmt;
use std::str::FromStr;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, UtcOffset};

/// UTC+7, without summer time since 1975.
const VIETNAM: UtcOffset = offset!(+7);
const DAY_FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// A day in Vietnam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VietnamDay(Date);

/// The text is no day of the form 2025-07-01.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a day of the form 2025-07-01")]
pub struct NotADay(pub String);

impl VietnamDay {
    /// The day on which a moment falls.
    pub fn of(moment: Timestamp) -> Self {
        Self(moment.to_utc().to_offset(VIETNAM).date())
    }

    /// The moment at which it begins.
    pub fn begins(self) -> Timestamp {
        self.0.midnight().assume_offset(VIETNAM).into()
    }

    /// The day after it; itself at the end of all days.
    pub fn next(self) -> Self {
        Self(self.0.next_day().unwrap_or(self.0))
    }

    /// The day that is so many days after 1970-01-01.
    pub fn of_epoch_day(days: i64) -> Option<Self> {
        let julian = days.checked_add(EPOCH_JULIAN_DAY)?;
        Date::from_julian_day(i32::try_from(julian).ok()?).ok().map(Self)
    }

    /// How many days after 1970-01-01 it is.
    pub fn epoch_day(self) -> i64 {
        i64::from(self.0.to_julian_day()) - EPOCH_JULIAN_DAY
    }

    /// As people in Vietnam write it: 01/07/2025.
    pub fn written(self) -> String {
        let Self(date) = self;
        format!("{:02}/{:02}/{:04}", date.day(), u8::from(date.month()), date.year())
    }

    /// The month of the day.
    pub fn month(self) -> VietnamMonth {
        VietnamMonth { year: self.0.year(), month: u8::from(self.0.month()) }
    }
}

/// A moment as people in Vietnam write it: 01/07/2025 14:05.
pub fn vietnam_moment(moment: Timestamp) -> String {
    let time = moment.to_utc().to_offset(VIETNAM).time();
    format!("{} {:02}:{:02}", VietnamDay::of(moment).written(), time.hour(), time.minute())
}

impl fmt::Display for VietnamDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(date) = self;
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

impl FromStr for VietnamDay {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        Date::parse(text, DAY_FORMAT).map(Self).map_err(|_| NotADay(text.to_owned()))
    }
}

impl TryFrom<String> for VietnamDay {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}

impl From<VietnamDay> for String {
    fn from(day: VietnamDay) -> Self {
        day.to_string()
    }
}

/// A calendar month in Vietnam, written `2025-07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VietnamMonth {
    /// The year.
    pub year: i32,
    /// The month, from 1.
    pub month: u8,
}

impl VietnamMonth {
    /// The month in which a moment falls.
    pub fn of(moment: Timestamp) -> Self {
        VietnamDay::of(moment).month()
    }

    /// The moment at which it begins, and that at which the next one does.
    pub fn span(self) -> Option<(Timestamp, Timestamp)> {
        let month = time::Month::try_from(self.month).ok()?;
        let first = Date::from_calendar_date(self.year, month, 1).ok()?;
        let year = if month == time::Month::December { self.year + 1 } else { self.year };
        let after = Date::from_calendar_date(year, month.next(), 1).ok()?;
        Some((VietnamDay(first).begins(), VietnamDay(after).begins()))
    }
}

impl FromStr for VietnamMonth {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // Its first day is a day, so it is a month.
        format!("{text}-01").parse::<VietnamDay>().map(VietnamDay::month)
    }
}

impl fmt::Display for VietnamMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// The days on which a rule is in force, both ends included; an end that is missing is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidDays {
    /// The first day.
    pub from: Option<VietnamDay>,
    /// The last day.
    pub until: Option<VietnamDay>,
}

impl ValidDays {
    /// Whether a day is one of them.
    pub fn contain(self, day: VietnamDay) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether there is no such day: the last one is before the first.
    pub fn are_none(self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until < from)
    }

    /// Whether some day is one of both.
    pub fn overlap(self, other: Self) -> bool {
        let before = |until: Option<VietnamDay>, from: Option<VietnamDay>| matches!((until, from), (Some(until), Some(from)) if until < from);
        !self.are_none()
            && !other.are_none()
            && !before(self.until, other.from)
            && !before(other.until, self.from)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    /// The moment of an RFC 3339 text.
    pub fn moment(text: &str) -> Timestamp {
        time::OffsetDateTime::parse(text, &Rfc3339).unwrap().into()
    }

    pub fn day(text: &str) -> VietnamDay {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_five_in_the_afternoon_of_utc() {
        assert_eq!(VietnamDay::of(moment("2025-06-30T16:59:59Z")), day("2025-06-30"));
        assert_eq!(VietnamDay::of(moment("2025-06-30T17:00:00Z")), day("2025-07-01"));
        assert_eq!(VietnamMonth::of(moment("2025-12-31T17:00:00Z")).to_string(), "2026-01");
    }

    #[test]
    fn a_day_and_a_month_begin_at_midnight_in_vietnam() {
        assert_eq!(day("2026-11-24").begins(), moment("2026-11-23T17:00:00Z"));
        assert_eq!(day("2026-12-31").next(), day("2027-01-01"));
        let december: VietnamMonth = "2026-12".parse().unwrap();
        let span = (moment("2026-11-30T17:00:00Z"), moment("2026-12-31T17:00:00Z"));
        assert_eq!(december.span(), Some(span));
        assert!("2026-13".parse::<VietnamMonth>().is_err());
        assert_eq!(VietnamDay::of_epoch_day(0), Some(day("1970-01-01")));
        assert_eq!(
            VietnamDay::of_epoch_day(day("2026-11-24").epoch_day()),
            Some(day("2026-11-24"))
        );
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["2025-02-29", "2025-13-01", "01/07/2025", "2025-7-1", ""] {
            assert_eq!(text.parse::<VietnamDay>(), Err(NotADay(text.to_owned())));
        }
        assert_eq!(day("2024-02-29").to_string(), "2024-02-29");
    }

    #[test]
    fn both_ends_of_valid_days_are_in_force() {
        let july = ValidDays { from: Some(day("2025-07-01")), until: Some(day("2025-07-31")) };
        for (text, inside) in [
            ("2025-06-30", false),
            ("2025-07-01", true),
            ("2025-07-31", true),
            ("2025-08-01", false),
        ] {
            assert_eq!(july.contain(day(text)), inside, "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_overlap_exactly_when_some_day_is_in_both(ends in proptest::array::uniform4(proptest::option::of(1u8..=28))) {
            let of = |end: Option<u8>| end.map(|number| day(&format!("2025-07-{number:02}")));
            let one = ValidDays { from: of(ends[0]), until: of(ends[1]) };
            let other = ValidDays { from: of(ends[2]), until: of(ends[3]) };
            // Days before and behind July stand for the open ends.
            let mut days: Vec<VietnamDay> = (1..=28).map(|number| of(Some(number)).unwrap()).collect();
            days.extend([day("2025-06-30"), day("2025-08-01")]);
            let shared = days.into_iter().any(|day| one.contain(day) && other.contain(day));
            prop_assert_eq!(one.overlap(other), shared);
        }
    }
}
