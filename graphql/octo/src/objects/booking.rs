//! Bookings and the tickets in them.

use std::collections::HashMap;

use kernel::Timestamp;
use proto::bookings::{self, BookingStatus, TicketStatus};
use proto::tours::Departure;
use serde::Serialize;

use super::availability::Availability;
use super::contact::Contact;
use super::pricing::Pricing;
use super::product::{Product, ProductOption};
use super::unit::Unit;
use crate::asking::Language;
use crate::failure::Failure;
use crate::local_time::{utc_if_any, utc_text};
use crate::reading::Listing;

/// A booking.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Booking {
    id: String,
    uuid: String,
    test_mode: bool,
    reseller_reference: Option<String>,
    supplier_reference: Option<String>,
    status: &'static str,
    utc_created_at: String,
    utc_updated_at: String,
    utc_expires_at: Option<String>,
    utc_redeemed_at: Option<String>,
    utc_confirmed_at: Option<String>,
    product_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
    option_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<ProductOption>,
    cancellable: bool,
    cancellation: Option<Cancellation>,
    freesale: bool,
    availability_id: Option<String>,
    availability: Option<Availability>,
    contact: Contact,
    notes: Option<String>,
    delivery_methods: [&'static str; 1],
    voucher: Option<Ticket>,
    unit_items: Vec<UnitItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancellation {
    refund: &'static str,
    reason: Option<String>,
    utc_cancelled_at: String,
}

/// A guest of a booking.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnitItem {
    uuid: String,
    reseller_reference: Option<String>,
    supplier_reference: Option<String>,
    unit_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Unit>,
    status: &'static str,
    utc_redeemed_at: Option<String>,
    contact: Contact,
    ticket: Option<Ticket>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
}

/// What a guest shows at the pier.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    redemption_method: &'static str,
    utc_redeemed_at: Option<String>,
    delivery_options: [DeliveryOption; 1],
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeliveryOption {
    delivery_format: &'static str,
    delivery_value: String,
}

/// What is read beside bookings, of all of them at once.
pub struct Beside {
    /// Tours by product.
    pub listings: HashMap<String, Listing>,
    /// Departures by id.
    pub departures: HashMap<String, Departure>,
    /// The time of the answer.
    pub now: Timestamp,
    /// Where the market is.
    pub public_url: String,
}

impl Booking {
    /// A booking with the tour and the departure that it is for, as far as they are still known.
    pub fn of(
        booking: &bookings::Booking,
        beside: &Beside,
        language: Language,
    ) -> Result<Self, Failure> {
        let listing = beside.listings.get(&booking.product_id);
        let option = listing.and_then(|listing| listing.option(&booking.option_code).ok());
        let departure = beside.departures.get(&booking.departure_id);
        let status = booking.status();
        let availability = match (departure, option) {
            (Some(departure), Some(option)) => {
                Some(Availability::of(departure, option, &[], language)?)
            }
            _ => None,
        };
        let pricing = language.capabilities.pricing;
        let items = booking.units.iter();
        let redeemed_at = redeemed_at(booking);
        Ok(Self {
            id: booking.id.clone(),
            uuid: booking.uuid.clone(),
            test_mode: false,
            reseller_reference: given(&booking.reseller_reference),
            supplier_reference: given(&booking.supplier_reference),
            status: status_word(status)?,
            utc_created_at: utc_text(booking.created_at),
            utc_updated_at: utc_text(booking.updated_at),
            utc_expires_at: utc_if_any(booking.expires_at)
                .filter(|_| status == BookingStatus::OnHold),
            utc_redeemed_at: utc_if_any(redeemed_at).filter(|_| status == BookingStatus::Redeemed),
            utc_confirmed_at: utc_if_any(booking.confirmed_at),
            product_id: booking.product_id.clone(),
            product: listing
                .map(|listing| Product::of(listing, language, &beside.public_url))
                .transpose()?,
            option_id: booking.option_code.clone(),
            option: listing
                .zip(option)
                .map(|(listing, option)| ProductOption::of(listing, option, language))
                .transpose()?,
            cancellable: cancellable(booking, beside.now),
            cancellation: (booking.cancelled_at != 0).then(|| Cancellation {
                refund: refund_word(&booking.cancellation_refund),
                reason: given(&booking.cancellation_reason),
                utc_cancelled_at: utc_text(booking.cancelled_at),
            }),
            freesale: false,
            availability_id: given(&booking.departure_id),
            availability,
            contact: Contact::of(booking.contact.as_ref()),
            notes: given(&booking.notes),
            delivery_methods: ["TICKET"],
            voucher: None,
            unit_items: items
                .map(|item| UnitItem::of(item, booking, listing, language))
                .collect::<Result<_, _>>()?,
            pricing: if pricing { Some(Pricing::of(booking.total.as_ref())?) } else { None },
        })
    }
}

