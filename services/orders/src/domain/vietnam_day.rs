//! Days of Vietnam's calendar: a ticket is for one of them.

use kernel::Timestamp;
use time::Date;
use time::macros::format_description;

/// Vietnam is seven hours ahead of UTC, all year.
const AHEAD_MICROS: i64 = 7 * 3600 * 1_000_000;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// The Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// A day in Asia/Ho_Chi_Minh, as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VietnamDay(i64);

impl VietnamDay {
    /// The day on which a moment is.
    pub const fn of(moment: Timestamp) -> Self {
        Self(moment.micros().saturating_add(AHEAD_MICROS).div_euclid(DAY_MICROS))
    }

    /// A day by its number.
    pub const fn from_number(number: u16) -> Self {
        Self(number as i64)
    }

    /// A day as people write it for machines: `2027-01-16` (ISO 8601); `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
        Some(Self(i64::from(date.to_julian_day()) - EPOCH_JULIAN_DAY))
    }

    /// How many days later another one is; below zero if it is earlier.
    pub const fn days_to(self, other: Self) -> i64 {
        other.0.saturating_sub(self.0)
    }

    /// The day after.
    pub const fn following(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The moment at which it begins.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_mul(DAY_MICROS).saturating_sub(AHEAD_MICROS))
    }

    /// The number of the day, if it is between 1970 and 2149: what a ticket's code has room for.
    pub fn number(self) -> Option<u16> {
        u16::try_from(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_vietnam() {
        // 2027-01-14T16:59:59.999999Z and a microsecond later.
        let last = Timestamp::from_micros(1_799_945_999_999_999);
        let first = Timestamp::from_micros(1_799_946_000_000_000);
        assert_eq!(VietnamDay::of(last).number(), Some(20_832));
        assert_eq!(VietnamDay::of(first), VietnamDay::from_number(20_833));
        assert_eq!(VietnamDay::of(Timestamp::from_micros(i64::MIN)).number(), None);
        assert_eq!(VietnamDay::parse("2027-01-15"), Some(VietnamDay::from_number(20_833)));
        assert_eq!(VietnamDay::parse("2027-01-15").map(VietnamDay::start), Some(first));
        for none in ["", "2027-02-30", "15/01/2027", "2027-1-5"] {
            assert_eq!(VietnamDay::parse(none), None, "{none}");
        }
    }
}
