//! What a guest must be told of an order: in facts, so that every page says it in its own words.

use std::collections::BTreeMap;

use kernel::Timestamp;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Tickets were given back. Facts: `count`, `refund` (minor units), `currency`.
    TicketsCancelled,
    /// The departure does not happen; the tickets are for another one. Facts: `reason`, `from`,
    /// `to` (RFC 3339, the starts), `departureId`.
    DepartureMoved,
    /// The departure does not happen; all money comes back. Facts: `reason`, `from`, `refund`,
    /// `currency`.
    DepartureRefunded,
    /// What was paid is no longer to be had; the money comes back. Facts: `refund`, `currency`.
    Refunded,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::TicketsCancelled, Self::DepartureMoved, Self::DepartureRefunded, Self::Refunded];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TicketsCancelled => "tickets_cancelled",
            Self::DepartureMoved => "departure_moved",
            Self::DepartureRefunded => "departure_refunded",
            Self::Refunded => "refunded",
        }
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// When.
    pub at: Timestamp,
    /// What there is to say of it, by name.
    pub facts: BTreeMap<String, String>,
}
