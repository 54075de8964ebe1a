//! Tours: what a product of kind `TOUR` is besides a product.

use std::sync::Arc;

use async_graphql::{Error, ID, Object, SimpleObject};
use kernel::Locale;

use super::money::Money;
use super::text::{LocalizedText, given, localized};
use super::tour_enums::{AgeKind, OptionKind, Residence};
use crate::scope::Scope;

/// A tour.
pub struct Tour {
    tour: Arc<proto::tours::Tour>,
    locale: Locale,
}

impl Tour {
    /// A tour of catalog, in a language. Made only for who may see its product.
    pub const fn of(tour: Arc<proto::tours::Tour>, locale: Locale) -> Self {
        Self { tour, locale }
    }

    /// The tour of a product; nothing where nobody has described it yet.
    pub async fn find(scope: &Scope, product_id: &str) -> Result<Option<Self>, Error> {
        let tour = scope.loaders.tours.get(product_id).await;
        let tour = tour.map_err(|status| scope.failed(&status))?;
        Ok(tour.map(|tour| Self::of(tour, scope.locale)))
    }

    /// The least that one guest, or one boat, costs; free tickets do not count.
    pub fn price_from(&self) -> Option<Money> {
        let tickets = self.tour.options.iter().flat_map(|option| &option.tickets);
        let prices = tickets.filter_map(|ticket| ticket.price.as_ref());
        let least = prices.filter(|price| price.minor > 0).min_by_key(|price| price.minor);
        least.map(|price| Money::of(Some(price), self.locale))
    }
}

/// What a product of kind `TOUR` is besides a product.
#[Object]
impl Tour {
    /// The product that it belongs to.
    async fn product_id(&self) -> ID {
        ID(self.tour.product_id.clone())
    }

    /// Ways to travel: among others, or with a boat of one's own.
    async fn options(&self) -> Vec<TourOption<'_>> {
        let options = self.tour.options.iter();
        options.map(|option| TourOption { option, locale: self.locale }).collect()
    }

    /// What happens when.
    async fn itinerary(&self) -> Vec<ItineraryStop> {
        let stops = self.tour.itinerary.iter();
        stops.map(|stop| ItineraryStop::of(stop, self.locale)).collect()
    }

    /// Where guests meet; nothing where it was not said.
    async fn meeting_point(&self) -> Option<MeetingPoint> {
        self.tour.meeting_point.as_ref().map(|point| MeetingPoint::of(point, self.locale))
    }

    /// Languages of the guide (BCP 47): `vi`, `en`.
    async fn languages(&self) -> &[String] {
        &self.tour.languages
    }

    /// What is in the price.
    async fn included(&self) -> Vec<TourText> {
        self.tour.included.iter().map(|text| TourText::of(text, self.locale)).collect()
    }

    /// What is not in the price.
    async fn excluded(&self) -> Vec<TourText> {
        self.tour.excluded.iter().map(|text| TourText::of(text, self.locale)).collect()
    }

    /// What can be bought besides the tickets.
    async fn add_ons(&self) -> Vec<AddOn<'_>> {
        self.tour.add_ons.iter().map(|add_on| AddOn { add_on, locale: self.locale }).collect()
    }

    /// What comes back of a cancelled ticket, by the time before the start, the most first. Empty:
    /// nothing comes back.
    async fn cancellation_policy(&self) -> Vec<CancellationTier> {
        self.tour.cancellation.iter().map(CancellationTier::of).collect()
    }

    /// How long it takes.
    async fn duration_minutes(&self) -> u32 {
        self.tour.duration_minutes
    }

    /// Until how long before the start seats are sold, where a departure says nothing.
    async fn cutoff_minutes(&self) -> u32 {
        self.tour.cutoff_minutes
    }

    /// Seats of a departure, where it says nothing.
    async fn capacity(&self) -> u32 {
        self.tour.capacity
    }

    /// What replaces prices on some days: the first that fits wins.
    async fn price_rules(&self) -> Vec<PriceRule<'_>> {
        self.tour.price_rules.iter().map(|rule| PriceRule { rule, locale: self.locale }).collect()
    }
}

/// A text of a tour.
#[derive(SimpleObject)]
pub struct TourText {
    /// In the request's language.
    text: String,
    /// In every language, for who edits it.
    translations: LocalizedText,
}

