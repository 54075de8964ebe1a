//! A tour, as it is sent.

use async_graphql::InputObject;
use kernel::Locale;
use proto::common::LocalizedText as ProtoText;
use proto::tours as contract;

use super::money::MoneyInput;
use super::text::LocalizedTextInput;
use super::tour_enums::{AgeKind, OptionKind, Residence};
use super::user_error::UserError;

/// What a product of kind `TOUR` is besides a product, as a whole: what is left out is gone.
#[derive(Clone, Debug, InputObject)]
pub struct TourInput {
    /// Ways to travel, one at least.
    options: Vec<TourOptionInput>,
    /// What happens when.
    itinerary: Option<Vec<ItineraryStopInput>>,
    /// Where guests meet.
    meeting_point: Option<MeetingPointInput>,
    /// Languages of the guide (BCP 47): `vi`, `en`.
    languages: Option<Vec<String>>,
    /// What is in the price.
    included: Option<Vec<LocalizedTextInput>>,
    /// What is not in the price.
    excluded: Option<Vec<LocalizedTextInput>>,
    /// What can be bought besides the tickets.
    add_ons: Option<Vec<AddOnInput>>,
    /// What comes back of a cancelled ticket, by the time before the start.
    cancellation_policy: Option<Vec<CancellationTierInput>>,
    /// How long it takes.
    duration_minutes: u32,
    /// Until how long before the start seats are sold.
    #[graphql(default)]
    cutoff_minutes: u32,
    /// Seats of a departure.
    capacity: u32,
    /// What replaces prices on some days: the first that fits wins.
    price_rules: Option<Vec<PriceRuleInput>>,
}

/// A way to travel.
#[derive(Clone, Debug, InputObject)]
pub struct TourOptionInput {
    /// Its code, unique in the tour: `join-in`.
    code: String,
    /// Who shares the boat.
    kind: OptionKind,
    /// Its name.
    title: LocalizedTextInput,
    /// People of one purchase at least; 0 for no bound.
    #[graphql(default)]
    minimum_party: u32,
    /// People of one purchase at most; 0 for no bound.
    #[graphql(default)]
    maximum_party: u32,
    /// What is sold: one at least.
    tickets: Vec<TicketKindInput>,
}

/// A kind of ticket of an option.
#[derive(Clone, Debug, InputObject)]
pub struct TicketKindInput {
    /// Its code, unique in the option: `adult`.
    code: String,
    /// For whom.
    age: AgeKind,
    /// For whom by residence.
    #[graphql(default_with = "Residence::Anybody")]
    residence: Residence,
    /// The youngest, in years.
    #[graphql(default)]
    minimum_age: u32,
    /// The oldest, in years; 0 for no bound.
    #[graphql(default)]
    maximum_age: u32,
    /// Its price; may be zero.
    price: MoneyInput,
    /// Seats that one takes; 0 for who sits on a lap.
    #[graphql(default = 1)]
    seats: u32,
    /// Whether it is sold only together with an adult or a senior.
    #[graphql(default)]
    accompanied: bool,
}

/// What happens at some time of a tour.
#[derive(Clone, Debug, InputObject)]
pub struct ItineraryStopInput {
    /// Minutes after the start.
    at_minute: u32,
    /// What it is.
    title: LocalizedTextInput,
    /// More of it.
    text: Option<LocalizedTextInput>,
}

/// Where guests meet.
#[derive(Clone, Debug, InputObject)]
pub struct MeetingPointInput {
    /// Where it is, in words.
    text: LocalizedTextInput,
    /// Degrees of latitude (WGS 84), if known.
    latitude: Option<f64>,
    /// Degrees of longitude (WGS 84), if known.
    longitude: Option<f64>,
}

/// What can be bought besides the tickets.
#[derive(Clone, Debug, InputObject)]
pub struct AddOnInput {
    /// Its code, unique in the tour: `lunch`.
    code: String,
    /// Its name.
    title: LocalizedTextInput,
    /// Price of one.
    price: MoneyInput,
}

/// Whoever cancels at least so long before the start gets this part back.
#[derive(Clone, Debug, InputObject)]
pub struct CancellationTierInput {
    /// Hours before the start.
    hours_before: u32,
    /// The part that comes back, in hundredths of a per cent: 10000 is all.
    refund_basis_points: u32,
}

/// Replaces a price on some days, in Vietnam's calendar.
#[derive(Clone, Debug, InputObject)]
pub struct PriceRuleInput {
    /// The first day: `2026-12-20`.
    from_day: Option<String>,
    /// The last day.
    to_day: Option<String>,
    /// Days of the week, 1 Monday to 7 Sunday; empty: all.
    weekdays: Option<Vec<u32>>,
    /// Of which option; nothing: of all.
    option: Option<String>,
    /// Of which ticket kind; nothing: of all.
    ticket_kind: Option<String>,
    /// The price; or else `changeBasisPoints`.
    price: Option<MoneyInput>,
    /// So much more or less, in hundredths of a per cent of the ticket's own price.
    #[graphql(default)]
    change_basis_points: i32,
}

