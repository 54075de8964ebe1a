//! Tours, departures and their tickets as contract words.

use kernel::{LocalizedText, Timestamp};
use proto::{catalog, tours as contract};

use super::thumbnail_of;
use crate::domain::calendar::local_text;
use crate::domain::departure::{Departure, DepartureStatus, variant_id};
use crate::domain::departure_price::DeparturePrice;
use crate::domain::product::Product;
use crate::domain::seats::available;
use crate::domain::tour::{
    AgeKind, CancellationTier, OptionKind, PriceChange, PriceRule, Residence, TicketKind, Tour,
    TourOption, Way,
};
use crate::domain::waiting::{WaitingEntry, WaitingStatus};
use crate::ticket_names::ticket_name;

/// A tour, without the times at which it leaves.
pub fn tour_message(tour: &Tour) -> contract::Tour {
    contract::Tour {
        product_id: tour.product.to_string(),
        shop_id: tour.shop.to_string(),
        options: tour.options.iter().map(option_message).collect(),
        itinerary: tour
            .itinerary
            .iter()
            .map(|stop| contract::ItineraryStop {
                at_minute: stop.at_minute,
                title: Some(stop.title.clone().into()),
                text: Some(stop.text.clone().into()),
            })
            .collect(),
        meeting_point: Some(meeting_point_message(tour)),
        languages: tour.languages.clone(),
        included: tour.included.iter().cloned().map(Into::into).collect(),
        excluded: tour.excluded.iter().cloned().map(Into::into).collect(),
        add_ons: tour
            .add_ons
            .iter()
            .map(|add_on| contract::AddOn {
                code: add_on.code.clone(),
                title: Some(add_on.title.clone().into()),
                price: Some(add_on.price.into()),
            })
            .collect(),
        cancellation: cancellation_message(&tour.cancellation),
        duration_minutes: tour.duration_minutes,
        cutoff_minutes: tour.cutoff_minutes,
        capacity: tour.capacity,
        price_rules: tour.price_rules.iter().map(rule_message).collect(),
        start_times: Vec::new(),
    }
}

fn option_message(option: &TourOption) -> contract::TourOption {
    contract::TourOption {
        code: option.code.clone(),
        kind: option_kind_message(option.kind).into(),
        title: Some(option.title.clone().into()),
        minimum_party: option.minimum_party,
        maximum_party: option.maximum_party,
        tickets: option.tickets.iter().map(ticket_kind_message).collect(),
    }
}

fn ticket_kind_message(ticket: &TicketKind) -> contract::TicketKind {
    contract::TicketKind {
        code: ticket.code.clone(),
        age: age_message(ticket.age).into(),
        residence: residence_message(ticket.residence).into(),
        minimum_age: ticket.minimum_age,
        maximum_age: ticket.maximum_age,
        price: Some(ticket.price.into()),
        seats: ticket.seats,
        accompanied: ticket.accompanied,
    }
}

fn rule_message(rule: &PriceRule) -> contract::PriceRule {
    let (price, change_basis_points) = match rule.change {
        PriceChange::Instead(price) => (Some(price.into()), 0),
        PriceChange::By(points) => (None, points),
    };
    contract::PriceRule {
        from_day: rule.from_day.clone().unwrap_or_default(),
        to_day: rule.to_day.clone().unwrap_or_default(),
        weekdays: rule.weekdays.clone(),
        option_code: rule.option_code.clone(),
        ticket_code: rule.ticket_code.clone(),
        price,
        change_basis_points,
    }
}

const fn option_kind_message(kind: OptionKind) -> contract::OptionKind {
    match kind {
        OptionKind::JoinIn => contract::OptionKind::JoinIn,
        OptionKind::Private => contract::OptionKind::Private,
    }
}

const fn age_message(age: AgeKind) -> contract::AgeKind {
    match age {
        AgeKind::Adult => contract::AgeKind::Adult,
        AgeKind::Child => contract::AgeKind::Child,
        AgeKind::Infant => contract::AgeKind::Infant,
        AgeKind::Senior => contract::AgeKind::Senior,
        AgeKind::Boat => contract::AgeKind::Boat,
    }
}

const fn residence_message(residence: Residence) -> contract::Residence {
    match residence {
        Residence::Anybody => contract::Residence::Anybody,
        Residence::Local => contract::Residence::Local,
        Residence::Foreign => contract::Residence::Foreign,
    }
}

fn meeting_point_message(tour: &Tour) -> contract::MeetingPoint {
    contract::MeetingPoint {
        text: Some(tour.meeting_point.text.clone().into()),
        latitude: tour.meeting_point.latitude,
        longitude: tour.meeting_point.longitude,
    }
}

fn cancellation_message(tiers: &[CancellationTier]) -> Vec<contract::CancellationTier> {
    let tier = |tier: &CancellationTier| contract::CancellationTier {
        hours_before: tier.hours_before,
        refund_basis_points: tier.refund_basis_points,
    };
    tiers.iter().map(tier).collect()
}

