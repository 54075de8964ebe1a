//! What pages read of tours, departures and tickets.

use serde::Deserialize;

use super::views::MoneyView;
use crate::Texts;

/// The fields of [`TourView`] in a query.
pub const TOUR_FIELDS: &str = "durationMinutes cutoffMinutes capacity languages included { text translations { vi en } } \
    excluded { text translations { vi en } } meetingPoint { text translations { vi en } latitude longitude mapUrl geoUri } \
    cancellationPolicy { hoursBefore refundBasisPoints } \
    itinerary { atMinute title text titleTranslations { vi en } textTranslations { vi en } } \
    addOns { code title translations { vi en } price { amount formatted } } \
    options { code kind title translations { vi en } minimumParty maximumParty \
      tickets { code age residence minimumAge maximumAge price { amount formatted } seats accompanied } } \
    priceRules { fromDay toDay weekdays option ticketKind price { amount formatted } changeBasisPoints }";

/// A text in both languages.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Translations {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// A text of a tour.
#[derive(Clone, Debug, Deserialize)]
pub struct TextView {
    /// In the visitor's language.
    pub text: String,
    /// In both.
    pub translations: Translations,
}

/// A tour.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TourView {
    /// How long it takes.
    pub duration_minutes: u32,
    /// When the sale of a departure ends.
    pub cutoff_minutes: u32,
    /// Seats of a departure.
    pub capacity: u32,
    /// Languages of the guide.
    pub languages: Vec<String>,
    /// What is in the price.
    pub included: Vec<TextView>,
    /// What is not.
    pub excluded: Vec<TextView>,
    /// Where guests meet.
    pub meeting_point: Option<MeetingPointView>,
    /// What comes back of a cancelled ticket.
    pub cancellation_policy: Vec<TierView>,
    /// What happens when.
    pub itinerary: Vec<StopView>,
    /// What can be bought besides.
    pub add_ons: Vec<AddOnView>,
    /// Ways to travel.
    pub options: Vec<OptionView>,
    /// What replaces prices on some days.
    pub price_rules: Vec<PriceRuleView>,
}

/// Where guests meet.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingPointView {
    /// In words.
    pub text: String,
    /// In both languages.
    #[serde(default)]
    pub translations: Translations,
    /// Latitude.
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Longitude.
    #[serde(default)]
    pub longitude: Option<f64>,
    /// A page with a map.
    pub map_url: Option<String>,
    /// Opens the phone's own map.
    pub geo_uri: Option<String>,
}

/// A tier of the cancellation policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TierView {
    /// Hours before the start.
    pub hours_before: u32,
    /// What comes back, in hundredths of a per cent.
    pub refund_basis_points: u32,
}

impl TierView {
    /// What comes back, in per cent.
    pub fn percent(&self) -> String {
        percent(self.refund_basis_points)
    }
}

/// Hundredths of a per cent as people write them: `50`, `12.5`.
pub fn percent(basis_points: u32) -> String {
    let text = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What happens at some time.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StopView {
    /// Minutes after the start.
    pub at_minute: u32,
    /// What it is.
    pub title: String,
    /// More of it.
    pub text: String,
    /// In both languages.
    pub title_translations: Translations,
    /// In both languages.
    pub text_translations: Translations,
}

impl StopView {
    /// How long after the start: `+1:30`.
    pub fn after(&self) -> String {
        format!("+{}:{:02}", self.at_minute / 60, self.at_minute % 60)
    }
}

/// An add-on.
#[derive(Clone, Debug, Deserialize)]
pub struct AddOnView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub title: String,
    /// In both languages.
    pub translations: Translations,
    /// Price of one.
    pub price: MoneyView,
}

/// A way to travel.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionView {
    /// Its code.
    pub code: String,
    /// Who shares the boat.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// In both languages.
    pub translations: Translations,
    /// People at least.
    pub minimum_party: Option<u32>,
    /// People at most.
    pub maximum_party: Option<u32>,
    /// What is sold.
    pub tickets: Vec<TicketKindView>,
}

