//! The seats of a departure: one number, of which some are held and some are sold.

use kernel::{DepartureId, HoldId, Timestamp, VariantId};

use super::departure::Departure;
use super::tour::{AgeKind, OptionKind, Way};

/// The most of a ticket without a seat, or of an add-on, in one hold.
pub const MAX_UNSEATED: i64 = 999;

/// Seats. `held` and `sold` are never negative, and never more together than `capacity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// All.
    pub capacity: i64,
    /// Held for checkouts, and for who waited.
    pub held: i64,
    /// Sold.
    pub sold: i64,
}

/// What is wanted of a departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// So many seats.
    Some(i64),
    /// The whole boat: it must be empty, and then is full.
    Whole,
}

impl Seats {
    /// How many are held or sold.
    pub const fn taken(&self) -> i64 {
        self.held + self.sold
    }

    /// How many nobody has.
    pub const fn free(&self) -> i64 {
        self.capacity - self.taken()
    }

    /// How many seats a want means now; `None` if they are not there.
    pub fn fitting(&self, want: Want) -> Option<i64> {
        match want {
            Want::Some(seats) => (seats <= self.free()).then_some(seats),
            Want::Whole => (self.taken() == 0).then_some(self.capacity),
        }
    }

    /// Holds seats; gives how many, or `None` if they are not there.
    pub fn hold(&mut self, want: Want) -> Option<i64> {
        let seats = self.fitting(want)?;
        self.held += seats;
        Some(seats)
    }

    /// Sells seats that were not held; gives how many, or `None` if they are not there.
    pub fn sell(&mut self, want: Want) -> Option<i64> {
        let seats = self.fitting(want)?;
        self.sold += seats;
        Some(seats)
    }

    /// Sells held seats.
    pub const fn sell_held(&mut self, seats: i64) {
        self.held -= seats;
        self.sold += seats;
    }

    /// Sets held seats free.
    pub const fn release(&mut self, seats: i64) {
        self.held -= seats;
    }

    /// Sets sold seats free.
    pub const fn give_back(&mut self, seats: i64) {
        self.sold -= seats;
    }

    /// Changes how many there are; says no if more are taken.
    pub const fn resize(&mut self, capacity: i64) -> bool {
        let fits = capacity >= self.taken();
        if fits {
            self.capacity = capacity;
        }
        fits
    }
}

/// A line of a hold that takes seats, or an add-on of a departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatLine {
    /// What was bought; of an offer to who waited the entry's id.
    pub variant: VariantId,
    /// On which departure.
    pub departure: DepartureId,
    /// How many.
    pub quantity: i64,
    /// Seats of all of them.
    pub seats: i64,
    /// Whether it is the whole boat.
    pub whole: bool,
}

impl SeatLine {
    /// What it wants when it is taken anew.
    pub const fn want(&self) -> Want {
        if self.whole { Want::Whole } else { Want::Some(self.seats) }
    }
}

/// A line of a hold that was sold, and what came back of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoldLine {
    /// In which hold.
    pub hold: HoldId,
    /// What was bought.
    pub variant: VariantId,
    /// On which departure.
    pub departure: DepartureId,
    /// How many were sold.
    pub quantity: i64,
    /// Seats of all of them.
    pub seats: i64,
    /// How many came back.
    pub returned: i64,
    /// Seats that came back.
    pub returned_seats: i64,
}

impl SoldLine {
    /// How many can still come back.
    pub const fn remaining(&self) -> i64 {
        self.quantity - self.returned
    }
}

/// Takes back so many of what was sold, the oldest first. Gives the changed lines and how many seats
/// each sets free; `None` if fewer were sold, and then nothing is changed.
pub fn returned(sold: &mut [SoldLine], quantity: i64) -> Option<Vec<(SoldLine, i64)>> {
    let there: i64 = sold.iter().map(SoldLine::remaining).sum();
    if quantity > there {
        return None;
    }
    let mut rest = quantity;
    let mut changed = Vec::new();
    for line in sold {
        let count = rest.min(line.remaining());
        if count == 0 {
            continue;
        }
        // The last ones of a line free what is left of its seats, so that they always sum up.
        let seats = if count == line.remaining() {
            line.seats - line.returned_seats
        } else {
            line.seats / line.quantity * count
        };
        rest -= count;
        line.returned += count;
        line.returned_seats += seats;
        changed.push((line.clone(), seats));
    }
    Some(changed)
}

/// A line of a hold that asks for something of a departure.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Place of the line in the hold.
    pub line: usize,
    /// What.
    pub variant: VariantId,
    /// How many.
    pub quantity: i64,
    /// What that is.
    pub way: Way<'a>,
}

