//! Calendars of departures, one a shop, for the telephone of whoever steers the boat.
//!
//! Who knows the address may read it: it ends in a token that only the market can make, so that
//! calendar programs, which send no key, can fetch it.

mod departures;
mod icalendar;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::secrets;
use proto::accounts::{GetShopBySlugRequest, Shop, ShopStatus};
use proto::tours::ListDeparturesRequest;
use time::{Date, Duration};
use tonic::Code;

use crate::asking::{Language, count_address};
use crate::door::Inner;
use crate::failure::Failure;
use crate::local_time::{day_text, local_day};

/// Days behind today that are still shown.
const DAYS_BEHIND: i64 = 9;
/// Days ahead of today that are shown; with those behind not more than catalog tells at once.
const DAYS_AHEAD: i64 = 90;

/// `GET /calendar/{shop_slug}/{token}.ics`
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    Path((slug, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let language = Language::of(&parts.headers);
    if let Err(failure) = count_address(&octo, &parts).await {
        return language.refuse(failure.status(), failure);
    }
    match calendar(&octo, &slug, &file).await {
        Ok(Some(calendar)) => respond(&parts.headers, &calendar, octo.clock.now().micros()),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        // OCTO's status for faults is not that of the rest of the web.
        Err(failure) => language.refuse(StatusCode::INTERNAL_SERVER_ERROR, failure),
    }
}

/// The calendar at an address; `None` where the address is nobody's.
async fn calendar(
    octo: &Inner,
    slug: &str,
    file: &str,
) -> Result<Option<departures::Calendar>, Failure> {
    let Some(token) = file.strip_suffix(".ics") else { return Ok(None) };
    let Some(shop) = shop(octo, slug).await? else { return Ok(None) };
    if !octo.settings.calendars.open_departures(&shop.id, token) {
        return Ok(None);
    }
    let today = local_day(octo.clock.now().micros());
    let request = ListDeparturesRequest {
        shop_id: shop.id.clone(),
        hidden_too: true,
        from_day: day_text(shifted(today, -DAYS_BEHIND)),
        to_day: day_text(shifted(today, DAYS_AHEAD)),
        ..ListDeparturesRequest::default()
    };
    let answer = octo.catalog.clone().list_departures(request).await;
    let departures = answer.map_err(|status| Failure::fault(&status))?.into_inner().departures;
    let products: BTreeSet<_> = departures.iter().map(|one| one.product_id.clone()).collect();
    let listings = octo.listings(&shop.id, products, true).await?;
    Ok(Some(departures::Calendar {
        shop,
        departures,
        listings,
        public_url: octo.settings.public_url.clone(),
    }))
}

async fn shop(octo: &Inner, slug: &str) -> Result<Option<Shop>, Failure> {
    let request = GetShopBySlugRequest { slug: slug.to_owned() };
    match octo.accounts.clone().get_shop_by_slug(request).await {
        Ok(shop) => Ok(Some(shop.into_inner()).filter(|shop| shop.status() != ShopStatus::Closed)),
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
        Err(status) => Err(Failure::fault(&status)),
    }
}

fn shifted(day: Date, days: i64) -> Date {
    day.checked_add(Duration::days(days)).unwrap_or(day)
}

fn respond(asked: &HeaderMap, calendar: &departures::Calendar, now: i64) -> Response {
    // The moment of the answer stands in the text, but is no change of it: the tag is of the rest,
    // and weak.
    let digest = secrets::digest(&calendar.text(0));
    let tag = format!("W/\"{}\"", hex::encode(&digest[..16]));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.into_iter().any(|one| one == "*" || one == tag || one == &tag[2..])
    });
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "private, max-age=300".to_owned()),
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, calendar.text(now)).into_response()
}
