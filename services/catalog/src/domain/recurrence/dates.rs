//! The dates of a rule's periods (the table of RFC 5545, 3.3.10: which part expands, which limits).

use std::collections::BTreeSet;

use time::{Date, Month, Weekday};

use super::{Frequency, Rule, place_of};

impl Rule {
    /// The first day of a period and the dates that the rule means in it; `None` behind the end of the
    /// calendar. Period 0 is that of the start.
    pub(super) fn period(&self, start: Date, number: i32) -> Option<(Date, BTreeSet<Date>)> {
        let step = number.checked_mul(self.interval)?;
        match self.frequency {
            Frequency::Daily => {
                let day = plus(start, step)?;
                Some((day, self.limited([day])))
            }
            Frequency::Weekly => {
                let back = days_since(self.week_start, start.weekday());
                let first = plus(start, step.checked_mul(7)?.checked_sub(back)?)?;
                let week = (0..7).filter_map(|day| plus(first, day));
                let own = [(0, start.weekday())];
                let days = if self.days.is_empty() { own.as_slice() } else { &self.days };
                let wanted = week.filter(|date| days.iter().any(|(_, day)| *day == date.weekday()));
                Some((first, self.limited(wanted)))
            }
            Frequency::Monthly => {
                let months = i32::from(u8::from(start.month())) - 1;
                let months = months.checked_add(step)?;
                let year = start.year().checked_add(months.div_euclid(12))?;
                let month = month_of(u8::try_from(months.rem_euclid(12) + 1).ok()?)?;
                let first = Date::from_calendar_date(year, month, 1).ok()?;
                let meant = self.months.is_empty() || self.months.contains(&u8::from(month));
                let dates = if meant { self.in_month(first, start) } else { BTreeSet::new() };
                Some((first, dates))
            }
            Frequency::Yearly => {
                let year = start.year().checked_add(step)?;
                let first = Date::from_calendar_date(year, Month::January, 1).ok()?;
                Some((first, self.in_year(first, start)))
            }
        }
    }

    fn in_year(&self, first: Date, start: Date) -> BTreeSet<Date> {
        let (year, by_days) = (first.year(), !self.days.is_empty());
        if self.months.is_empty() && self.month_days.is_empty() && by_days {
            let length = i32::from(time::util::days_in_year(year));
            return self.weekdays_in(first, length);
        }
        let months: Vec<u8> = if !self.months.is_empty() {
            self.months.clone()
        } else if self.month_days.is_empty() {
            vec![u8::from(start.month())]
        } else {
            (1..=12).collect()
        };
        let firsts = months
            .into_iter()
            .filter_map(|month| Date::from_calendar_date(year, month_of(month)?, 1).ok());
        firsts.flat_map(|first| self.in_month(first, start)).collect()
    }

    /// By days of the month, of which weekdays choose; else by weekdays; else on the start's day.
    fn in_month(&self, first: Date, start: Date) -> BTreeSet<Date> {
        let length = i32::from(first.month().length(first.year()));
        let on =
            |day: i32| place_of(day, length as usize).and_then(|place| plus(first, place as i32));
        match (self.month_days.is_empty(), self.days.is_empty()) {
            (true, true) => on(i32::from(start.day())).into_iter().collect(),
            (true, false) => self.weekdays_in(first, length),
            (false, no_weekdays) => {
                let listed: BTreeSet<Date> =
                    self.month_days.iter().filter_map(|day| on(*day)).collect();
                if no_weekdays {
                    return listed;
                }
                listed.intersection(&self.weekdays_in(first, length)).copied().collect()
            }
        }
    }

    /// The weekdays of BYDAY in a month or a year: all of them, or the so manieth.
    fn weekdays_in(&self, first: Date, length: i32) -> BTreeSet<Date> {
        let mut dates = BTreeSet::new();
        for (number, weekday) in &self.days {
            let ahead = days_since(first.weekday(), *weekday);
            let all: Vec<Date> =
                (ahead..length).step_by(7).filter_map(|day| plus(first, day)).collect();
            if *number == 0 {
                dates.extend(all);
            } else {
                dates.extend(place_of(*number, all.len()).and_then(|place| all.get(place)));
            }
        }
        dates
    }

    /// The dates that BYMONTH, BYMONTHDAY and BYDAY let through: for periods of a day or a week.
    fn limited(&self, dates: impl IntoIterator<Item = Date>) -> BTreeSet<Date> {
        let passes = |date: &Date| {
            let length = i32::from(date.month().length(date.year()));
            let day = i32::from(date.day());
            let on_day = |wanted: &i32| *wanted == day || *wanted == day - length - 1;
            (self.months.is_empty() || self.months.contains(&u8::from(date.month())))
                && (self.month_days.is_empty() || self.month_days.iter().any(on_day))
                && (self.days.is_empty()
                    || self.days.iter().any(|(_, weekday)| *weekday == date.weekday()))
        };
        dates.into_iter().filter(passes).collect()
    }
}

fn plus(date: Date, days: i32) -> Option<Date> {
    Date::from_julian_day(date.to_julian_day().checked_add(days)?).ok()
}

fn month_of(number: u8) -> Option<Month> {
    Month::try_from(number).ok()
}

/// Days from one weekday to the next time that another comes: 0 to 6.
fn days_since(from: Weekday, to: Weekday) -> i32 {
    let number = |day: Weekday| i32::from(day.number_days_from_monday());
    (number(to) - number(from)).rem_euclid(7)
}
