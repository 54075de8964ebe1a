//! Days of Vietnam's calendar around today, for commands that speak of "tomorrow".

use anyhow::Context;
use kernel::Clock;
use payments::vietnam_calendar::VietnamDay;
use platform::clock::SystemClock;

/// The day in Vietnam so many days from now, `2026-12-01`.
pub fn from_today(away: i64) -> anyhow::Result<String> {
    let today = VietnamDay::of(SystemClock.now());
    let day = VietnamDay::of_epoch_day(today.epoch_day() + away).context("there is no such day")?;
    Ok(day.to_string())
}
