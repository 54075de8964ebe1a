//! The span of days that a report is asked for, as it stands in an address.

use serde::Deserialize;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime};

/// A span of days in Vietnam, both included.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Days {
    /// The first: `2026-11-01`.
    #[serde(default)]
    pub from: String,
    /// The last.
    #[serde(default)]
    pub to: String,
}

impl Days {
    /// These days; where they are no days, this month until today.
    pub fn or_this_month(self) -> Self {
        or_month_of(&self, OffsetDateTime::now_utc())
    }

    /// The days as the query of an address.
    pub fn query(&self) -> String {
        format!("from={}&to={}", self.from, self.to)
    }
}

/// These days, or this month until today where they are none.
fn or_month_of(days: &Days, now: OffsetDateTime) -> Days {
    let (from, to) = (read(&days.from), read(&days.to));
    let today = now.to_offset(offset!(+7)).date();
    let to = to.unwrap_or(today);
    let first = to.replace_day(1).unwrap_or(to);
    let from = from.filter(|from| *from <= to).unwrap_or(first);
    Days { from: written(from), to: written(to) }
}

/// A day as people in Vietnam write it.
pub fn day_in_words(day: &str) -> String {
    let shape = format_description!("[day]/[month]/[year]");
    read(day).and_then(|day| day.format(shape).ok()).unwrap_or_else(|| day.to_owned())
}

fn read(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

fn written(day: Date) -> String {
    day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn nonsense_and_nothing_are_this_month_until_today_in_vietnam() {
        let now = datetime!(2026-11-30 18:00 UTC);
        for (from, to, expected) in [
            ("", "", "from=2026-12-01&to=2026-12-01"),
            ("2026-11-05", "2026-11-07", "from=2026-11-05&to=2026-11-07"),
            ("2026-11-09", "2026-11-07", "from=2026-11-01&to=2026-11-07"),
            ("\"><b>", "tomorrow", "from=2026-12-01&to=2026-12-01"),
        ] {
            let days = or_month_of(&Days { from: from.to_owned(), to: to.to_owned() }, now);
            assert_eq!(days.query(), expected);
        }
        assert_eq!(day_in_words("2026-11-05"), "05/11/2026");
    }
}
