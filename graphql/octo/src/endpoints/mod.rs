//! The endpoints of OCTO, one a file, each with the verb of the call that it makes.

use std::collections::BTreeMap;

use proto::tours::TourOption;
use serde::Deserialize;
use time::Date;

use crate::failure::Failure;
use crate::local_time::parse_day;
use crate::messages::Reason;
use crate::objects::availability::Wanted;
use crate::objects::product::CURRENCY;

mod booked;
pub mod cancel_booking;
pub mod check_availability;
pub mod confirm_booking;
pub mod extend_booking;
pub mod get_booking;
pub mod get_product;
pub mod get_supplier;
pub mod list_bookings;
pub mod list_calendar;
pub mod list_capabilities;
pub mod list_products;
pub mod reserve_booking;
pub mod update_booking;

/// Days of a period of availability, both ends counted.
pub const MAX_DAYS: i64 = 100;
/// Ids of departures in one request.
pub const MAX_IDS: usize = 100;
/// Units of a booking, and kinds of units of a question.
pub const MAX_UNIT_ITEMS: usize = 100;

/// How many of a unit a question is about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UnitInput {
    id: String,
    quantity: i64,
}

/// The days of a period, if it is one of at most [`MAX_DAYS`] days; `None` where none is given.
fn period(start: Option<&str>, end: Option<&str>) -> Result<Option<(Date, Date)>, Failure> {
    let (start, end) = match (start, end) {
        (None, None) => return Ok(None),
        (Some(start), Some(end)) => (start, end),
        _ => return Err(Failure::BadRequest(Reason::PeriodMissing)),
    };
    let day =
        |text: &str| parse_day(text).ok_or_else(|| Failure::BadRequest(Reason::NotADay(cut(text))));
    let (from, to) = (day(start)?, day(end)?);
    if to < from {
        return Err(Failure::BadRequest(Reason::PeriodReversed));
    }
    if (to - from).whole_days() >= MAX_DAYS {
        return Err(Failure::BadRequest(Reason::PeriodTooLong { maximum: MAX_DAYS }));
    }
    Ok(Some((from, to)))
}

/// The units asked for, each once. OCTO has no code for an unknown one in questions of availability.
fn wanted(units: &[UnitInput], option: &TourOption) -> Result<Vec<Wanted>, Failure> {
    if units.len() > MAX_UNIT_ITEMS {
        return Err(Failure::BadRequest(Reason::TooMany { maximum: MAX_UNIT_ITEMS }));
    }
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for unit in units {
        if !option.tickets.iter().any(|ticket| ticket.code == unit.id) {
            return Err(Failure::BadRequest(Reason::UnknownUnit(cut(&unit.id))));
        }
        let quantity = u32::try_from(unit.quantity).ok();
        let count = counts.entry(&unit.id).or_default();
        *count = quantity
            .and_then(|quantity| count.checked_add(quantity))
            .filter(|count| *count <= 1_000)
            .ok_or(Failure::BadRequest(Reason::OutOfRange("quantity")))?;
    }
    let wanted = counts.into_iter().filter(|(_, quantity)| *quantity > 0);
    Ok(wanted.map(|(unit_id, quantity)| Wanted { unit_id: unit_id.to_owned(), quantity }).collect())
}

/// Prices are in đồng; a question in another currency is refused.
fn in_our_currency(currency: Option<&str>) -> Result<(), Failure> {
    match currency {
        None | Some(CURRENCY) => Ok(()),
        Some(other) => Err(Failure::BadRequest(Reason::Currency(cut(other)))),
    }
}

/// What the client sent is told back, but never at any length.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_two_ends_in_order_and_a_hundred_days_at_most() {
        let bad = |start, end| match period(start, end) {
            Err(Failure::BadRequest(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(period(None, None), Ok(None));
        assert!(period(Some("2026-12-01"), Some("2027-03-10")).is_ok());
        assert_eq!(
            bad(Some("2026-12-01"), Some("2027-03-11")),
            Reason::PeriodTooLong { maximum: 100 }
        );
        assert_eq!(bad(Some("2026-12-02"), Some("2026-12-01")), Reason::PeriodReversed);
        assert_eq!(bad(Some("2026-12-02"), None), Reason::PeriodMissing);
        assert_eq!(bad(Some("x"), Some("2026-12-01")), Reason::NotADay("x".to_owned()));
    }
}
