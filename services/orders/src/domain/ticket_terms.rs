//! What was agreed on with a ticket of a departure: when, for how many, and what comes back.

use kernel::{BasisPoints, DepartureId, Timestamp};

/// Whoever cancels at least so many hours before the start gets this part back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancellationTier {
    /// Whole hours before the start.
    pub hours_before: u32,
    /// The part of the price that comes back.
    pub refund: BasisPoints,
}

/// The terms of a line that is a departure's ticket or add-on, as they were bought. Departure and
/// times are those of now: a departure that is cancelled may be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTerms {
    /// The departure.
    pub departure: DepartureId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// The whole boat is bought: one ticket lets all of the party in.
    pub private: bool,
    /// People that one piece lets in; 0: an add-on.
    pub admits: u32,
    /// What comes back, by hours before the start.
    pub cancellation: Vec<CancellationTier>,
    /// All that catalog told of the offer, in its own words (`chonoi.tours.TicketOffer`, encoded).
    pub snapshot: Vec<u8>,
}

impl TicketTerms {
    /// Whether it comes with tickets and is none itself: a lunch, a raincoat.
    pub const fn is_add_on(&self) -> bool {
        self.admits == 0
    }
}
