//! A tour: what a product of kind tour is besides a product. What may be written of it stands in
//! [`problems`], what a seat costs on a day in [`prices`].

mod prices;
mod problems;
#[cfg(test)]
pub mod sample;

use kernel::{LocalizedText, Money, ProductId, ShopId};
use serde::{Deserialize, Serialize};

pub use problems::{TourProblem, Wrong};

/// The most of anything that a tour has many of.
pub const MAX_PARTS: usize = 50;
/// The most seats of a departure.
pub const MAX_CAPACITY: u32 = 10_000;
/// The longest tour, in minutes: two weeks.
pub const MAX_MINUTES: u32 = 14 * 24 * 60;
/// The earliest cut-off before the start, in minutes: 60 days.
pub const MAX_CUTOFF: u32 = 60 * 24 * 60;

/// What a tour is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tour {
    /// Which product it is.
    pub product: ProductId,
    /// Whose it is.
    pub shop: ShopId,
    /// Ways to go.
    pub options: Vec<TourOption>,
    /// What happens when.
    pub itinerary: Vec<ItineraryStop>,
    /// Where guests come.
    pub meeting_point: MeetingPoint,
    /// Languages of the guide, BCP 47.
    pub languages: Vec<String>,
    /// What is in the price.
    pub included: Vec<LocalizedText>,
    /// What is not.
    pub excluded: Vec<LocalizedText>,
    /// What one can have besides.
    pub add_ons: Vec<AddOn>,
    /// What comes back to who cancels, the most hours first.
    pub cancellation: Vec<CancellationTier>,
    /// How long it takes, in minutes.
    pub duration_minutes: u32,
    /// Until when before the start seats are sold, in minutes, unless a departure says otherwise.
    pub cutoff_minutes: u32,
    /// Seats of a departure, unless it says otherwise.
    pub capacity: u32,
    /// Other prices on some days; the first that fits counts.
    pub price_rules: Vec<PriceRule>,
}

/// Whether one shares the boat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptionKind {
    /// Seats among others.
    JoinIn,
    /// The whole boat.
    Private,
}

/// A way to go on a tour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TourOption {
    /// Its name in ids, unique in the tour.
    pub code: String,
    /// Whether one shares the boat.
    pub kind: OptionKind,
    /// Its name for people.
    pub title: LocalizedText,
    /// The fewest people of one checkout; 0: no bound.
    pub minimum_party: u32,
    /// The most people of one checkout; 0: no bound.
    pub maximum_party: u32,
    /// Kinds of tickets.
    pub tickets: Vec<TicketKind>,
}

/// For whom a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgeKind {
    /// A grown-up.
    Adult,
    /// A child.
    Child,
    /// A baby.
    Infant,
    /// An old person.
    Senior,
    /// Everybody on a private boat.
    Boat,
}

/// Where somebody must live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Residence {
    /// Anywhere.
    Anybody,
    /// In Vietnam.
    Local,
    /// Abroad.
    Foreign,
}

/// A kind of tickets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketKind {
    /// Its name in ids, unique in the option.
    pub code: String,
    /// For whom.
    pub age: AgeKind,
    /// Where they must live.
    pub residence: Residence,
    /// From this age on, in years.
    pub minimum_age: u32,
    /// Up to this age, in years; 0: no bound.
    pub maximum_age: u32,
    /// What one costs; may be nothing.
    pub price: Money,
    /// Seats that one takes; 0: on a lap.
    pub seats: u32,
    /// Whether an adult or senior must come, too.
    pub accompanied: bool,
}

/// Another price on some days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceRule {
    /// From this day on; `None`: open.
    pub from_day: Option<String>,
    /// The last day; `None`: open.
    pub to_day: Option<String>,
    /// 1 Monday to 7 Sunday; none: all.
    pub weekdays: Vec<u32>,
    /// Of this option; empty: all.
    pub option_code: String,
    /// Of this kind of tickets; empty: all. An add-on's price changes only where it is named.
    pub ticket_code: String,
    /// What it does.
    pub change: PriceChange,
}

/// What a rule does to a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceChange {
    /// Puts another in its place.
    Instead(Money),
    /// So much more or less, in hundredths of a percent, rounded half up to whole minor units.
    By(i32),
}

/// Something that happens on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItineraryStop {
    /// When, in minutes after the start.
    pub at_minute: u32,
    /// What.
    pub title: LocalizedText,
    /// More of it.
    pub text: LocalizedText,
}

/// Where guests come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MeetingPoint {
    /// In words.
    pub text: LocalizedText,
    /// Degrees north, WGS 84; both zero: unknown.
    pub latitude: f64,
    /// Degrees east, WGS 84.
    pub longitude: f64,
}

/// Something that one can have besides; it takes no seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddOn {
    /// Its name in ids, unique in the tour.
    pub code: String,
    /// Its name for people.
    pub title: LocalizedText,
    /// What one costs.
    pub price: Money,
}

/// Who cancels at least so many hours before the start gets this part back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationTier {
    /// Hours before the start.
    pub hours_before: u32,
    /// The part in hundredths of a percent: 10,000 is all.
    pub refund_basis_points: u32,
}

/// One thing that is bought on a departure: an option's ticket, or an add-on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way<'a> {
    /// A ticket.
    Ticket(&'a TourOption, &'a TicketKind),
    /// Something besides.
    AddOn(&'a AddOn),
}

impl<'a> Way<'a> {
    /// The option's name in ids; of an add-on nothing.
    pub fn option_code(self) -> &'a str {
        match self {
            Self::Ticket(option, _) => &option.code,
            Self::AddOn(_) => "",
        }
    }

    /// The ticket's or the add-on's name in ids.
    pub fn code(self) -> &'a str {
        match self {
            Self::Ticket(_, ticket) => &ticket.code,
            Self::AddOn(add_on) => &add_on.code,
        }
    }

    /// Whether one takes the whole boat.
    pub fn is_boat(self) -> bool {
        matches!(self, Self::Ticket(option, _) if option.kind == OptionKind::Private)
    }
}

impl Tour {
    /// All that can be bought on a departure.
    pub fn ways(&self) -> impl Iterator<Item = Way<'_>> {
        let tickets = self.options.iter().flat_map(|option| {
            option.tickets.iter().map(move |ticket| Way::Ticket(option, ticket))
        });
        tickets.chain(self.add_ons.iter().map(Way::AddOn))
    }
}
