//! Recurrence rules of RFC 5545 (3.3.10, 3.8.5): when a tour leaves again and again.
//!
//! The work is bounded whatever the rule says: a rule must end within two years and 1,000 moments, no
//! period may have more than [`MAX_IN_PERIOD`] of them, and periods are at least a day. Parts that no
//! tour needs (BYSECOND, BYYEARDAY, BYWEEKNO, frequencies below a day) are refused, not ignored.

mod dates;
mod reading;

use std::collections::BTreeSet;

use time::{Date, PrimitiveDateTime, Time, Weekday};

pub use reading::{excluded, moment};

/// The most moments of a rule.
pub const MAX_MOMENTS: usize = 1_000;
/// How long a rule may go on, in days.
const MAX_DAYS: i32 = 731;
/// The most moments in one of a rule's periods, before BYSETPOS chooses some.
const MAX_IN_PERIOD: usize = 20_000;

/// Why a rule is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleRefused {
    /// It cannot be read: which part.
    Invalid(&'static str),
    /// It has no end, or too late a one, or too many moments.
    TooLarge,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    frequency: Frequency,
    interval: i32,
    count: Option<usize>,
    until: Option<PrimitiveDateTime>,
    months: Vec<u8>,
    month_days: Vec<i32>,
    /// Weekdays; with a number the so manieth of the month or year, from its end where negative.
    days: Vec<(i32, Weekday)>,
    hours: Vec<u8>,
    minutes: Vec<u8>,
    positions: Vec<i32>,
    week_start: Weekday,
}

/// A moment or a whole day on which nothing leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// A whole day.
    Day(Date),
    /// One moment.
    Moment(PrimitiveDateTime),
}

impl Rule {
    /// The moments of the rule from its start on, in order, without the excluded ones. Excluded ones
    /// count towards COUNT (RFC 5545, 3.8.5.1).
    pub fn moments(
        &self,
        start: PrimitiveDateTime,
        except: &[Excluded],
    ) -> Result<Vec<PrimitiveDateTime>, RuleRefused> {
        let horizon = start.date().to_julian_day() + MAX_DAYS;
        let last = match (self.until, self.count) {
            (Some(until), _) if until.date().to_julian_day() > horizon => {
                return Err(RuleRefused::TooLarge);
            }
            (Some(until), _) => until,
            (None, Some(_)) => PrimitiveDateTime::MAX,
            (None, None) => return Err(RuleRefused::TooLarge),
        };
        let most = self.count.unwrap_or(usize::MAX);
        let mut found = Vec::new();
        for number in 0..=MAX_DAYS {
            let period = self
                .period(start.date(), number)
                .filter(|(first, _)| first.to_julian_day() <= horizon && *first <= last.date());
            let Some((_, dates)) = period else { break };
            for moment in self.chosen(&dates, start.time())? {
                if moment < start {
                    continue;
                }
                if moment > last || found.len() == most {
                    return Ok(without(found, except));
                }
                if found.len() == MAX_MOMENTS || moment.date().to_julian_day() > horizon {
                    return Err(RuleRefused::TooLarge);
                }
                found.push(moment);
            }
        }
        // The horizon was reached: a COUNT that is not full would go on behind it.
        let ended = self.until.is_some() || found.len() == most;
        if ended { Ok(without(found, except)) } else { Err(RuleRefused::TooLarge) }
    }

    /// The moments of a period: its dates at the rule's times, of which BYSETPOS chooses.
    fn chosen(
        &self,
        dates: &BTreeSet<Date>,
        start: Time,
    ) -> Result<Vec<PrimitiveDateTime>, RuleRefused> {
        let or_own = |listed: &[u8], own: u8| -> BTreeSet<u8> {
            if listed.is_empty() { BTreeSet::from([own]) } else { listed.iter().copied().collect() }
        };
        let hours = or_own(&self.hours, start.hour());
        let minutes = or_own(&self.minutes, start.minute());
        if dates.len() * hours.len() * minutes.len() > MAX_IN_PERIOD {
            return Err(RuleRefused::TooLarge);
        }
        let times: Vec<Time> = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (*hour, *minute)))
            .filter_map(|(hour, minute)| Time::from_hms(hour, minute, 0).ok())
            .collect();
        let moments: Vec<PrimitiveDateTime> = dates
            .iter()
            .flat_map(|date| times.iter().map(|time| PrimitiveDateTime::new(*date, *time)))
            .collect();
        if self.positions.is_empty() {
            return Ok(moments);
        }
        let places: BTreeSet<usize> = self
            .positions
            .iter()
            .filter_map(|position| place_of(*position, moments.len()))
            .collect();
        Ok(places.into_iter().filter_map(|place| moments.get(place).copied()).collect())
    }
}

/// The place that a number from 1 or from -1 means.
fn place_of(number: i32, length: usize) -> Option<usize> {
    let distance = usize::try_from(number.unsigned_abs()).ok()?;
    let place = if number > 0 { distance.checked_sub(1) } else { length.checked_sub(distance) };
    place.filter(|place| *place < length)
}

fn without(mut moments: Vec<PrimitiveDateTime>, except: &[Excluded]) -> Vec<PrimitiveDateTime> {
    let days: BTreeSet<Date> = except
        .iter()
        .filter_map(|one| match one {
            Excluded::Day(day) => Some(*day),
            Excluded::Moment(_) => None,
        })
        .collect();
    let single: BTreeSet<PrimitiveDateTime> = except
        .iter()
        .filter_map(|one| match one {
            Excluded::Moment(moment) => Some(*moment),
            Excluded::Day(_) => None,
        })
        .collect();
    moments.retain(|moment| !days.contains(&moment.date()) && !single.contains(moment));
    moments
}

#[cfg(test)]
mod tests;
