//! A calendar of departures, as text.

use std::collections::HashMap;

use kernel::LocalizedText;
use proto::accounts::Shop;
use proto::tours::{Departure, DepartureStatus};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::icalendar::Lines;
use crate::local_time::{TIME_ZONE, local};
use crate::messages;
use crate::reading::Listing;

const LOCAL: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]");
const UTC: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// How often calendar programs should look (RFC 7986, 5.7).
const REFRESH: &str = "PT15M";

/// Departures of a shop.
pub struct Calendar {
    /// Whose.
    pub shop: Shop,
    /// What is shown, with cancelled and closed ones.
    pub departures: Vec<Departure>,
    /// The tours of the departures, by product.
    pub listings: HashMap<String, Listing>,
    /// Where the market is.
    pub public_url: String,
}

impl Calendar {
    /// The calendar as it was at a moment (microseconds).
    pub fn text(&self, now: i64) -> String {
        let mut lines = Lines::default();
        lines.raw("BEGIN", "VCALENDAR");
        lines.raw("VERSION", "2.0");
        lines.raw("PRODID", "-//Cho Noi//Departures//VI");
        lines.raw("CALSCALE", "GREGORIAN");
        lines.raw("METHOD", "PUBLISH");
        lines.text("NAME", &self.shop.name);
        lines.text("X-WR-CALNAME", &self.shop.name);
        lines.raw("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
        lines.raw("X-PUBLISHED-TTL", REFRESH);
        zone(&mut lines);
        let mut departures: Vec<_> = self.departures.iter().collect();
        departures.sort_by_key(|departure| (departure.starts_at, &departure.id));
        for departure in departures {
            self.event(&mut lines, departure, now);
        }
        lines.raw("END", "VCALENDAR");
        lines.finish()
    }

    fn event(&self, lines: &mut Lines, departure: &Departure, now: i64) {
        let listing = self.listings.get(&departure.product_id);
        let words = |text: Option<proto::common::LocalizedText>| {
            // The shop reads it, whose language is Vietnamese.
            text.map(LocalizedText::from)
                .unwrap_or_default()
                .in_locale(kernel::Locale::Vi)
                .to_owned()
        };
        let title = words(listing.and_then(|listing| listing.product.title.clone()));
        let meeting = listing.and_then(|listing| listing.tour.meeting_point.clone());
        let host = self.public_url.split("//").last().unwrap_or_default();
        let at = |micros| local(micros).format(LOCAL).unwrap_or_default();
        let start = format!("DTSTART;TZID={TIME_ZONE}");
        let end = format!("DTEND;TZID={TIME_ZONE}");
        let (sold, held, capacity) = (departure.sold, departure.held, departure.capacity);
        let mut description = messages::seats(sold, held, capacity);
        if !departure.cancelled_because.is_empty() {
            description = format!("{}\n{description}", departure.cancelled_because);
        }
        lines.raw("BEGIN", "VEVENT");
        lines.text("UID", &format!("{}@{host}", departure.id));
        lines.raw("DTSTAMP", &utc(now));
        lines.raw(&start, &at(departure.starts_at));
        lines.raw(&end, &at(departure.ends_at));
        lines.raw("STATUS", status(departure.status()));
        lines.text("SUMMARY", format!("{title} {sold}/{capacity}").trim());
        lines.text("DESCRIPTION", &description);
        if let Some(meeting) = meeting {
            let place = words(meeting.text);
            if !place.is_empty() {
                lines.text("LOCATION", &place);
            }
            if meeting.latitude != 0.0 || meeting.longitude != 0.0 {
                lines.raw("GEO", &format!("{:.6};{:.6}", meeting.latitude, meeting.longitude));
            }
        }
        lines.raw("END", "VEVENT");
    }
}

/// A departure that is not sold any more still starts.
const fn status(status: DepartureStatus) -> &'static str {
    match status {
        DepartureStatus::DepartureCancelled => "CANCELLED",
        _ => "CONFIRMED",
    }
}

fn utc(micros: i64) -> String {
    kernel::Timestamp::from_micros(micros).to_utc().format(UTC).unwrap_or_default()
}

/// Vietnam's time since 13 June 1975 (tz database, `Asia/Ho_Chi_Minh`).
fn zone(lines: &mut Lines) {
    lines.raw("BEGIN", "VTIMEZONE");
    lines.raw("TZID", TIME_ZONE);
    lines.raw("BEGIN", "STANDARD");
    lines.raw("DTSTART", "19750613T000000");
    lines.raw("TZOFFSETFROM", "+0800");
    lines.raw("TZOFFSETTO", "+0700");
    lines.raw("TZNAME", "+07");
    lines.raw("END", "STANDARD");
    lines.raw("END", "VTIMEZONE");
}
