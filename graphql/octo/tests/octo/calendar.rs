//! The calendar of a shop's departures, as calendar programs read it.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use proto::tours::DepartureStatus;
use tower::ServiceExt;

use crate::support::market::{DEPARTURES, Market, OPERATOR, OTHER, departure_id, shop};

struct Answer {
    status: StatusCode,
    tag: String,
    kind: String,
    text: String,
}

async fn get(routes: &Router, path: &str, known: &str) -> Answer {
    let request = Request::get(path).header(header::IF_NONE_MATCH, known);
    let response = routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text =
        |name| headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let (tag, kind) = (text(header::ETAG), text(header::CONTENT_TYPE));
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, tag, kind, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

fn path(market: &Market, number: u128) -> String {
    let shop = shop(number);
    market.settings.calendars.departures_path(&shop.id, &shop.slug)
}

/// The properties of events as a reader of RFC 5545 finds them: unfolded, each event's lines.
fn events(text: &str) -> Vec<Vec<String>> {
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "every line ends in CRLF");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "no line is longer than 75 octets");
    let unfolded = text.replace("\r\n ", "");
    let parts = unfolded.split("BEGIN:VEVENT\r\n").skip(1);
    parts
        .map(|part| {
            let lines = part.split("\r\nEND:VEVENT").next().unwrap().split("\r\n");
            lines.map(str::to_owned).collect()
        })
        .collect()
}

#[tokio::test]
async fn every_departure_is_an_event_with_its_seats() {
    let market = Market::new();
    market.change(&departure_id(1, 0), |departure| (departure.sold, departure.held) = (7, 2));
    market.change(&departure_id(1, 1), |departure| {
        departure.status = DepartureStatus::DepartureCancelled.into();
        departure.cancelled_because = "Mưa to; gió lớn".to_owned();
    });
    let answer = get(&market.routes(), &path(&market, OPERATOR), "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.kind, "text/calendar; charset=utf-8");
    assert!(answer.text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
    assert!(answer.text.contains("\r\nX-WR-CALNAME:Bến thuyền\\; số 1\r\n"));
    assert!(answer.text.contains("\r\nTZOFFSETTO:+0700\r\n"));
    let events = events(&answer.text);
    assert_eq!(events.len() as u128, 2 * DEPARTURES, "of this shop's tours, not of the other's");
    let of = |id: &str| events.iter().find(|lines| lines[0].contains(id)).unwrap().clone();
    let first = of(&departure_id(1, 0));
    for line in [
        format!("UID:{}@chonoi.example", departure_id(1, 0)),
        "DTSTAMP:20261126T223000Z".to_owned(),
        "DTSTART;TZID=Asia/Ho_Chi_Minh:20261201T053000".to_owned(),
        "DTEND;TZID=Asia/Ho_Chi_Minh:20261201T093000".to_owned(),
        "STATUS:CONFIRMED".to_owned(),
        "SUMMARY:Chợ nổi Cái Răng lúc bình minh 7/12".to_owned(),
        "LOCATION:Bến Ninh Kiều\\, cổng số 2".to_owned(),
        "GEO:10.032500;105.788200".to_owned(),
    ] {
        assert!(first.contains(&line), "{line} is not in {first:#?}");
    }
    let cancelled = of(&departure_id(1, 1));
    assert!(cancelled.contains(&"STATUS:CANCELLED".to_owned()));
    assert!(cancelled.iter().any(|line| line.starts_with("DESCRIPTION:Mưa to\\; gió lớn\\n")));
}

#[tokio::test]
async fn an_unchanged_calendar_is_not_sent_again() {
    let market = Market::new();
    let (routes, path) = (market.routes(), path(&market, OPERATOR));
    let first = get(&routes, &path, "").await;
    market.clock.advance(std::time::Duration::from_secs(3_600));
    let again = get(&routes, &path, &format!("\"x\", {}", first.tag)).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    market.change(&departure_id(1, 0), |departure| departure.sold = 1);
    let changed = get(&routes, &path, &first.tag).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.tag, first.tag);
}

#[tokio::test]
async fn only_the_address_that_the_market_made_opens_a_calendar() {
    let market = Market::new();
    let (routes, own) = (market.routes(), path(&market, OPERATOR));
    let others = path(&market, OTHER).replace("shop-2", "shop-1");
    let unknown = own.replace("shop-1", "shop-9");
    let cut = own.trim_end_matches(".ics").to_owned();
    for wrong in [others, unknown, cut, "/calendar/shop-1/.ics".to_owned()] {
        let answer = get(&routes, &wrong, "*").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, ""), "{wrong}");
    }
}
