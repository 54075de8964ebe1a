//! Days and months of Vietnam's calendar, as the pages of tours show them.

use time::macros::{format_description, offset};
use time::{Date, Duration, Month as MonthName, OffsetDateTime};

/// The furthest month that is shown, in months from this one: nobody schedules further.
const MAX_MONTHS_AHEAD: i32 = 26;

/// Today in Vietnam.
pub fn today() -> Date {
    OffsetDateTime::now_utc().to_offset(offset!(+7)).date()
}

/// Reads `2026-12-01`.
pub fn read_day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// Writes `2026-12-01`.
pub fn iso(day: Date) -> String {
    day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

/// A day as people here write it: `01/12/2026`, from `2026-12-01`; what is no day stays.
pub fn told(text: &str) -> String {
    read_day(text)
        .and_then(|day| day.format(format_description!("[day]/[month]/[year]")).ok())
        .unwrap_or_else(|| text.to_owned())
}

/// A month of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    first: Date,
}

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Self {
        // Every month has a first day.
        Self { first: day.replace_day(1).unwrap_or(day) }
    }

    /// Reads `2026-12`, from this month to two years ahead.
    pub fn read(text: &str, today: Date) -> Option<Self> {
        let first = read_day(&format!("{text}-01"))?;
        let ahead = (first.year() - today.year()) * 12 + i32::from(u8::from(first.month()))
            - i32::from(u8::from(today.month()));
        (0..=MAX_MONTHS_AHEAD).contains(&ahead).then_some(Self { first })
    }

    /// Writes `2026-12`.
    pub fn iso(self) -> String {
        iso(self.first).get(..7).unwrap_or_default().to_owned()
    }

    /// Writes `12/2026`.
    pub fn title(self) -> String {
        self.first.format(format_description!("[month]/[year]")).unwrap_or_default()
    }

    /// Its first day.
    pub const fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.next().first.previous_day().unwrap_or(self.first)
    }

    /// The month behind it.
    pub fn next(self) -> Self {
        let year = self.first.year() + i32::from(self.first.month() == MonthName::December);
        let first = Date::from_calendar_date(year, self.first.month().next(), 1);
        Self { first: first.unwrap_or(self.first) }
    }

    /// The month before it.
    pub fn previous(self) -> Self {
        Self::of(self.first.saturating_sub(Duration::days(1)))
    }

    /// Its weeks from Monday to Sunday; nothing where a day is of another month.
    pub fn weeks(self) -> Vec<[Option<Date>; 7]> {
        let mut weeks = Vec::with_capacity(6);
        let mut week = [None; 7];
        let mut day = Some(self.first);
        while let Some(this) = day.filter(|day| day.month() == self.first.month()) {
            let column = usize::from(this.weekday().number_days_from_monday());
            week[column] = Some(this);
            if column == 6 {
                weeks.push(std::mem::take(&mut week));
            }
            day = this.next_day();
        }
        if week.iter().any(Option::is_some) {
            weeks.push(week);
        }
        weeks
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_month_is_whole_weeks_from_monday() {
        let weeks = Month::of(date!(2026 - 12 - 24)).weeks();
        // 1 December 2026 is a Tuesday, the 31st a Thursday.
        assert_eq!(weeks.len(), 5);
        assert_eq!(weeks[0][..2], [None, Some(date!(2026 - 12 - 01))]);
        assert_eq!(weeks[4][3..5], [Some(date!(2026 - 12 - 31)), None]);
        assert_eq!(weeks.iter().flatten().flatten().count(), 31);
    }

    #[test]
    fn months_follow_each_other_across_years() {
        let december = Month::of(date!(2026 - 12 - 24));
        assert_eq!((december.iso().as_str(), december.title().as_str()), ("2026-12", "12/2026"));
        assert_eq!(december.next().iso(), "2027-01");
        assert_eq!(december.next().previous(), december);
        assert_eq!(december.last(), date!(2026 - 12 - 31));
    }

    #[test]
    fn only_months_from_now_on_are_read() {
        let today = date!(2026 - 11 - 27);
        for (text, read) in [
            ("2026-11", true),
            ("2027-12", true),
            ("2026-10", false),
            ("2036-01", false),
            ("2026-13", false),
            ("x", false),
        ] {
            assert_eq!(Month::read(text, today).is_some(), read, "{text}");
        }
        assert_eq!(told("2026-12-01"), "01/12/2026");
    }
}