/// A departure with all that can be bought on it. `visible`: whether everybody sees its product.
pub fn departure_message(
    tour: &Tour,
    departure: &Departure,
    visible: bool,
    now: Timestamp,
) -> contract::Departure {
    let status = match departure.status {
        DepartureStatus::Open => contract::DepartureStatus::DepartureOpen,
        DepartureStatus::Closed => contract::DepartureStatus::DepartureClosed,
        DepartureStatus::Cancelled => contract::DepartureStatus::DepartureCancelled,
    };
    let for_sale = visible && departure.sells_at(now);
    let tickets = tour.ways().map(|way| contract::DepartureTicket {
        variant_id: variant_id(departure.id, way).to_string(),
        ticket: Some(ticket_message(tour, departure, way)),
        price: Some(departure.price_of(tour, way).into()),
        available: if for_sale { count(available(departure, way)) } else { 0 },
    });
    contract::Departure {
        id: departure.id.to_string(),
        product_id: departure.product.to_string(),
        shop_id: departure.shop.to_string(),
        starts_at: departure.starts_at.micros(),
        ends_at: departure.ends_at.micros(),
        local_start: local_text(departure.starts_at),
        status: status.into(),
        capacity: count(departure.seats.capacity),
        held: count(departure.seats.held),
        sold: count(departure.seats.sold),
        cutoff_minutes: departure.cutoff_minutes,
        for_sale,
        tickets: tickets.collect(),
        cancelled_because: departure.cancelled_because.clone(),
        prices: departure.prices.iter().map(price_message).collect(),
    }
}

fn price_message(own: &DeparturePrice) -> contract::DeparturePrice {
    contract::DeparturePrice {
        option_code: own.option_code.clone(),
        ticket_code: own.code.clone(),
        price: Some(own.price.into()),
    }
}

fn ticket_message(tour: &Tour, departure: &Departure, way: Way<'_>) -> contract::TicketOffer {
    let capacity = count(departure.seats.capacity);
    let mut message = contract::TicketOffer {
        departure_id: departure.id.to_string(),
        starts_at: departure.starts_at.micros(),
        ends_at: departure.ends_at.micros(),
        option_code: way.option_code().to_owned(),
        ticket_code: way.code().to_owned(),
        cancellation: cancellation_message(&tour.cancellation),
        meeting_point: Some(meeting_point_message(tour)),
        ..contract::TicketOffer::default()
    };
    if let Way::Ticket(option, ticket) = way {
        let boat = option.kind == OptionKind::Private;
        message.option_kind = option_kind_message(option.kind).into();
        message.option_title = Some(option.title.clone().into());
        message.age = age_message(ticket.age).into();
        message.residence = residence_message(ticket.residence).into();
        message.seats = if boat { capacity } else { ticket.seats };
        message.admits = match option.maximum_party {
            _ if !boat => 1,
            0 => capacity,
            most => most.min(capacity),
        };
    }
    message
}

/// What a cart needs to know of something that is bought on a departure.
pub fn ticket_offer_message(
    product: &Product,
    tour: &Tour,
    departure: &Departure,
    way: Way<'_>,
    now: Timestamp,
) -> catalog::Offer {
    let sku = match way {
        Way::Ticket(option, ticket) => format!("{}-{}", option.code, ticket.code),
        Way::AddOn(add_on) => add_on.code.clone(),
    };
    catalog::Offer {
        variant_id: variant_id(departure.id, way).to_string(),
        product_id: product.id.to_string(),
        shop_id: product.shop.to_string(),
        product_slug: product.slug.clone(),
        title: Some(title_of(product, way).into()),
        sku,
        unit: product.unit.clone(),
        price: Some(departure.price_of(tour, way).into()),
        available: available(departure, way),
        for_sale: product.visible && departure.sells_at(now),
        picture: thumbnail_of(product),
        ticket: Some(ticket_message(tour, departure, way)),
    }
}

/// `Chợ nổi Cái Răng – Ghép khách – Người lớn`. Nothing is said in English where the product has no
/// English title.
fn title_of(product: &Product, way: Way<'_>) -> LocalizedText {
    let parts = match way {
        Way::Ticket(option, ticket) => {
            vec![product.title.clone(), option.title.clone(), ticket_name(ticket)]
        }
        Way::AddOn(add_on) => vec![product.title.clone(), add_on.title.clone()],
    };
    let vi: Vec<&str> = parts.iter().map(|part| part.vi.as_str()).collect();
    let en: Vec<&str> = parts
        .iter()
        .map(|part| if part.en.is_empty() { part.vi.as_str() } else { part.en.as_str() })
        .collect();
    let in_english = if product.title.en.is_empty() { String::new() } else { en.join(" – ") };
    LocalizedText::new(vi.join(" – "), in_english)
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Somebody who waits. The token that claims an offer is added where it is known.
pub fn waiting_entry_message(entry: &WaitingEntry, position: u32) -> contract::WaitingListEntry {
    let offer = entry.offer.filter(|_| entry.status == WaitingStatus::Offered);
    contract::WaitingListEntry {
        id: entry.id.to_string(),
        departure_id: entry.departure.to_string(),
        seats: count(entry.seats),
        name: entry.name.clone(),
        phone: entry.phone.clone(),
        email: entry.email.clone(),
        created_at: entry.created_at.micros(),
        offered_at: offer.map_or(0, |offer| offer.offered_at.micros()),
        offer_expires_at: offer.map_or(0, |offer| offer.expires_at.micros()),
        claim_token: String::new(),
        position,
        locale: entry.locale.tag().to_owned(),
        status: waiting_status(entry.status).into(),
    }
}

const fn waiting_status(status: WaitingStatus) -> contract::WaitingStatus {
    match status {
        WaitingStatus::Waiting => contract::WaitingStatus::Waiting,
        WaitingStatus::Offered => contract::WaitingStatus::Offered,
        WaitingStatus::Claimed => contract::WaitingStatus::Claimed,
        WaitingStatus::Lapsed => contract::WaitingStatus::Lapsed,
    }
}
