//! Departures of tours: what is left of them, and what a seat costs.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use kernel::Locale;

use super::departure_price::DeparturePrice;
use super::moment::Moment;
use super::money::Money;
use super::text::{given, localized};
use super::tour::{CancellationTier, MeetingPoint};
use super::tour_enums::{AgeKind, DepartureStatus, OptionKind, Residence};
use super::waiting_list::WaitingListEntry;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// A departure, as everybody sees it.
pub struct Departure {
    departure: Arc<proto::tours::Departure>,
    locale: Locale,
}

impl Departure {
    /// A departure of catalog, in a language.
    pub const fn of(departure: Arc<proto::tours::Departure>, locale: Locale) -> Self {
        Self { departure, locale }
    }
}

/// Seats that nobody holds or has bought.
pub fn free_seats(departure: &proto::tours::Departure) -> u32 {
    departure.capacity.saturating_sub(departure.held).saturating_sub(departure.sold)
}

/// The least that one guest, or one boat, costs on a departure among what can be bought now.
pub fn price_from(departure: &proto::tours::Departure) -> Option<&proto::common::Money> {
    let is_ticket = |ticket: &&proto::tours::DepartureTicket| {
        ticket.available > 0 && ticket.ticket.as_ref().is_some_and(|offer| offer.admits > 0)
    };
    let prices = departure.tickets.iter().filter(is_ticket).filter_map(|one| one.price.as_ref());
    prices.filter(|price| price.minor > 0).min_by_key(|price| price.minor)
}

/// The day of a departure in Vietnam's calendar: `2026-12-01`.
pub fn day_of(departure: &proto::tours::Departure) -> &str {
    departure.local_start.get(..10).unwrap_or_default()
}

/// A departure of a tour.
#[Object]
impl Departure {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.departure.id.clone())
    }

    /// The tour's product.
    async fn product_id(&self) -> ID {
        ID(self.departure.product_id.clone())
    }

    /// When it starts.
    async fn starts_at(&self) -> Moment {
        Moment::of(self.departure.starts_at)
    }

    /// When it ends.
    async fn ends_at(&self) -> Moment {
        Moment::of(self.departure.ends_at)
    }

    /// When it starts, in Vietnam's time: `2026-12-01T05:30:00+07:00`.
    async fn local_start(&self) -> &str {
        &self.departure.local_start
    }

    /// Where it stands.
    async fn status(&self) -> Result<DepartureStatus, Error> {
        DepartureStatus::of(self.departure.status)
    }

    /// Whether it can be bought now: open, and not too late.
    async fn for_sale(&self) -> bool {
        self.departure.for_sale
    }

    /// Seats that are free now.
    async fn available_seats(&self) -> u32 {
        free_seats(&self.departure)
    }

    /// The least that one guest, or one boat, costs among what can be bought now.
    async fn price_from(&self) -> Option<Money> {
        price_from(&self.departure).map(|price| Money::of(Some(price), self.locale))
    }

    /// Minutes before the start at which the sale ends.
    async fn cutoff_minutes(&self) -> u32 {
        self.departure.cutoff_minutes
    }

    /// What can be bought of it: tickets of each option, and add-ons.
    async fn tickets(&self) -> Vec<DepartureTicket<'_>> {
        let tickets = self.departure.tickets.iter();
        tickets.map(|ticket| DepartureTicket { ticket, locale: self.locale }).collect()
    }

    /// Why it does not happen, if it was cancelled.
    async fn cancelled_because(&self) -> Option<&str> {
        given(&self.departure.cancelled_because)
    }
}

/// One way to buy on a departure.
pub struct DepartureTicket<'a> {
    ticket: &'a proto::tours::DepartureTicket,
    locale: Locale,
}

/// One way to buy on a departure: a ticket kind of an option, or an add-on.
#[Object]
impl DepartureTicket<'_> {
    /// What carts take: it is bought like any variant.
    async fn variant_id(&self) -> ID {
        ID(self.ticket.variant_id.clone())
    }

    /// What it is.
    async fn ticket(&self) -> TicketOffer {
        TicketOffer::of(self.ticket.ticket.clone().unwrap_or_default(), self.locale)
    }

    /// Price of one on this departure.
    async fn price(&self) -> Money {
        Money::of(self.ticket.price.as_ref(), self.locale)
    }

    /// How many of it could be bought now.
    async fn available(&self) -> u32 {
        self.ticket.available
    }
}

