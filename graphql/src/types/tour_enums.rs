//! Kinds and states of tours, departures and tickets: each mirrors one of the contracts.

use async_graphql::{Enum, Error};

use super::enums::mirrors;
use crate::failure::Failure;

mirrors! {
    /// Who shares the boat.
    OptionKind of proto::tours::OptionKind {
        /// Seats among others.
        JoinIn = JoinIn,
        /// The whole boat.
        Private = Private,
    }

    /// For whom a ticket is.
    AgeKind of proto::tours::AgeKind {
        /// An adult.
        Adult = Adult,
        /// A child.
        Child = Child,
        /// An infant.
        Infant = Infant,
        /// A senior.
        Senior = Senior,
        /// The whole boat: the only kind of a private option.
        Boat = Boat,
    }

    /// For whom by residence.
    Residence of proto::tours::Residence {
        /// For anybody.
        Anybody = Anybody,
        /// For people who live in Vietnam.
        Local = Local,
        /// For people who live elsewhere.
        Foreign = Foreign,
    }

    /// Where a departure stands.
    DepartureStatus of proto::tours::DepartureStatus {
        /// It happens.
        Open = DepartureOpen,
        /// No more is sold of it; what is sold stands.
        Closed = DepartureClosed,
        /// It does not happen. Final.
        Cancelled = DepartureCancelled,
    }

    /// Where somebody stands who waits for seats.
    WaitingStatus of proto::tours::WaitingStatus {
        /// Waits.
        Waiting = Waiting,
        /// Seats are kept for them.
        Offered = Offered,
        /// They took them. Final.
        Claimed = Claimed,
        /// They did not in time, or the departure does not happen. Final.
        Lapsed = Lapsed,
    }

    /// What happened to an order that its guest must know.
    NoticeKind of proto::orders::NoticeKind {
        /// Tickets were given back.
        TicketsCancelled = TicketsCancelled,
        /// The departure does not happen; the tickets are for another one.
        DepartureMoved = DepartureMoved,
        /// The departure does not happen; all money comes back.
        DepartureRefunded = DepartureRefunded,
        /// What was paid is no longer to be had; the money comes back.
        Refunded = Refunded,
    }

    /// Where a ticket stands.
    TicketStatus of proto::bookings::TicketStatus {
        /// It lets its guest on board.
        Valid = TicketValid,
        /// Its guest is on board.
        Redeemed = TicketRedeemed,
        /// Given back, or its departure was cancelled. Final.
        Cancelled = TicketCancelled,
    }

    /// What came of showing a ticket at the pier.
    ScanOutcome of proto::bookings::ScanOutcome {
        /// Welcome on board.
        Admitted = Admitted,
        /// Its guest is on board already.
        AlreadyAdmitted = AlreadyAdmitted,
        /// It is for another departure.
        WrongDeparture = WrongDeparture,
        /// It is for another day.
        NotToday = NotToday,
        /// It was cancelled.
        TicketWasCancelled = TicketWasCancelled,
        /// Its signature is not the market's.
        Forged = Forged,
        /// There is no such ticket.
        UnknownTicket = UnknownTicket,
        /// It is another shop's.
        OtherShop = OtherShop,
        /// The entry was taken back.
        Undone = Undone,
        /// Its guest was not on board.
        NothingToUndo = NothingToUndo,
    }
}
