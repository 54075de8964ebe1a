//! Departures of a tour as catalog keeps them: each way to buy is an offer, and the seats behind all
//! of them are one number.

use std::collections::HashMap;

use kernel::{DepartureId, Money, ProductId, ShopId, Timestamp, VariantId};
use platform::ids;
use proto::Refused;
use proto::catalog::{HoldLine, Offer};
use proto::common::{self, RefusalCode};
use proto::tours::{
    AgeKind, CancellationTier, Departure, DepartureStatus, DepartureTicket, OptionKind, TicketOffer,
};

use super::Outside;
use super::state::State;

/// A departure and what can be bought of it, by the ids of their variants.
#[derive(Clone, Debug)]
pub struct Trip {
    pub shop: String,
    pub product: String,
    pub departure: String,
    pub starts_at: Timestamp,
    pub adult: String,
    pub child: String,
    pub infant: String,
    pub lunch: String,
    pub boat: String,
}

/// Prices of the tour, in đồng.
pub const ADULT: i64 = 250_000;
pub const CHILD: i64 = 125_001;
pub const LUNCH: i64 = 90_000;
pub const BOAT: i64 = 2_400_000;

impl Outside {
    /// A departure of a tour: 100 % back until 48 hours before, 50 % until 24 hours before.
    pub fn departure(&self, shop: ShopId, starts_at: Timestamp, capacity: u32) -> Trip {
        self.departure_of(shop, ids::new::<ProductId>(), starts_at, capacity)
    }

    /// Tokens that claim for who waits, as their digests.
    pub fn claims(&self) -> Vec<(String, Vec<u8>)> {
        self.state().claims.clone()
    }

    /// Another departure of the same tour.
    pub fn another(&self, trip: &Trip, starts_at: Timestamp, capacity: u32) -> Trip {
        self.departure_of(
            trip.shop.parse().unwrap(),
            trip.product.parse().unwrap(),
            starts_at,
            capacity,
        )
    }

    fn departure_of(
        &self,
        shop: ShopId,
        product: ProductId,
        starts_at: Timestamp,
        capacity: u32,
    ) -> Trip {
        let id = ids::new::<DepartureId>().to_string();
        let ends_at = starts_at.after(std::time::Duration::from_secs(4 * 3600));
        let tier = |hours_before, refund_basis_points| CancellationTier {
            hours_before,
            refund_basis_points,
        };
        let offer =
            |option: &str, kind: OptionKind, code: &str, age: AgeKind, seats, admits| TicketOffer {
                departure_id: id.clone(),
                starts_at: starts_at.micros(),
                ends_at: ends_at.micros(),
                option_code: option.to_owned(),
                option_kind: kind.into(),
                ticket_code: code.to_owned(),
                age: age.into(),
                seats,
                admits,
                cancellation: vec![tier(48, 10_000), tier(24, 5_000)],
                ..TicketOffer::default()
            };
        let join = OptionKind::JoinIn;
        let kinds = [
            (offer("join-in", join, "adult", AgeKind::Adult, 1, 1), ADULT),
            (offer("join-in", join, "child", AgeKind::Child, 1, 1), CHILD),
            (offer("join-in", join, "infant", AgeKind::Infant, 0, 1), 0),
            (offer("join-in", join, "lunch", AgeKind::Unspecified, 0, 0), LUNCH),
            (
                offer("private", OptionKind::Private, "boat", AgeKind::Boat, capacity, capacity),
                BOAT,
            ),
        ];
        let mut state = self.state();
        let mut tickets = Vec::new();
        for (ticket, price) in kinds {
            let variant_id = ids::new::<VariantId>().to_string();
            let price = Some(common::Money::from(Money::vnd(price)));
            state.offers.insert(
                variant_id.clone(),
                Offer {
                    variant_id: variant_id.clone(),
                    product_id: product.to_string(),
                    shop_id: shop.to_string(),
                    title: Some(common::LocalizedText {
                        vi: "Chợ nổi Cái Răng".to_owned(),
                        en: String::new(),
                    }),
                    unit: "vé".to_owned(),
                    price: price.clone(),
                    available: i64::from(capacity),
                    for_sale: true,
                    ticket: Some(ticket.clone()),
                    ..Offer::default()
                },
            );
            tickets.push(DepartureTicket {
                variant_id,
                ticket: Some(ticket),
                price,
                available: capacity,
            });
        }
        let variant = |at: usize| tickets[at].variant_id.clone();
        let trip = Trip {
            shop: shop.to_string(),
            product: product.to_string(),
            departure: id.clone(),
            starts_at,
            adult: variant(0),
            child: variant(1),
            infant: variant(2),
            lunch: variant(3),
            boat: variant(4),
        };
        let departure = Departure {
            id: id.clone(),
            product_id: product.to_string(),
            shop_id: shop.to_string(),
            starts_at: starts_at.micros(),
            ends_at: ends_at.micros(),
            status: DepartureStatus::DepartureOpen.into(),
            capacity,
            for_sale: true,
            tickets,
            ..Departure::default()
        };
        state.departures.insert(id, departure);
        trip
    }

    /// Nothing of a departure is sold any more.
    pub fn cancel_departure(&self, trip: &Trip) {
        let mut state = self.state();
        let departure = state.departures.get_mut(&trip.departure).unwrap();
        departure.set_status(DepartureStatus::DepartureCancelled);
        departure.for_sale = false;
        for ticket in departure.tickets.clone() {
            state.offers.get_mut(&ticket.variant_id).unwrap().for_sale = false;
        }
    }

    /// Seats of a departure that are free, held and sold.
    pub fn seats(&self, trip: &Trip) -> (u32, u32, u32) {
        let state = self.state();
        let departure = &state.departures[&trip.departure];
        (departure.capacity - departure.held - departure.sold, departure.held, departure.sold)
    }
}

impl State {
    /// Seats that lines take, by departure.
    pub fn seats_of(&self, lines: &[HoldLine]) -> HashMap<String, u32> {
        let mut seats: HashMap<String, u32> = HashMap::new();
        for line in lines {
            let ticket = self.offers.get(&line.variant_id).and_then(|offer| offer.ticket.as_ref());
            let Some(ticket) = ticket else { continue };
            *seats.entry(ticket.departure_id.clone()).or_default() +=
                ticket.seats * u32::try_from(line.quantity).unwrap();
        }
        seats
    }

    /// Whether departures have the seats that lines take.
    pub fn short_of_seats(&self, lines: &[HoldLine]) -> Vec<Refused> {
        let short = self.seats_of(lines).into_iter().filter_map(|(id, wanted)| {
            let departure = &self.departures[&id];
            let free = departure.capacity - departure.held - departure.sold;
            let refused = Refused::new(RefusalCode::InsufficientStock).fact("available", free);
            (wanted > free).then_some(refused)
        });
        short.collect()
    }
}