impl TourText {
    fn of(text: &proto::common::LocalizedText, locale: Locale) -> Self {
        Self {
            text: localized(Some(text), locale).to_owned(),
            translations: LocalizedText::of(Some(text)),
        }
    }
}

/// A way to travel.
pub struct TourOption<'a> {
    option: &'a proto::tours::TourOption,
    locale: Locale,
}

/// A way to travel.
#[Object]
impl TourOption<'_> {
    /// Its code, unique in the tour: `join-in`.
    async fn code(&self) -> &str {
        &self.option.code
    }

    /// Who shares the boat.
    async fn kind(&self) -> Result<OptionKind, Error> {
        OptionKind::of(self.option.kind)
    }

    /// Its name.
    async fn title(&self) -> &str {
        localized(self.option.title.as_ref(), self.locale)
    }

    /// Its name in every language, for who edits it.
    async fn translations(&self) -> LocalizedText {
        LocalizedText::of(self.option.title.as_ref())
    }

    /// People of one purchase at least; nothing where there is no bound.
    async fn minimum_party(&self) -> Option<u32> {
        bound(self.option.minimum_party)
    }

    /// People of one purchase at most; nothing where there is no bound.
    async fn maximum_party(&self) -> Option<u32> {
        bound(self.option.maximum_party)
    }

    /// What is sold: one at least.
    async fn tickets(&self) -> Vec<TicketKind<'_>> {
        let tickets = self.option.tickets.iter();
        tickets.map(|ticket| TicketKind { ticket, locale: self.locale }).collect()
    }
}

/// A kind of ticket of an option.
pub struct TicketKind<'a> {
    ticket: &'a proto::tours::TicketKind,
    locale: Locale,
}

/// A kind of ticket of an option.
#[Object]
impl TicketKind<'_> {
    /// Its code, unique in the option: `adult`.
    async fn code(&self) -> &str {
        &self.ticket.code
    }

    /// For whom.
    async fn age(&self) -> Result<AgeKind, Error> {
        AgeKind::of(self.ticket.age)
    }

    /// For whom by residence.
    async fn residence(&self) -> Result<Residence, Error> {
        Residence::of(self.ticket.residence)
    }

    /// The youngest, in years.
    async fn minimum_age(&self) -> u32 {
        self.ticket.minimum_age
    }

    /// The oldest, in years; nothing where there is no bound.
    async fn maximum_age(&self) -> Option<u32> {
        bound(self.ticket.maximum_age)
    }

    /// Its price, where no rule replaces it; may be zero.
    async fn price(&self) -> Money {
        Money::of(self.ticket.price.as_ref(), self.locale)
    }

    /// Seats that one takes; 0 for who sits on a lap.
    async fn seats(&self) -> u32 {
        self.ticket.seats
    }

    /// Whether it is sold only together with an adult or a senior.
    async fn accompanied(&self) -> bool {
        self.ticket.accompanied
    }
}

/// What happens at some time of a tour.
#[derive(SimpleObject)]
pub struct ItineraryStop {
    /// Minutes after the start.
    at_minute: u32,
    /// What it is.
    title: String,
    /// More of it; may be empty.
    text: String,
    /// What it is in every language, for who edits it.
    title_translations: LocalizedText,
    /// More of it in every language, for who edits it.
    text_translations: LocalizedText,
}

impl ItineraryStop {
    fn of(stop: &proto::tours::ItineraryStop, locale: Locale) -> Self {
        Self {
            at_minute: stop.at_minute,
            title: localized(stop.title.as_ref(), locale).to_owned(),
            text: localized(stop.text.as_ref(), locale).to_owned(),
            title_translations: LocalizedText::of(stop.title.as_ref()),
            text_translations: LocalizedText::of(stop.text.as_ref()),
        }
    }
}

/// Where guests meet.
#[derive(SimpleObject)]
pub struct MeetingPoint {
    /// Where it is, in words.
    text: String,
    /// In every language, for who edits it.
    translations: LocalizedText,
    /// Degrees of latitude (WGS 84), if known.
    latitude: Option<f64>,
    /// Degrees of longitude (WGS 84), if known.
    longitude: Option<f64>,
    /// A page with a map of it (OpenStreetMap), where its place is known.
    map_url: Option<String>,
    /// Opens the phone's own map (RFC 5870), where its place is known.
    geo_uri: Option<String>,
}