/// A kind of ticket.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketKindView {
    /// Its code.
    pub code: String,
    /// For whom.
    pub age: String,
    /// For whom by residence.
    pub residence: String,
    /// The youngest.
    pub minimum_age: u32,
    /// The oldest.
    pub maximum_age: Option<u32>,
    /// Price.
    pub price: MoneyView,
    /// Seats that one takes.
    pub seats: u32,
    /// Only with an adult.
    pub accompanied: bool,
}

impl TicketKindView {
    /// For whom it is, in words: `Trẻ em (4–11 tuổi)`.
    pub fn label(&self, texts: Texts) -> String {
        let mut label = ticket_label(&self.age, &self.residence, texts);
        let ages = match (self.minimum_age, self.maximum_age) {
            (0, None) => return label,
            (0, Some(oldest)) => texts.fill("tour.age_up_to", oldest),
            (youngest, None) => texts.fill("tour.age_from", youngest),
            (youngest, Some(oldest)) => texts.fill("tour.ages", format!("{youngest}–{oldest}")),
        };
        label.push_str(&format!(" ({ages})"));
        label
    }
}

/// For whom a ticket is, in words.
pub fn ticket_label(age: &str, residence: &str, texts: Texts) -> String {
    let mut label = texts.of_kind("age", age).to_owned();
    if residence == "LOCAL" || residence == "FOREIGN" {
        label.push_str(", ");
        label.push_str(texts.of_kind("residence", residence));
    }
    label
}

/// What replaces prices on some days.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceRuleView {
    /// The first day.
    pub from_day: Option<String>,
    /// The last day.
    pub to_day: Option<String>,
    /// Days of the week.
    pub weekdays: Vec<u32>,
    /// Of which option.
    pub option: Option<String>,
    /// Of which ticket kind.
    pub ticket_kind: Option<String>,
    /// The price.
    pub price: Option<MoneyView>,
    /// So much more or less.
    pub change_basis_points: i32,
}

/// The fields of [`DepartureView`] in a query.
pub const DEPARTURE_FIELDS: &str =
    "id localStart status forSale availableSeats priceFrom { amount formatted } cancelledBecause";

/// A departure, and of what product it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WithProduct {
    /// The product.
    pub product_id: String,
    /// The departure.
    #[serde(flatten)]
    pub departure: DepartureView,
}

/// A product's name.
#[derive(Deserialize)]
pub struct Titled {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
}

/// A departure.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DepartureView {
    /// Its id.
    pub id: String,
    /// When it starts, in Vietnam.
    pub local_start: String,
    /// Where it stands.
    pub status: String,
    /// Whether it can be bought.
    pub for_sale: bool,
    /// Free seats.
    pub available_seats: u32,
    /// The least that it costs.
    #[serde(default)]
    pub price_from: Option<MoneyView>,
    /// Why it was cancelled.
    #[serde(default)]
    pub cancelled_because: Option<String>,
    /// What can be bought.
    #[serde(default)]
    pub tickets: Vec<DepartureTicketView>,
}

impl DepartureView {
    /// The time of day: `05:30`.
    pub fn time(&self) -> &str {
        self.local_start.get(11..16).unwrap_or_default()
    }

    /// The day: `2026-12-01`.
    pub fn day(&self) -> &str {
        self.local_start.get(..10).unwrap_or_default()
    }

    /// The day as people write it.
    pub fn day_told(&self) -> String {
        crate::days::told(self.day())
    }
}

/// What can be bought of a departure.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DepartureTicketView {
    /// What carts take.
    pub variant_id: String,
    /// Price of one.
    pub price: MoneyView,
    /// How many could be bought.
    pub available: u32,
    /// What it is.
    pub ticket: OfferView,
}