impl TourInput {
    /// The tour for catalog; what is no amount is refused at its path below `path`.
    pub fn read(
        self,
        product_id: String,
        shop_id: String,
        path: &str,
        locale: Locale,
    ) -> Result<contract::Tour, Vec<UserError>> {
        let options = self.options.into_iter().enumerate();
        let options = options.map(|(index, one)| one.read(path, &index.to_string(), locale));
        let add_ons = self.add_ons.unwrap_or_default().into_iter().enumerate();
        let add_ons = add_ons.map(|(index, one)| one.read(path, &index.to_string(), locale));
        let rules = self.price_rules.unwrap_or_default().into_iter().enumerate();
        let rules = rules.map(|(index, one)| one.read(path, &index.to_string(), locale));
        let tiers = self.cancellation_policy.unwrap_or_default().into_iter();
        let tiers = tiers.map(|tier| contract::CancellationTier {
            hours_before: tier.hours_before,
            refund_basis_points: tier.refund_basis_points,
        });
        let stops = self.itinerary.unwrap_or_default().into_iter();
        let stops = stops.map(|stop| contract::ItineraryStop {
            at_minute: stop.at_minute,
            title: Some(stop.title.into()),
            text: stop.text.map(Into::into),
        });
        Ok(contract::Tour {
            product_id,
            shop_id,
            options: options.collect::<Result<_, _>>()?,
            itinerary: stops.collect(),
            meeting_point: self.meeting_point.map(|point| contract::MeetingPoint {
                text: Some(point.text.into()),
                latitude: point.latitude.unwrap_or_default(),
                longitude: point.longitude.unwrap_or_default(),
            }),
            languages: self.languages.unwrap_or_default(),
            included: texts(self.included),
            excluded: texts(self.excluded),
            add_ons: add_ons.collect::<Result<_, _>>()?,
            cancellation: tiers.collect(),
            duration_minutes: self.duration_minutes,
            cutoff_minutes: self.cutoff_minutes,
            capacity: self.capacity,
            price_rules: rules.collect::<Result<_, _>>()?,
            // Only told, never put.
            start_times: Vec::new(),
        })
    }
}

impl TourOptionInput {
    fn read(
        self,
        path: &str,
        index: &str,
        locale: Locale,
    ) -> Result<contract::TourOption, Vec<UserError>> {
        let mut tickets = Vec::with_capacity(self.tickets.len());
        for (number, ticket) in self.tickets.into_iter().enumerate() {
            let number = number.to_string();
            let at = [path, "options", index, "tickets", number.as_str(), "price", "amount"];
            tickets.push(contract::TicketKind {
                code: ticket.code,
                age: ticket.age.number(),
                residence: ticket.residence.number(),
                minimum_age: ticket.minimum_age,
                maximum_age: ticket.maximum_age,
                price: Some(ticket.price.read(&at, locale)?),
                seats: ticket.seats,
                accompanied: ticket.accompanied,
            });
        }
        Ok(contract::TourOption {
            code: self.code,
            kind: self.kind.number(),
            title: Some(self.title.into()),
            minimum_party: self.minimum_party,
            maximum_party: self.maximum_party,
            tickets,
        })
    }
}

impl AddOnInput {
    fn read(
        self,
        path: &str,
        index: &str,
        locale: Locale,
    ) -> Result<contract::AddOn, Vec<UserError>> {
        let price = self.price.read(&[path, "addOns", index, "price", "amount"], locale)?;
        Ok(contract::AddOn { code: self.code, title: Some(self.title.into()), price: Some(price) })
    }
}

impl PriceRuleInput {
    fn read(
        self,
        path: &str,
        index: &str,
        locale: Locale,
    ) -> Result<contract::PriceRule, Vec<UserError>> {
        let at = [path, "priceRules", index, "price", "amount"];
        Ok(contract::PriceRule {
            from_day: self.from_day.unwrap_or_default(),
            to_day: self.to_day.unwrap_or_default(),
            weekdays: self.weekdays.unwrap_or_default(),
            option_code: self.option.unwrap_or_default(),
            ticket_code: self.ticket_kind.unwrap_or_default(),
            price: self.price.map(|price| price.read(&at, locale)).transpose()?,
            change_basis_points: self.change_basis_points,
        })
    }
}

fn texts(texts: Option<Vec<LocalizedTextInput>>) -> Vec<ProtoText> {
    texts.unwrap_or_default().into_iter().map(Into::into).collect()
}