impl UnitItem {
    fn of(
        item: &bookings::BookingUnit,
        booking: &bookings::Booking,
        listing: Option<&Listing>,
        language: Language,
    ) -> Result<Self, Failure> {
        let option = listing.and_then(|listing| listing.option(&booking.option_code).ok());
        let kind = option
            .and_then(|option| option.tickets.iter().find(|kind| kind.code == item.ticket_code));
        let seats = listing.map_or(0, |listing| listing.tour.capacity);
        let unit = match (option, kind) {
            (Some(option), Some(kind)) => Some(Unit::of(kind, option, seats, language)?),
            _ => None,
        };
        let ticket = item.ticket.as_ref();
        let status = match ticket.map(bookings::Ticket::status) {
            Some(TicketStatus::TicketRedeemed) => "REDEEMED",
            Some(TicketStatus::TicketCancelled) => "CANCELLED",
            _ => status_word(booking.status())?,
        };
        let redeemed_at = ticket.map_or(0, |ticket| ticket.redeemed_at);
        let mut contact = item.contact.clone().unwrap_or_default();
        if contact.full_name.is_empty() {
            contact.full_name.clone_from(&item.guest_name);
        }
        let pricing = language.capabilities.pricing;
        Ok(Self {
            uuid: item.uuid.clone(),
            reseller_reference: given(&item.reseller_reference),
            supplier_reference: ticket.and_then(|ticket| given(&ticket.id)),
            unit_id: item.ticket_code.clone(),
            unit,
            status,
            utc_redeemed_at: utc_if_any(redeemed_at),
            contact: Contact::of(Some(&contact)),
            ticket: ticket.filter(|ticket| !ticket.code.is_empty()).map(|ticket| Ticket {
                redemption_method: "DIGITAL",
                utc_redeemed_at: utc_if_any(redeemed_at),
                delivery_options: [DeliveryOption {
                    delivery_format: "QRCODE",
                    delivery_value: ticket.code.clone(),
                }],
            }),
            pricing: if pricing { Some(Pricing::of(item.price.as_ref())?) } else { None },
        })
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn status_word(status: BookingStatus) -> Result<&'static str, Failure> {
    Ok(match status {
        BookingStatus::OnHold => "ON_HOLD",
        BookingStatus::Confirmed => "CONFIRMED",
        BookingStatus::Expired => "EXPIRED",
        BookingStatus::Cancelled => "CANCELLED",
        BookingStatus::Redeemed => "REDEEMED",
        BookingStatus::Unspecified => {
            tracing::error!("a booking without a status");
            return Err(Failure::Fault);
        }
    })
}

fn refund_word(word: &str) -> &'static str {
    match word {
        "FULL" => "FULL",
        "PARTIAL" => "PARTIAL",
        _ => "NONE",
    }
}

/// When the last guest went on board.
fn redeemed_at(booking: &bookings::Booking) -> i64 {
    let tickets = booking.units.iter().filter_map(|unit| unit.ticket.as_ref());
    tickets.map(|ticket| ticket.redeemed_at).max().unwrap_or(0)
}

/// Whether cancelling it now would be done: always on hold, and when confirmed while the policy gives
/// something back. Orders decides; this says beforehand what it will say.
fn cancellable(booking: &bookings::Booking, now: Timestamp) -> bool {
    match booking.status() {
        BookingStatus::OnHold => true,
        BookingStatus::Confirmed => {
            let left = Timestamp::from_micros(booking.starts_at).since(now).as_secs();
            let fits = |hours: u32| u64::from(hours) * 3_600 <= left;
            booking.starts_at > now.micros()
                && booking
                    .cancellation
                    .iter()
                    .any(|tier| tier.refund_basis_points > 0 && fits(tier.hours_before))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proto::tours::CancellationTier;

    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn a_confirmed_booking_can_be_cancelled_while_the_policy_gives_something_back() {
        let tier = |hours_before, refund_basis_points| CancellationTier {
            hours_before,
            refund_basis_points,
        };
        let booking = |status: BookingStatus| bookings::Booking {
            status: status.into(),
            starts_at: 100 * HOUR,
            cancellation: vec![tier(72, 10_000), tier(24, 5_000), tier(0, 0)],
            ..bookings::Booking::default()
        };
        let at = |hours: i64| Timestamp::from_micros(hours * HOUR);
        assert!(cancellable(&booking(BookingStatus::Confirmed), at(76)));
        assert!(!cancellable(&booking(BookingStatus::Confirmed), at(77)));
        assert!(!cancellable(&booking(BookingStatus::Confirmed), at(200)));
        assert!(cancellable(&booking(BookingStatus::OnHold), at(99)));
        assert!(!cancellable(&booking(BookingStatus::Cancelled), at(0)));
    }
}