/// Why a line cannot be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatProblem {
    /// No seats are sold: cancelled, blacked out, or past the cut-off.
    Closed,
    /// There are not so many; how many there are.
    Insufficient(i64),
    /// Too few people of one option; the fewest.
    PartyTooSmall(u32),
    /// Too many people of one option; the most.
    PartyTooLarge(u32),
    /// No adult and no senior comes with them.
    AdultRequired,
    /// Somebody has seats on the boat, or it is wanted twice.
    BoatTaken,
}

/// How many of a way to buy one could hold now, if nothing else is held with it.
pub fn available(departure: &Departure, way: Way<'_>) -> i64 {
    let free = departure.seats.free();
    match way {
        Way::AddOn(_) => MAX_UNSEATED,
        Way::Ticket(option, _) if option.kind == OptionKind::Private => {
            i64::from(departure.seats.taken() == 0)
        }
        Way::Ticket(_, ticket) => match i64::from(ticket.seats) {
            0 if free > 0 => departure.seats.capacity,
            0 => 0,
            seats => free / seats,
        },
    }
}

/// Takes all that one hold asks of one departure, or says everything that is wrong and takes nothing.
pub fn take(
    departure: &mut Departure,
    asked: &[Asked<'_>],
    now: Timestamp,
) -> Result<Vec<SeatLine>, Vec<(usize, SeatProblem)>> {
    if !departure.sells_at(now) {
        return Err(asked.iter().map(|one| (one.line, SeatProblem::Closed)).collect());
    }
    let mut problems = party_problems(asked);
    let mut seats = departure.seats;
    let mut lines = Vec::with_capacity(asked.len());
    // The boat first: it must find nobody, and who comes after it finds no seat.
    let (boats, others): (Vec<&Asked<'_>>, Vec<&Asked<'_>>) =
        asked.iter().partition(|one| one.way.is_boat());
    let with_boat = !boats.is_empty();
    for one in boats.into_iter().chain(others) {
        let taken = match want_of(one) {
            Err(most) => Err(SeatProblem::Insufficient(most)),
            Ok(Want::Whole) => seats.hold(Want::Whole).ok_or(SeatProblem::BoatTaken),
            Ok(_) if with_boat && matches!(one.way, Way::Ticket(..)) => Err(SeatProblem::BoatTaken),
            Ok(want) => {
                let fit = seats.free() / seats_each(one.way).max(1);
                seats.hold(want).ok_or(SeatProblem::Insufficient(fit))
            }
        };
        match taken {
            Err(problem) => problems.push((one.line, problem)),
            Ok(taken) => lines.push(SeatLine {
                variant: one.variant,
                departure: departure.id,
                quantity: one.quantity,
                seats: taken,
                whole: one.way.is_boat(),
            }),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    departure.seats = seats;
    Ok(lines)
}

/// Seats that one takes; of a boat nothing is said.
fn seats_each(way: Way<'_>) -> i64 {
    match way {
        Way::Ticket(_, ticket) => i64::from(ticket.seats),
        Way::AddOn(_) => 0,
    }
}

/// What a line wants; the most that there may be of it, if that is less.
fn want_of(one: &Asked<'_>) -> Result<Want, i64> {
    if one.way.is_boat() {
        return if one.quantity == 1 { Ok(Want::Whole) } else { Err(1) };
    }
    let each = seats_each(one.way);
    if each == 0 && one.quantity > MAX_UNSEATED {
        return Err(MAX_UNSEATED);
    }
    Ok(Want::Some(each.saturating_mul(one.quantity)))
}

/// Parties are counted over all lines of one option; who must be accompanied, over the departure.
fn party_problems(asked: &[Asked<'_>]) -> Vec<(usize, SeatProblem)> {
    let mut problems = Vec::new();
    let grown_up = asked.iter().any(|one| {
        matches!(one.way, Way::Ticket(_, ticket)
            if matches!(ticket.age, AgeKind::Adult | AgeKind::Senior | AgeKind::Boat))
    });
    let anybody = asked.iter().any(|one| matches!(one.way, Way::Ticket(..)));
    for (place, one) in asked.iter().enumerate() {
        let Way::Ticket(option, ticket) = one.way else {
            if !anybody {
                problems.push((one.line, SeatProblem::PartyTooSmall(1)));
            }
            continue;
        };
        if ticket.accompanied && !grown_up {
            problems.push((one.line, SeatProblem::AdultRequired));
        }
        let same =
            |other: &&Asked<'_>| !other.way.is_boat() && other.way.option_code() == option.code;
        let first = asked.iter().position(|other| same(&other)) == Some(place);
        if option.kind == OptionKind::Private || !first {
            continue;
        }
        let people = asked
            .iter()
            .filter(same)
            .fold(0_i64, |people, other| people.saturating_add(other.quantity));
        if people < i64::from(option.minimum_party) {
            problems.push((one.line, SeatProblem::PartyTooSmall(option.minimum_party)));
        }
        if option.maximum_party > 0 && people > i64::from(option.maximum_party) {
            problems.push((one.line, SeatProblem::PartyTooLarge(option.maximum_party)));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