/// A ticket or an add-on of a departure, as it is bought.
pub struct TicketOffer {
    offer: proto::tours::TicketOffer,
    locale: Locale,
}

impl TicketOffer {
    /// An offer of catalog, in a language.
    pub const fn of(offer: proto::tours::TicketOffer, locale: Locale) -> Self {
        Self { offer, locale }
    }

    /// The offer of a line, if the line is of a tour.
    pub fn maybe(offer: Option<&proto::tours::TicketOffer>, locale: Locale) -> Option<Self> {
        offer.cloned().map(|offer| Self { offer, locale })
    }
}

/// A ticket or an add-on of a departure, as it is bought.
#[Object]
impl TicketOffer {
    /// The departure.
    async fn departure_id(&self) -> ID {
        ID(self.offer.departure_id.clone())
    }

    /// When it starts.
    async fn starts_at(&self) -> Moment {
        Moment::of(self.offer.starts_at)
    }

    /// When it ends.
    async fn ends_at(&self) -> Moment {
        Moment::of(self.offer.ends_at)
    }

    /// Code of the option; nothing for an add-on.
    async fn option(&self) -> Option<&str> {
        given(&self.offer.option_code)
    }

    /// Name of the option; nothing for an add-on.
    async fn option_title(&self) -> Option<&str> {
        given(localized(self.offer.option_title.as_ref(), self.locale))
    }

    /// Who shares the boat; nothing for an add-on.
    async fn option_kind(&self) -> Result<Option<OptionKind>, Error> {
        (self.offer.option_kind != 0).then(|| OptionKind::of(self.offer.option_kind)).transpose()
    }

    /// Code of the ticket kind, or of the add-on.
    async fn ticket_kind(&self) -> &str {
        &self.offer.ticket_code
    }

    /// For whom; nothing for an add-on.
    async fn age(&self) -> Result<Option<AgeKind>, Error> {
        (self.offer.age != 0).then(|| AgeKind::of(self.offer.age)).transpose()
    }

    /// For whom by residence.
    async fn residence(&self) -> Result<Residence, Error> {
        Residence::of(self.offer.residence)
    }

    /// Seats that one takes.
    async fn seats(&self) -> u32 {
        self.offer.seats
    }

    /// People that one lets on board; 0 for an add-on.
    async fn admits(&self) -> u32 {
        self.offer.admits
    }

    /// What comes back when it is cancelled, the most first. Empty: nothing.
    async fn cancellation_policy(&self) -> Vec<CancellationTier> {
        self.offer.cancellation.iter().map(CancellationTier::of).collect()
    }

    /// Where guests meet.
    async fn meeting_point(&self) -> Option<MeetingPoint> {
        self.offer.meeting_point.as_ref().map(|point| MeetingPoint::of(point, self.locale))
    }
}

/// A departure, as its shop sees it.
pub struct ManagedDeparture {
    departure: Arc<proto::tours::Departure>,
    locale: Locale,
}

impl ManagedDeparture {
    /// A departure of catalog, in a language. Made only for its shop.
    pub const fn of(departure: Arc<proto::tours::Departure>, locale: Locale) -> Self {
        Self { departure, locale }
    }
}

