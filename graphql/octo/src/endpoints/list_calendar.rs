//! `POST /availability/calendar`: the days on which something can be booked.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proto::tours::Departure;
use serde::Deserialize;
use time::Date;

use super::{UnitInput, in_our_currency, period, wanted};
use crate::asking::Asking;
use crate::body;
use crate::door::Inner;
use crate::failure::Failure;
use crate::local_time::local_day;
use crate::messages::Reason;
use crate::objects::availability::CalendarDay;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    product_id: Option<String>,
    option_id: Option<String>,
    local_date_start: Option<String>,
    local_date_end: Option<String>,
    units: Option<Vec<UnitInput>>,
    currency: Option<String>,
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    headers: HeaderMap,
    body: Body,
) -> Response {
    asking.language.answer(list_calendar(&octo, &asking, &headers, body).await)
}

async fn list_calendar(
    octo: &Inner,
    asking: &Asking,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<CalendarDay>, Failure> {
    let input: Input = body::read(headers, body).await?;
    in_our_currency(input.currency.as_deref())?;
    let period = period(input.local_date_start.as_deref(), input.local_date_end.as_deref())?;
    let (from, to) = period.ok_or(Failure::BadRequest(Reason::PeriodMissing))?;
    let product_id = input.product_id.as_deref().unwrap_or_default();
    let listing = octo.listing(&asking.reseller.shop_id, product_id).await?;
    let option = listing.option(input.option_id.as_deref().unwrap_or_default())?;
    let wanted = wanted(input.units.as_deref().unwrap_or_default(), option)?;
    let departures = octo.departures_between(product_id, from, to).await?;
    let mut by_day: HashMap<Date, Vec<&Departure>> = HashMap::new();
    for departure in &departures {
        by_day.entry(local_day(departure.starts_at)).or_default().push(departure);
    }
    let days = std::iter::successors(Some(from), |day| day.next_day());
    days.take_while(|day| *day <= to)
        .map(|day| {
            let departures = by_day.get(&day).map_or(&[] as &[_], Vec::as_slice);
            CalendarDay::of(day, departures, option, &wanted, asking.language)
        })
        .collect()
}