impl MeetingPoint {
    /// A meeting point of catalog, in a language.
    pub fn of(point: &proto::tours::MeetingPoint, locale: Locale) -> Self {
        let (latitude, longitude) = (point.latitude, point.longitude);
        // Both zero: unknown, as the contract says.
        let known = latitude != 0.0 || longitude != 0.0;
        let map = || {
            format!(
                "https://www.openstreetmap.org/?mlat={latitude:.6}&mlon={longitude:.6}#map=17/{latitude:.6}/{longitude:.6}"
            )
        };
        Self {
            text: localized(point.text.as_ref(), locale).to_owned(),
            translations: LocalizedText::of(point.text.as_ref()),
            latitude: known.then_some(latitude),
            longitude: known.then_some(longitude),
            map_url: known.then(map),
            geo_uri: known.then(|| format!("geo:{latitude:.6},{longitude:.6}")),
        }
    }
}

/// What can be bought besides the tickets.
pub struct AddOn<'a> {
    add_on: &'a proto::tours::AddOn,
    locale: Locale,
}

/// What can be bought besides the tickets.
#[Object]
impl AddOn<'_> {
    /// Its code, unique in the tour: `lunch`.
    async fn code(&self) -> &str {
        &self.add_on.code
    }

    /// Its name.
    async fn title(&self) -> &str {
        localized(self.add_on.title.as_ref(), self.locale)
    }

    /// Its name in every language, for who edits it.
    async fn translations(&self) -> LocalizedText {
        LocalizedText::of(self.add_on.title.as_ref())
    }

    /// Price of one.
    async fn price(&self) -> Money {
        Money::of(self.add_on.price.as_ref(), self.locale)
    }
}

/// Whoever cancels at least so long before the start gets this part back.
#[derive(Clone, Debug, SimpleObject)]
pub struct CancellationTier {
    /// Hours before the start.
    hours_before: u32,
    /// The part that comes back, in hundredths of a per cent: 10000 is all.
    refund_basis_points: u32,
}

impl CancellationTier {
    /// A tier of catalog.
    pub const fn of(tier: &proto::tours::CancellationTier) -> Self {
        Self { hours_before: tier.hours_before, refund_basis_points: tier.refund_basis_points }
    }
}

/// Replaces a price on some days, in Vietnam's calendar.
pub struct PriceRule<'a> {
    rule: &'a proto::tours::PriceRule,
    locale: Locale,
}

/// Replaces a price on some days, in Vietnam's calendar.
#[Object]
impl PriceRule<'_> {
    /// The first day; nothing where it has always been so.
    async fn from_day(&self) -> Option<&str> {
        given(&self.rule.from_day)
    }

    /// The last day; nothing where it does not end.
    async fn to_day(&self) -> Option<&str> {
        given(&self.rule.to_day)
    }

    /// Days of the week, 1 Monday to 7 Sunday; empty: all.
    async fn weekdays(&self) -> &[u32] {
        &self.rule.weekdays
    }

    /// Of which option; nothing: of all.
    async fn option(&self) -> Option<&str> {
        given(&self.rule.option_code)
    }

    /// Of which ticket kind; nothing: of all.
    async fn ticket_kind(&self) -> Option<&str> {
        given(&self.rule.ticket_code)
    }

    /// The price, if it is one price.
    async fn price(&self) -> Option<Money> {
        self.rule.price.as_ref().map(|price| Money::of(Some(price), self.locale))
    }

    /// Else so much more or less, in hundredths of a per cent of the ticket's own price.
    async fn change_basis_points(&self) -> i32 {
        self.rule.change_basis_points
    }
}

/// A bound; 0 means none.
fn bound(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_point_links_to_a_map_only_where_its_place_is_known() {
        let point = |latitude, longitude| {
            MeetingPoint::of(
                &proto::tours::MeetingPoint { text: None, latitude, longitude },
                Locale::Vi,
            )
        };
        let pier = point(10.032_5, 105.788_1);
        assert_eq!(pier.geo_uri.as_deref(), Some("geo:10.032500,105.788100"));
        assert!(pier.map_url.unwrap().ends_with("#map=17/10.032500/105.788100"));
        let unknown = point(0.0, 0.0);
        assert!(unknown.map_url.is_none() && unknown.latitude.is_none());
    }
}
