//! Products and their options.

use proto::tours::{CancellationTier, OptionKind, TourOption};
use serde::Serialize;

use super::content::{self, Content};
use super::unit::Unit;
use crate::asking::Language;
use crate::failure::Failure;
use crate::local_time::TIME_ZONE;
use crate::messages;
use crate::reading::Listing;

/// OCTO wants a time where no departure is known.
const NO_START_TIME: &str = "00:00";
/// Departures are planned three years ahead at most: so many days before one, nobody can cancel it.
/// It is how OCTO's fields say that nothing comes back.
const NEVER_DAYS: u32 = 1_100;

/// A tour.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    id: String,
    internal_name: String,
    reference: Option<String>,
    locale: &'static str,
    time_zone: &'static str,
    allow_freesale: bool,
    instant_confirmation: bool,
    instant_delivery: bool,
    availability_required: bool,
    availability_type: &'static str,
    delivery_formats: [&'static str; 1],
    delivery_methods: [&'static str; 1],
    redemption_method: &'static str,
    options: Vec<ProductOption>,
    #[serde(flatten)]
    pricing: Option<ProductPricing>,
    #[serde(flatten)]
    content: Option<Content>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductPricing {
    default_currency: &'static str,
    available_currencies: [&'static str; 1],
    pricing_per: &'static str,
}

/// One way to make a tour: among others, or with the boat to oneself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductOption {
    id: String,
    default: bool,
    internal_name: String,
    reference: Option<String>,
    availability_local_start_times: Vec<String>,
    cancellation_cutoff: String,
    cancellation_cutoff_amount: u32,
    cancellation_cutoff_unit: &'static str,
    required_contact_fields: [&'static str; 1],
    restrictions: OptionRestrictions,
    units: Vec<Unit>,
    #[serde(flatten)]
    content: Option<Content>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct OptionRestrictions {
    min_units: Option<u32>,
    max_units: Option<u32>,
}

/// The currency of all prices of tours.
pub const CURRENCY: &str = "VND";

impl Product {
    /// A tour of a shop.
    pub fn of(listing: &Listing, language: Language, public_url: &str) -> Result<Self, Failure> {
        let options = listing.tour.options.iter();
        let options = options
            .map(|option| ProductOption::of(listing, option, language))
            .collect::<Result<_, _>>()?;
        let capabilities = language.capabilities;
        let title = listing.product.title.clone().map(kernel::LocalizedText::from);
        Ok(Self {
            id: listing.product.id.clone(),
            internal_name: title.unwrap_or_default().vi,
            reference: Some(listing.product.slug.clone()),
            locale: kernel::Locale::Vi.tag(),
            time_zone: TIME_ZONE,
            allow_freesale: false,
            instant_confirmation: true,
            instant_delivery: true,
            availability_required: true,
            availability_type: "START_TIME",
            delivery_formats: ["QRCODE"],
            delivery_methods: ["TICKET"],
            redemption_method: "DIGITAL",
            options,
            pricing: capabilities.pricing.then_some(ProductPricing {
                default_currency: CURRENCY,
                available_currencies: [CURRENCY],
                pricing_per: "UNIT",
            }),
            content: capabilities
                .content
                .then(|| content::of_product(listing, language, public_url)),
        })
    }
}

impl ProductOption {
    /// An option of a tour.
    pub fn of(listing: &Listing, option: &TourOption, language: Language) -> Result<Self, Failure> {
        let tour = &listing.tour;
        let units = option.tickets.iter();
        let units = units
            .map(|ticket| Unit::of(ticket, option, tour.capacity, language))
            .collect::<Result<_, _>>()?;
        let (amount, unit) = cutoff(&tour.cancellation);
        let mut start_times = tour.start_times.clone();
        if start_times.is_empty() {
            start_times.push(NO_START_TIME.to_owned());
        }
        let title = option.title.clone().map(kernel::LocalizedText::from).unwrap_or_default();
        Ok(Self {
            id: option.code.clone(),
            default: tour.options.first().is_some_and(|first| first.code == option.code),
            internal_name: title.vi,
            reference: None,
            availability_local_start_times: start_times,
            cancellation_cutoff: messages::cancellation(&tour.cancellation, language.locale),
            cancellation_cutoff_amount: amount,
            cancellation_cutoff_unit: unit,
            required_contact_fields: ["firstName"],
            restrictions: restrictions(option),
            units,
            content: language
                .capabilities
                .content
                .then(|| content::of_option(listing, option, language)),
        })
    }
}

/// Until when most comes back: of the tiers with the largest refund, the latest.
fn cutoff(tiers: &[CancellationTier]) -> (u32, &'static str) {
    let most = tiers.iter().map(|tier| tier.refund_basis_points).max().unwrap_or(0);
    if most == 0 {
        return (NEVER_DAYS, "day");
    }
    let latest = tiers.iter().filter(|tier| tier.refund_basis_points == most);
    (latest.map(|tier| tier.hours_before).min().unwrap_or(0), "hour")
}

fn restrictions(option: &TourOption) -> OptionRestrictions {
    if option.kind() == OptionKind::Private {
        return OptionRestrictions { min_units: Some(1), max_units: Some(1) };
    }
    let bound = |number: u32| (number > 0).then_some(number);
    OptionRestrictions {
        min_units: bound(option.minimum_party),
        max_units: bound(option.maximum_party),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cutoff_is_the_last_hour_at_which_most_comes_back() {
        let tier = |hours_before, refund_basis_points| CancellationTier {
            hours_before,
            refund_basis_points,
        };
        assert_eq!(cutoff(&[tier(72, 10_000), tier(24, 5_000)]), (72, "hour"));
        assert_eq!(cutoff(&[tier(72, 5_000), tier(24, 5_000)]), (24, "hour"));
        assert_eq!(cutoff(&[tier(24, 0)]), (NEVER_DAYS, "day"));
        assert_eq!(cutoff(&[]), (NEVER_DAYS, "day"));
    }
}
