//! Availability: departures, seen through one option; and days, for calendars.

use proto::tours::{Departure, DepartureTicket, OptionKind, TourOption};
use serde::Serialize;
use time::Date;

use super::pricing::{Pricing, UnitPricing};
use crate::asking::Language;
use crate::failure::Failure;
use crate::local_time::{day_text, local_text, time_of_day, utc_text};
use crate::messages::Reason;

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// A departure, as a reseller of one option sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    id: String,
    local_date_time_start: String,
    local_date_time_end: String,
    utc_cutoff_at: String,
    all_day: bool,
    available: bool,
    status: Status,
    vacancies: Option<u32>,
    capacity: Option<u32>,
    max_units: Option<u32>,
    opening_hours: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_pricing: Option<Vec<UnitPricing>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
    #[serde(flatten)]
    content: Option<AvailabilityContent>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AvailabilityContent {
    title: Option<String>,
    short_description: String,
}

/// Whether there is something left, in OCTO's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Nothing is sold any more, or there is no departure.
    Closed,
    /// All is sold, or too little is left for the units asked for.
    SoldOut,
    /// Less than half is left.
    Limited,
    /// There is enough.
    Available,
}

/// How many of which unit somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The unit.
    pub unit_id: String,
    /// How many, not zero.
    pub quantity: u32,
}

/// What is left of a departure for an option.
struct Left {
    status: Status,
    vacancies: u32,
    capacity: u32,
}

impl Availability {
    /// A departure, for who wants these units (none: just looking).
    pub fn of(
        departure: &Departure,
        option: &TourOption,
        wanted: &[Wanted],
        language: Language,
    ) -> Result<Self, Failure> {
        let left = Left::of(departure, option, wanted);
        let cutoff = departure.starts_at - i64::from(departure.cutoff_minutes) * MINUTE;
        let prices = if language.capabilities.pricing {
            Some(unit_prices(departure, option)?)
        } else {
            None
        };
        let total = match &prices {
            Some(prices) if !wanted.is_empty() => Some(total(prices, wanted)?),
            _ => None,
        };
        let title = option.title.clone().map(kernel::LocalizedText::from).unwrap_or_default();
        let content = language.capabilities.content.then(|| AvailabilityContent {
            title: Some(title.in_locale(language.locale).to_owned()),
            short_description: format!(
                "{} – {}",
                time_of_day(departure.starts_at),
                time_of_day(departure.ends_at)
            ),
        });
        Ok(Self {
            id: departure.id.clone(),
            local_date_time_start: local_text(departure.starts_at),
            local_date_time_end: local_text(departure.ends_at),
            utc_cutoff_at: utc_text(cutoff),
            all_day: false,
            available: left.status >= Status::Limited,
            status: left.status,
            vacancies: Some(left.vacancies),
            capacity: Some(left.capacity),
            max_units: max_units(option),
            opening_hours: [],
            unit_pricing: prices,
            pricing: total,
            content,
        })
    }
}

fn max_units(option: &TourOption) -> Option<u32> {
    match (option.kind(), option.maximum_party) {
        (OptionKind::Private, _) => Some(1),
        (_, 0) => None,
        (_, party) => Some(party),
    }
}

impl Left {
    fn of(departure: &Departure, option: &TourOption, wanted: &[Wanted]) -> Self {
        let tickets = || tickets_of(departure, option);
        // A private boat is one thing to sell; seats among others are as many as the boat has.
        let (vacancies, capacity) = if option.kind() == OptionKind::Private {
            let most = tickets().map(|ticket| ticket.available).max().unwrap_or(0);
            (most.min(1), 1)
        } else {
            let taken = departure.held.saturating_add(departure.sold);
            (departure.capacity.saturating_sub(taken), departure.capacity)
        };
        let fits = wanted.iter().all(|wanted| {
            let code = |ticket: &&DepartureTicket| code_of(ticket) == wanted.unit_id;
            tickets().find(code).is_some_and(|ticket| ticket.available >= wanted.quantity)
        });
        let seats: u64 = wanted
            .iter()
            .map(|wanted| {
                let code = |ticket: &&DepartureTicket| code_of(ticket) == wanted.unit_id;
                let offer = tickets().find(code).and_then(|ticket| ticket.ticket.as_ref());
                let each = offer.map_or(0, |offer| offer.seats);
                u64::from(each) * u64::from(wanted.quantity)
            })
            .sum();
        let boats = option.kind() == OptionKind::Private;
        let fits = fits && (boats || seats <= u64::from(vacancies));
        let status = if !departure.for_sale {
            Status::Closed
        } else if vacancies == 0 || !fits {
            Status::SoldOut
        } else if u64::from(vacancies) * 2 < u64::from(capacity) {
            Status::Limited
        } else {
            Status::Available
        };
        Self { status, vacancies, capacity }
    }
}

