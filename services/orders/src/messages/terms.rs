//! The terms of a departure's ticket: from what catalog tells, and back as they are now.

use kernel::{BasisPoints, Timestamp};
use prost::Message;
use proto::InvalidField;
use proto::tours::{OptionKind, TicketOffer};

use crate::domain::ticket_terms::{CancellationTier, TicketTerms};

/// More people than any boat carries: a number above it is a fault, not an offer.
const ADMITS_AT_MOST: u32 = 2_000;

/// The terms in an offer of catalog.
pub fn terms_of(offer: &TicketOffer) -> Result<TicketTerms, InvalidField> {
    let tiers = offer.cancellation.iter().map(|tier| CancellationTier {
        hours_before: tier.hours_before,
        // More than all cannot come back.
        refund: BasisPoints::new(tier.refund_basis_points.min(10_000)).unwrap_or(BasisPoints::ZERO),
    });
    Ok(TicketTerms {
        departure: proto::parse_id(&offer.departure_id)?,
        starts_at: Timestamp::from_micros(offer.starts_at),
        ends_at: Timestamp::from_micros(offer.ends_at),
        private: offer.option_kind() == OptionKind::Private,
        admits: offer.admits.min(ADMITS_AT_MOST),
        cancellation: tiers.collect(),
        snapshot: offer.encode_to_vec(),
    })
}

/// The offer as it was bought; departure and times are those of now.
pub fn offer_of(terms: &TicketTerms) -> TicketOffer {
    TicketOffer {
        departure_id: terms.departure.to_string(),
        starts_at: terms.starts_at.micros(),
        ends_at: terms.ends_at.micros(),
        // The program wrote it, and the store read it before.
        ..TicketOffer::decode(terms.snapshot.as_slice()).unwrap_or_default()
    }
}