/// A departure, as its shop sees it.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ManagedDeparture {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.departure.id.clone())
    }

    /// What everybody sees of it.
    async fn departure(&self) -> Departure {
        Departure::of(Arc::clone(&self.departure), self.locale)
    }

    /// All seats.
    async fn capacity(&self) -> u32 {
        self.departure.capacity
    }

    /// Seats held for checkouts that are not paid yet.
    async fn held(&self) -> u32 {
        self.departure.held
    }

    /// Seats sold.
    async fn sold(&self) -> u32 {
        self.departure.sold
    }

    /// Its own prices, which go before those of the tour and its rules. What tickets cost on it stands
    /// with its tickets.
    async fn prices(&self) -> Vec<DeparturePrice<'_>> {
        let prices = self.departure.prices.iter();
        prices.map(|price| DeparturePrice { price, locale: self.locale }).collect()
    }

    /// Who waits for seats, the first first.
    async fn waiting_list(&self, ctx: &Context<'_>) -> Result<Vec<WaitingListEntry>, Error> {
        let scope = Scope::of(ctx);
        let request = proto::tours::ListWaitingRequest {
            shop_id: self.departure.shop_id.clone(),
            departure_id: self.departure.id.clone(),
        };
        let found = scope.answer(scope.catalog.clone().list_waiting(request).await)?;
        Ok(found.entries.into_iter().map(WaitingListEntry::of).collect())
    }
}

/// A day on which a tour departs.
#[derive(Debug, SimpleObject)]
pub struct TravelDay {
    /// The day in Vietnam's calendar: `2026-12-01`.
    day: String,
    /// Departures of the day that can be bought now.
    departures: u32,
    /// Free seats of all of them together.
    available_seats: u32,
    /// The least that one guest, or one boat, costs on it.
    price_from: Option<Money>,
}

impl TravelDay {
    /// The days of departures that are in order of their start. A day on which nothing can be
    /// bought any more is told, too: with no seats.
    pub fn of(departures: &[proto::tours::Departure], locale: Locale) -> Vec<Self> {
        let mut days: Vec<Self> = Vec::new();
        let mut least: Option<&proto::common::Money> = None;
        for departure in departures {
            let day = day_of(departure);
            if days.last().is_none_or(|last| last.day != day) {
                least = None;
                days.push(Self {
                    day: day.to_owned(),
                    departures: 0,
                    available_seats: 0,
                    price_from: None,
                });
            }
            let Some(last) = days.last_mut().filter(|_| departure.for_sale) else { continue };
            last.departures += 1;
            last.available_seats = last.available_seats.saturating_add(free_seats(departure));
            let prices = [least, price_from(departure)].into_iter().flatten();
            least = prices.min_by_key(|price| price.minor);
            last.price_from = least.map(|price| Money::of(Some(price), locale));
        }
        days
    }
}

#[cfg(test)]
mod tests {
    use proto::tours::{DepartureTicket as ProtoTicket, TicketOffer as ProtoOffer};

    use super::*;

    fn departure(
        local_start: &str,
        sold: u32,
        price: i64,
        for_sale: bool,
    ) -> proto::tours::Departure {
        let ticket = |price, admits| ProtoTicket {
            ticket: Some(ProtoOffer { admits, ..ProtoOffer::default() }),
            price: Some(proto::common::Money { minor: price, currency: "VND".to_owned() }),
            available: 5,
            ..ProtoTicket::default()
        };
        proto::tours::Departure {
            local_start: local_start.to_owned(),
            capacity: 12,
            held: 2,
            sold,
            for_sale,
            // An add-on and a free ticket are not what a day costs.
            tickets: vec![ticket(price, 1), ticket(0, 1), ticket(1_000, 0)],
            ..proto::tours::Departure::default()
        }
    }

    #[test]
    fn a_day_has_the_free_seats_and_the_least_price_of_its_departures_for_sale() {
        let departures = [
            departure("2026-12-01T05:30:00+07:00", 4, 450_000, true),
            departure("2026-12-01T08:00:00+07:00", 10, 300_000, true),
            departure("2026-12-01T15:00:00+07:00", 0, 100_000, false),
            departure("2026-12-02T05:30:00+07:00", 0, 450_000, false),
        ];
        let days = TravelDay::of(&departures, Locale::Vi);
        let told: Vec<_> = days
            .iter()
            .map(|day| (day.day.as_str(), day.departures, day.available_seats))
            .collect();
        assert_eq!(told, [("2026-12-01", 2, 6), ("2026-12-02", 0, 0)]);
        assert_eq!(days[0].price_from.as_ref().unwrap().known().unwrap().minor, 300_000);
        assert!(days[1].price_from.is_none());
    }
}