fn code_of(ticket: &DepartureTicket) -> &str {
    ticket.ticket.as_ref().map_or("", |offer| &offer.ticket_code)
}

/// What a departure sells of an option: neither other options nor add-ons.
fn tickets_of<'a>(
    departure: &'a Departure,
    option: &'a TourOption,
) -> impl Iterator<Item = &'a DepartureTicket> {
    departure.tickets.iter().filter(|ticket| {
        let offer = ticket.ticket.as_ref();
        offer.is_some_and(|offer| {
            offer.option_code == option.code
                && option.tickets.iter().any(|kind| kind.code == offer.ticket_code)
        })
    })
}

fn unit_prices(departure: &Departure, option: &TourOption) -> Result<Vec<UnitPricing>, Failure> {
    let price = |ticket: &DepartureTicket| {
        let pricing = Pricing::of(ticket.price.as_ref())?;
        Ok(UnitPricing { unit_id: code_of(ticket).to_owned(), pricing })
    };
    tickets_of(departure, option).map(price).collect()
}

fn total(prices: &[UnitPricing], wanted: &[Wanted]) -> Result<Pricing, Failure> {
    let parts: Option<Vec<_>> = wanted
        .iter()
        .map(|wanted| {
            let price = prices.iter().find(|price| price.unit_id == wanted.unit_id)?;
            Some((&price.pricing, wanted.quantity))
        })
        .collect();
    let total = parts.and_then(Pricing::total);
    total.ok_or(Failure::BadRequest(Reason::OutOfRange("units")))
}

/// A day of a calendar.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CalendarDay {
    local_date: String,
    available: bool,
    status: Status,
    vacancies: Option<u32>,
    capacity: Option<u32>,
    opening_hours: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_pricing_from: Option<Vec<UnitPricing>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_from: Option<Pricing>,
}

impl CalendarDay {
    /// A day with its departures; without any it is closed.
    pub fn of(
        day: Date,
        departures: &[&Departure],
        option: &TourOption,
        wanted: &[Wanted],
        language: Language,
    ) -> Result<Self, Failure> {
        let left: Vec<Left> =
            departures.iter().map(|departure| Left::of(departure, option, wanted)).collect();
        let best = left.iter().max_by_key(|left| (left.status, left.vacancies));
        let status = best.map_or(Status::Closed, |best| best.status);
        let (mut unit_prices_from, mut prices_from) = (None, None);
        if language.capabilities.pricing {
            let mut lowest: Vec<UnitPricing> = Vec::new();
            for departure in departures {
                for price in unit_prices(departure, option)? {
                    match lowest.iter_mut().find(|known| known.unit_id == price.unit_id) {
                        Some(known) if known.pricing.retail > price.pricing.retail => {
                            *known = price
                        }
                        Some(_) => {}
                        None => lowest.push(price),
                    }
                }
            }
            if !wanted.is_empty() && !lowest.is_empty() {
                prices_from = Some(total(&lowest, wanted)?);
            }
            unit_prices_from = Some(lowest);
        }
        Ok(Self {
            local_date: day_text(day),
            available: status >= Status::Limited,
            status,
            vacancies: Some(left.iter().map(|left| left.vacancies).max().unwrap_or(0)),
            capacity: Some(left.iter().map(|left| left.capacity).max().unwrap_or(0)),
            opening_hours: [],
            unit_pricing_from: unit_prices_from,
            pricing_from: prices_from,
        })
    }
}
