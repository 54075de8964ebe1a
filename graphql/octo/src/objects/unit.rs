//! Units: the kinds of tickets of an option.

use proto::tours::{AgeKind, OptionKind, Residence, TicketKind, TourOption};
use serde::Serialize;

use super::content::Feature;
use super::pricing::Pricing;
use crate::asking::Language;
use crate::failure::Failure;
use crate::messages;

/// Nobody is older: OCTO wants a number where there is no bound.
const OLDEST: u32 = 120;

/// A kind of ticket.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    id: String,
    internal_name: String,
    reference: Option<String>,
    r#type: &'static str,
    restrictions: UnitRestrictions,
    required_contact_fields: [&'static str; 0],
    #[serde(flatten)]
    pricing: Option<UnitPrices>,
    #[serde(flatten)]
    content: Option<UnitContent>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnitRestrictions {
    min_age: u32,
    max_age: u32,
    id_required: bool,
    min_quantity: Option<u32>,
    max_quantity: Option<u32>,
    pax_count: u32,
    accompanied_by: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnitPrices {
    pricing_from: [Pricing; 1],
    pricing: [Pricing; 1],
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnitContent {
    title: String,
    short_description: String,
    features: Vec<Feature>,
}

impl Unit {
    /// A kind of ticket of an option; `seats` are those of a whole boat.
    pub fn of(
        ticket: &TicketKind,
        option: &TourOption,
        seats: u32,
        language: Language,
    ) -> Result<Self, Failure> {
        let (age, residence) = (ticket.age(), ticket.residence());
        let capabilities = language.capabilities;
        let pricing = if capabilities.pricing {
            let price = Pricing::of(ticket.price.as_ref())?;
            Some(UnitPrices { pricing_from: [price.clone()], pricing: [price] })
        } else {
            None
        };
        let content = capabilities.content.then(|| UnitContent {
            title: messages::ticket_kind(age, residence, language.locale),
            short_description: messages::ages(
                ticket.minimum_age,
                ticket.maximum_age,
                language.locale,
            ),
            features: Vec::new(),
        });
        Ok(Self {
            id: ticket.code.clone(),
            internal_name: messages::ticket_kind(age, residence, kernel::Locale::Vi),
            reference: None,
            r#type: type_of(age),
            restrictions: restrictions(ticket, option, seats),
            required_contact_fields: [],
            pricing,
            content,
        })
    }
}

/// OCTO's word for an age; it has none for a whole boat.
const fn type_of(age: AgeKind) -> &'static str {
    match age {
        AgeKind::Adult => "ADULT",
        AgeKind::Child => "CHILD",
        AgeKind::Infant => "INFANT",
        AgeKind::Senior => "SENIOR",
        AgeKind::Boat | AgeKind::Unspecified => "OTHER",
    }
}

fn restrictions(ticket: &TicketKind, option: &TourOption, seats: u32) -> UnitRestrictions {
    let boat = option.kind() == OptionKind::Private;
    let grown_up = |other: &&TicketKind| matches!(other.age(), AgeKind::Adult | AgeKind::Senior);
    let with = option.tickets.iter().filter(grown_up).map(|other| other.code.clone());
    let party = (option.maximum_party > 0).then_some(option.maximum_party);
    UnitRestrictions {
        min_age: ticket.minimum_age,
        max_age: if ticket.maximum_age == 0 { OLDEST } else { ticket.maximum_age },
        id_required: ticket.residence() != Residence::Anybody,
        min_quantity: None,
        max_quantity: if boat { Some(1) } else { party },
        pax_count: if boat { party.unwrap_or(seats).max(1) } else { 1 },
        accompanied_by: if ticket.accompanied { with.collect() } else { Vec::new() },
    }
}
