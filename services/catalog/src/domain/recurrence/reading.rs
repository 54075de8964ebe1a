//! Reads rules and local moments. Strict: what is not understood is refused.

use std::str::FromStr;

use time::format_description::StaticFormatDescription;
use time::macros::{format_description, offset};
use time::{Date, PrimitiveDateTime, Time, Weekday};

use super::{Excluded, Frequency, Rule, RuleRefused};

/// The longest rule, in bytes.
const MAX_TEXT: usize = 1_000;
/// The longest interval.
const MAX_INTERVAL: i32 = 10_000;

const MOMENTS: [StaticFormatDescription; 3] = [
    format_description!("[year]-[month]-[day]T[hour]:[minute]"),
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
    format_description!("[year][month][day]T[hour][minute][second]"),
];
const DAYS: [StaticFormatDescription; 2] =
    [format_description!("[year]-[month]-[day]"), format_description!("[year][month][day]")];

/// A local moment: `2026-12-01T05:30` or, as iCalendar writes it, `20261201T053000`.
pub fn moment(text: &str) -> Option<PrimitiveDateTime> {
    MOMENTS.into_iter().find_map(|format| PrimitiveDateTime::parse(text, format).ok())
}

fn day(text: &str) -> Option<Date> {
    DAYS.into_iter().find_map(|format| Date::parse(text, format).ok())
}

/// Something excluded: a day or a local moment.
pub fn excluded(text: &str) -> Option<Excluded> {
    day(text).map(Excluded::Day).or_else(|| moment(text).map(Excluded::Moment))
}

impl FromStr for Rule {
    type Err = RuleRefused;

    /// Reads `FREQ=DAILY;UNTIL=20270101`, with or without `RRULE:` before it.
    fn from_str(text: &str) -> Result<Self, RuleRefused> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        if text.len() > MAX_TEXT {
            return Err(RuleRefused::Invalid("length"));
        }
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut seen = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(RuleRefused::Invalid("part"))?;
            if seen.contains(&name) {
                return Err(RuleRefused::Invalid("part twice"));
            }
            seen.push(name);
            rule.read(name, value)?;
        }
        if !seen.contains(&"FREQ") {
            return Err(RuleRefused::Invalid("FREQ"));
        }
        rule.checked()
    }
}

impl Rule {
    fn read(&mut self, name: &str, value: &str) -> Result<(), RuleRefused> {
        match name {
            "FREQ" => {
                self.frequency = match value {
                    "DAILY" => Frequency::Daily,
                    "WEEKLY" => Frequency::Weekly,
                    "MONTHLY" => Frequency::Monthly,
                    "YEARLY" => Frequency::Yearly,
                    _ => return Err(RuleRefused::Invalid("FREQ")),
                }
            }
            "INTERVAL" => self.interval = number(value, 1, MAX_INTERVAL, "INTERVAL")?,
            "COUNT" => {
                let count = number(value, 1, i32::MAX, "COUNT")?;
                self.count = usize::try_from(count).ok();
            }
            "UNTIL" => self.until = Some(until(value).ok_or(RuleRefused::Invalid("UNTIL"))?),
            "BYMONTH" => self.months = small(value, 1, 12, "BYMONTH")?,
            "BYHOUR" => self.hours = small(value, 0, 23, "BYHOUR")?,
            "BYMINUTE" => self.minutes = small(value, 0, 59, "BYMINUTE")?,
            "BYMONTHDAY" => self.month_days = signed(value, 31, "BYMONTHDAY")?,
            "BYSETPOS" => self.positions = signed(value, 366, "BYSETPOS")?,
            "BYDAY" => {
                let days = value.split(',').map(numbered_weekday).collect::<Option<_>>();
                self.days = days.ok_or(RuleRefused::Invalid("BYDAY"))?;
            }
            "WKST" => self.week_start = weekday(value).ok_or(RuleRefused::Invalid("WKST"))?,
            _ => return Err(RuleRefused::Invalid("unknown part")),
        }
        Ok(())
    }

    /// What RFC 5545 forbids of parts together.
    fn checked(self) -> Result<Self, RuleRefused> {
        let numbered = self.days.iter().any(|(number, _)| *number != 0);
        let short = matches!(self.frequency, Frequency::Daily | Frequency::Weekly);
        if numbered && short {
            return Err(RuleRefused::Invalid("BYDAY"));
        }
        if self.frequency == Frequency::Weekly && !self.month_days.is_empty() {
            return Err(RuleRefused::Invalid("BYMONTHDAY"));
        }
        if self.count.is_some() && self.until.is_some() {
            return Err(RuleRefused::Invalid("COUNT and UNTIL"));
        }
        let by_something = !(self.days.is_empty()
            && self.month_days.is_empty()
            && self.months.is_empty()
            && self.hours.is_empty()
            && self.minutes.is_empty());
        if !self.positions.is_empty() && !by_something {
            return Err(RuleRefused::Invalid("BYSETPOS"));
        }
        Ok(self)
    }
}

fn number(text: &str, least: i32, most: i32, part: &'static str) -> Result<i32, RuleRefused> {
    let read = text.parse().ok().filter(|number| (least..=most).contains(number));
    read.ok_or(RuleRefused::Invalid(part))
}

fn small(text: &str, least: i32, most: i32, part: &'static str) -> Result<Vec<u8>, RuleRefused> {
    let one = |text: &str| {
        let read = number(text, least, most, part)?;
        u8::try_from(read).map_err(|_| RuleRefused::Invalid(part))
    };
    text.split(',').map(one).collect()
}

/// Numbers from 1 and from -1: places from the front and from the back.
fn signed(text: &str, most: i32, part: &'static str) -> Result<Vec<i32>, RuleRefused> {
    let one = |text: &str| match number(text, -most, most, part) {
        Ok(0) => Err(RuleRefused::Invalid(part)),
        other => other,
    };
    text.split(',').map(one).collect()
}

fn numbered_weekday(text: &str) -> Option<(i32, Weekday)> {
    let (before, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let count = if before.is_empty() {
        0
    } else {
        before.parse().ok().filter(|number: &i32| *number != 0 && number.abs() <= 53)?
    };
    Some((count, weekday(name)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

/// A day lasts to its end; a moment with Z is one of UTC.
fn until(text: &str) -> Option<PrimitiveDateTime> {
    if let Some(day) = day(text) {
        return Some(PrimitiveDateTime::new(day, Time::MAX));
    }
    match text.strip_suffix('Z') {
        Some(utc) => {
            let local = moment(utc)?.assume_utc().checked_to_offset(offset!(+7))?;
            Some(PrimitiveDateTime::new(local.date(), local.time()))
        }
        None => moment(text),
    }
}
