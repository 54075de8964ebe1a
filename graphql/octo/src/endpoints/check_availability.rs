//! `POST /availability`: what can be booked, on some days or of some departures.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::Timestamp;
use proto::tours::Departure;
use serde::Deserialize;

use super::{MAX_DAYS, MAX_IDS, UnitInput, in_our_currency, period, wanted};
use crate::asking::Asking;
use crate::body;
use crate::door::Inner;
use crate::failure::Failure;
use crate::local_time::{local_day, parse_moment};
use crate::messages::Reason;
use crate::objects::availability::Availability;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    product_id: Option<String>,
    option_id: Option<String>,
    local_date_start: Option<String>,
    local_date_end: Option<String>,
    availability_ids: Option<Vec<String>>,
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
    asking.language.answer(check_availability(&octo, &asking, &headers, body).await)
}

async fn check_availability(
    octo: &Inner,
    asking: &Asking,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<Availability>, Failure> {
    let input: Input = body::read(headers, body).await?;
    in_our_currency(input.currency.as_deref())?;
    let ids = input.availability_ids.as_deref();
    if ids.is_some_and(|ids| ids.len() > MAX_IDS) {
        return Err(Failure::BadRequest(Reason::TooMany { maximum: MAX_IDS }));
    }
    let period = period(input.local_date_start.as_deref(), input.local_date_end.as_deref())?;
    if period.is_none() && ids.is_none() {
        return Err(Failure::BadRequest(Reason::PeriodMissing));
    }
    let product_id = input.product_id.as_deref().unwrap_or_default();
    let listing = octo.listing(&asking.reseller.shop_id, product_id).await?;
    let option = listing.option(input.option_id.as_deref().unwrap_or_default())?;
    let wanted = wanted(input.units.as_deref().unwrap_or_default(), option)?;
    let departures = match (period, ids) {
        (Some((from, to)), ids) => {
            let mut found = octo.departures_between(product_id, from, to).await?;
            found.retain(|departure| ids.is_none_or(|ids| is_among(departure, ids)));
            found
        }
        (None, ids) => by_ids(octo, product_id, ids.unwrap_or_default()).await?,
    };
    departures
        .iter()
        .map(|departure| Availability::of(departure, option, &wanted, asking.language))
        .collect()
}

/// Whether a departure is named by its id, or by its start.
fn is_among(departure: &Departure, ids: &[String]) -> bool {
    let start = Timestamp::from_micros(departure.starts_at);
    ids.iter().any(|id| *id == departure.id || parse_moment(id) == Some(start))
}

/// The departures of a tour that ids or starts name; unknown ones are left out.
pub async fn by_ids(
    octo: &Inner,
    product_id: &str,
    ids: &[String],
) -> Result<Vec<Departure>, Failure> {
    let named: BTreeSet<String> =
        ids.iter().filter(|id| parse_moment(id).is_none()).cloned().collect();
    let days = || ids.iter().filter_map(|id| parse_moment(id)).map(|at| local_day(at.micros()));
    let mut found = octo.departures(named).await?;
    if let (Some(from), Some(to)) = (days().min(), days().max()) {
        if (to - from).whole_days() >= MAX_DAYS {
            return Err(Failure::BadRequest(Reason::PeriodTooLong { maximum: MAX_DAYS }));
        }
        let on_days = octo.departures_between(product_id, from, to).await?;
        found.extend(on_days.into_iter().filter(|departure| is_among(departure, ids)));
    }
    found.retain(|departure| departure.product_id == product_id);
    found.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
    found.dedup_by(|one, other| one.id == other.id);
    Ok(found)
}
