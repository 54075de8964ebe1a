//! `GET /bookings`: bookings of the reseller, found by a reference or by days.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use kernel::ProductId;
use proto::bookings::ListBookingsRequest;
use serde::Deserialize;

use super::{booked, period};
use crate::asking::Asking;
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::messages::Reason;
use crate::objects::booking::Booking;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Search {
    reseller_reference: String,
    supplier_reference: String,
    local_date: String,
    local_date_start: String,
    local_date_end: String,
    product_id: String,
    option_id: String,
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    search: Result<Query<Search>, QueryRejection>,
) -> Response {
    asking.language.answer(match search {
        Ok(Query(search)) => list_bookings(&octo, &asking, search).await,
        Err(error) => Err(Failure::BadRequest(Reason::Malformed(error.body_text()))),
    })
}

async fn list_bookings(
    octo: &Inner,
    asking: &Asking,
    search: Search,
) -> Result<Vec<Booking>, Failure> {
    let given = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let day = given(&search.local_date);
    period(day.as_deref(), day.as_deref())?;
    let days = period(
        given(&search.local_date_start).or_else(|| day.clone()).as_deref(),
        given(&search.local_date_end).or(day).as_deref(),
    )?;
    let referred = !search.reseller_reference.is_empty() || !search.supplier_reference.is_empty();
    if !referred && days.is_none() {
        return Err(Failure::BadRequest(Reason::SearchMissing));
    }
    if !search.product_id.is_empty() && search.product_id.parse::<ProductId>().is_err() {
        return Ok(Vec::new());
    }
    let request = ListBookingsRequest {
        reseller_id: asking.reseller.id.clone(),
        reseller_reference: sought("resellerReference", search.reseller_reference)?,
        supplier_reference: sought("supplierReference", search.supplier_reference)?,
        local_day: search.local_date,
        local_day_from: search.local_date_start,
        local_day_to: search.local_date_end,
        product_id: search.product_id,
        option_code: sought("optionId", search.option_id)?,
    };
    let answer = octo.orders.clone().list_bookings(request).await;
    let bookings = answer.map_err(|status| Named::default().failure(&status))?.into_inner();
    booked::write(octo, asking, &bookings.bookings).await
}

/// A text to look for. OCTO knows no `UNPROCESSABLE_ENTITY` here: what cannot be looked for is a bad
/// request.
fn sought(field: &'static str, given: String) -> Result<String, Failure> {
    let text = body::text(field, Some(given), booked::MAX_REFERENCE);
    text.map_err(|failure| match failure {
        Failure::Unprocessable(reason) => Failure::BadRequest(reason),
        other => other,
    })
}
