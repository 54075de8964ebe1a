//! Contract words of tours to domain words.

use kernel::{Money, ProductId, ShopId};
use proto::{common, tours as contract};

use crate::domain::departure_price::DeparturePrice;
use crate::domain::tour::{
    AddOn, AgeKind, CancellationTier, ItineraryStop, MeetingPoint, OptionKind, PriceChange,
    PriceRule, Residence, TicketKind, Tour, TourOption, TourProblem, Wrong,
};

/// Prices of one departure. What is no amount is named.
pub fn departure_prices_of(
    prices: Vec<contract::DeparturePrice>,
) -> Result<Vec<DeparturePrice>, Vec<TourProblem>> {
    let mut unreadable = Vec::new();
    let read = prices.into_iter().enumerate().map(|(place, price)| DeparturePrice {
        price: money_of(
            price.price.as_ref(),
            &["prices".to_owned(), place.to_string()],
            &mut unreadable,
        ),
        option_code: price.option_code,
        code: price.ticket_code,
    });
    let read = read.collect();
    if unreadable.is_empty() { Ok(read) } else { Err(unreadable) }
}

/// The tour that shall be written. What cannot even be said in domain words is named.
pub fn tour_of(
    tour: contract::Tour,
    product: ProductId,
    shop: ShopId,
) -> Result<Tour, Vec<TourProblem>> {
    let mut unreadable = Vec::new();
    let meeting_point = tour.meeting_point.unwrap_or_default();
    let options = tour.options.into_iter().enumerate().map(|(place, option)| {
        option_of(option, &["options".to_owned(), place.to_string()], &mut unreadable)
    });
    let options = options.collect();
    let add_ons = tour.add_ons.into_iter().enumerate().map(|(place, add_on)| AddOn {
        price: money_of(
            add_on.price.as_ref(),
            &["addOns".to_owned(), place.to_string()],
            &mut unreadable,
        ),
        code: add_on.code,
        title: add_on.title.unwrap_or_default().into(),
    });
    let add_ons = add_ons.collect();
    let rules = tour.price_rules.into_iter().enumerate().map(|(place, rule)| {
        rule_of(rule, &["priceRules".to_owned(), place.to_string()], &mut unreadable)
    });
    let price_rules = rules.collect();
    let read = Tour {
        product,
        shop,
        options,
        itinerary: tour
            .itinerary
            .into_iter()
            .map(|stop| ItineraryStop {
                at_minute: stop.at_minute,
                title: stop.title.unwrap_or_default().into(),
                text: stop.text.unwrap_or_default().into(),
            })
            .collect(),
        meeting_point: MeetingPoint {
            text: meeting_point.text.unwrap_or_default().into(),
            latitude: meeting_point.latitude,
            longitude: meeting_point.longitude,
        },
        languages: tour.languages,
        included: tour.included.into_iter().map(Into::into).collect(),
        excluded: tour.excluded.into_iter().map(Into::into).collect(),
        add_ons,
        cancellation: tour
            .cancellation
            .into_iter()
            .map(|tier| CancellationTier {
                hours_before: tier.hours_before,
                refund_basis_points: tier.refund_basis_points,
            })
            .collect(),
        duration_minutes: tour.duration_minutes,
        cutoff_minutes: tour.cutoff_minutes,
        capacity: tour.capacity,
        price_rules,
    };
    if unreadable.is_empty() { Ok(read) } else { Err(unreadable) }
}

fn option_of(
    option: contract::TourOption,
    path: &[String],
    unreadable: &mut Vec<TourProblem>,
) -> TourOption {
    let kind = match option.kind() {
        contract::OptionKind::JoinIn => Some(OptionKind::JoinIn),
        contract::OptionKind::Private => Some(OptionKind::Private),
        contract::OptionKind::Unspecified => None,
    };
    let kind = said(kind, OptionKind::JoinIn, path, "kind", unreadable);
    let tickets = option.tickets.into_iter().enumerate().map(|(place, ticket)| {
        let path = [path, &["tickets".to_owned(), place.to_string()]].concat();
        ticket_of(&ticket, &path, unreadable)
    });
    TourOption {
        kind,
        tickets: tickets.collect(),
        code: option.code,
        title: option.title.unwrap_or_default().into(),
        minimum_party: option.minimum_party,
        maximum_party: option.maximum_party,
    }
}

fn ticket_of(
    ticket: &contract::TicketKind,
    path: &[String],
    unreadable: &mut Vec<TourProblem>,
) -> TicketKind {
    let age = match ticket.age() {
        contract::AgeKind::Adult => Some(AgeKind::Adult),
        contract::AgeKind::Child => Some(AgeKind::Child),
        contract::AgeKind::Infant => Some(AgeKind::Infant),
        contract::AgeKind::Senior => Some(AgeKind::Senior),
        contract::AgeKind::Boat => Some(AgeKind::Boat),
        contract::AgeKind::Unspecified => None,
    };
    TicketKind {
        code: ticket.code.clone(),
        age: said(age, AgeKind::Adult, path, "age", unreadable),
        residence: match ticket.residence() {
            contract::Residence::Anybody => Residence::Anybody,
            contract::Residence::Local => Residence::Local,
            contract::Residence::Foreign => Residence::Foreign,
        },
        minimum_age: ticket.minimum_age,
        maximum_age: ticket.maximum_age,
        price: money_of(ticket.price.as_ref(), path, unreadable),
        seats: ticket.seats,
        accompanied: ticket.accompanied,
    }
}

fn rule_of(
    rule: contract::PriceRule,
    path: &[String],
    unreadable: &mut Vec<TourProblem>,
) -> PriceRule {
    let change = match &rule.price {
        Some(_) => PriceChange::Instead(money_of(rule.price.as_ref(), path, unreadable)),
        None => PriceChange::By(rule.change_basis_points),
    };
    PriceRule {
        from_day: Some(rule.from_day).filter(|day| !day.is_empty()),
        to_day: Some(rule.to_day).filter(|day| !day.is_empty()),
        weekdays: rule.weekdays,
        option_code: rule.option_code,
        ticket_code: rule.ticket_code,
        change,
    }
}

fn money_of(
    money: Option<&common::Money>,
    path: &[String],
    unreadable: &mut Vec<TourProblem>,
) -> Money {
    let wrong = if money.is_some() { Wrong::Currency } else { Wrong::Missing };
    proto::parse_money(money).unwrap_or_else(|_| {
        unreadable.push(TourProblem { path: [path, &["price".to_owned()]].concat(), wrong });
        Money::vnd(0)
    })
}

fn said<T>(
    value: Option<T>,
    other: T,
    path: &[String],
    field: &str,
    unreadable: &mut Vec<TourProblem>,
) -> T {
    value.unwrap_or_else(|| {
        let path = [path, &[field.to_owned()]].concat();
        unreadable.push(TourProblem { path, wrong: Wrong::Missing });
        other
    })
}