/// What a ticket is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    /// Code of the option.
    #[serde(default)]
    pub option: Option<String>,
    /// Name of the option.
    #[serde(default)]
    pub option_title: Option<String>,
    /// Code of the ticket kind or the add-on.
    #[serde(default)]
    pub ticket_kind: String,
    /// For whom.
    #[serde(default)]
    pub age: Option<String>,
    /// For whom by residence.
    #[serde(default)]
    pub residence: String,
    /// When it starts.
    #[serde(default)]
    pub starts_at: String,
    /// The departure.
    #[serde(default)]
    pub departure_id: String,
    /// People that one lets on board.
    #[serde(default)]
    pub admits: u32,
    /// Where guests meet.
    #[serde(default)]
    pub meeting_point: Option<MeetingPointView>,
}

impl OfferView {
    /// For whom it is, in words; nothing for an add-on.
    pub fn label(&self, texts: &Texts) -> String {
        self.age
            .as_deref()
            .map(|age| ticket_label(age, &self.residence, *texts))
            .unwrap_or_default()
    }
}

/// The fields of [`TicketView`] in a query.
pub const TICKET_FIELDS: &str = "id number orderNumber title status code guestName contactName contactPhone redeemedAt \
    price { amount formatted } shop { name slug } \
    offer { departureId startsAt option optionTitle ticketKind age residence admits meetingPoint { text mapUrl geoUri } }";

/// A ticket.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketView {
    /// Its id.
    pub id: String,
    /// Its number in the order.
    pub number: u32,
    /// The order.
    pub order_number: String,
    /// Name of the tour.
    pub title: String,
    /// Where it stands.
    pub status: String,
    /// What the QR says.
    pub code: String,
    /// The QR.
    #[serde(default)]
    pub qr_svg: String,
    /// Whose it is.
    pub guest_name: Option<String>,
    /// Who bought it.
    pub contact_name: String,
    /// Their telephone.
    pub contact_phone: Option<String>,
    /// When its guest came on board.
    pub redeemed_at: Option<String>,
    /// What was paid.
    pub price: MoneyView,
    /// Who runs the tour.
    pub shop: super::views::ShopLink,
    /// What was bought.
    pub offer: OfferView,
}

impl TicketView {
    /// Whose it is: the guest, else who bought it.
    pub fn name(&self) -> &str {
        self.guest_name.as_deref().unwrap_or(&self.contact_name)
    }
}

/// A duration as people say it: `4 giờ 30 phút`.
pub fn duration(minutes: u32, texts: &Texts) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    let mut parts = Vec::with_capacity(2);
    if hours > 0 {
        parts.push(texts.fill("tour.hours", hours));
    }
    if rest > 0 || hours == 0 {
        parts.push(texts.fill("tour.minutes", rest));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use kernel::Locale;

    use super::*;

    #[test]
    fn parts_of_a_hundred_and_durations_read_as_people_say_them() {
        assert_eq!([percent(10_000), percent(1_250), percent(5)], ["100", "12.5", "0.05"]);
        let texts = Texts::of(Locale::Vi);
        assert_eq!(duration(270, &texts), "4 giờ 30 phút");
        assert_eq!(duration(240, &texts), "4 giờ");
        assert_eq!(duration(45, &texts), "45 phút");
    }

    #[test]
    fn a_ticket_kind_says_for_whom_it_is() {
        let kind = |minimum_age, maximum_age, residence: &str| TicketKindView {
            code: "child".to_owned(),
            age: "CHILD".to_owned(),
            residence: residence.to_owned(),
            minimum_age,
            maximum_age,
            price: MoneyView::default(),
            seats: 1,
            accompanied: true,
        };
        let texts = Texts::of(Locale::En);
        assert_eq!(kind(4, Some(11), "ANYBODY").label(texts), "Child (4–11 years)");
        assert_eq!(kind(0, None, "FOREIGN").label(texts), "Child, visitor from abroad");
    }
}
