//! Giving tickets back: what becomes free and what comes back, by the policy that was bought.

use std::collections::HashSet;

use kernel::{BasisPoints, DepartureId, Money, MoneyError, OrderLineId, TicketId, Timestamp};

use super::order::{Order, OrderLine};
use super::ticket::{Ticket, TicketStatus};
use super::ticket_terms::{CancellationTier, TicketTerms};

/// How much comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// What was agreed on when it was bought.
    AsBought,
    /// All: this departure does not happen.
    InFull(DepartureId),
}

/// Why tickets are not given back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancellationRefused {
    /// The order has no such ticket.
    #[error("the order has no ticket {0}")]
    UnknownTicket(TicketId),
    /// It was used, or given back before, or is being given back.
    #[error("ticket {ticket} is {}", .status.name())]
    NotValid {
        /// Which.
        ticket: TicketId,
        /// Where it stands.
        status: TicketStatus,
    },
    /// Its departure has started.
    #[error("the departure of ticket {0} has started")]
    Departed(TicketId),
    /// The amounts cannot be reckoned with.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A ticket that is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedTicket {
    /// Which.
    pub ticket: TicketId,
    /// What it cost.
    pub price: Money,
    /// What comes back.
    pub refund: Money,
    /// The part that comes back.
    pub rate: BasisPoints,
    /// The hours of the tier that was applied; 0 if none was.
    pub hours_before: u32,
}

/// Pieces of a line that become free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedLine {
    /// Which.
    pub line: OrderLineId,
    /// How many whole pieces.
    pub quantity: i64,
    /// What they cost, if they are add-ons; nothing for tickets, whose prices are their own.
    pub price: Money,
    /// What of that comes back.
    pub refund: Money,
}

/// What giving tickets back comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The tickets, in the order of their numbers.
    pub tickets: Vec<QuotedTicket>,
    /// What becomes free, in the order of the lines.
    pub lines: Vec<QuotedLine>,
    /// All that comes back.
    pub refund: Money,
}

/// Reckons what giving tickets of an order back comes to. `of_order` are all its tickets.
///
/// Add-ons of a departure go with the last of its tickets, by the same policy.
pub fn quote(
    order: &Order,
    of_order: &[Ticket],
    wanted: &HashSet<TicketId>,
    policy: Policy,
    now: Timestamp,
) -> Result<Quote, CancellationRefused> {
    if let Some(unknown) = wanted.iter().find(|id| of_order.iter().all(|ticket| ticket.id != **id))
    {
        return Err(CancellationRefused::UnknownTicket(*unknown));
    }
    let mut tickets = Vec::with_capacity(wanted.len());
    for ticket in of_order.iter().filter(|ticket| wanted.contains(&ticket.id)) {
        let terms =
            terms_of(order, ticket.line).ok_or(CancellationRefused::UnknownTicket(ticket.id))?;
        check(ticket, terms, policy, now)?;
        let tier = tier_of(terms, policy, now);
        tickets.push(QuotedTicket {
            ticket: ticket.id,
            price: ticket.price,
            refund: ticket.price.fee_rounded_half_up(tier.refund)?,
            rate: tier.refund,
            hours_before: tier.hours_before,
        });
    }
    let mut lines = Vec::new();
    for line in &order.lines {
        let Some(terms) = &line.ticket else { continue };
        let quoted = if terms.is_add_on() {
            add_on(order, of_order, wanted, line, terms, policy, now)?
        } else {
            let zero = Money::zero(line.total.currency);
            let quantity = pieces_set_free(line, of_order, wanted);
            QuotedLine { line: line.id, quantity, price: zero, refund: zero }
        };
        if quoted.quantity > 0 {
            lines.push(quoted);
        }
    }
    let refunds =
        tickets.iter().map(|ticket| ticket.refund).chain(lines.iter().map(|line| line.refund));
    let refund = Money::checked_sum(order.total.currency, refunds)?;
    Ok(Quote { tickets, lines, refund })
}

fn check(
    ticket: &Ticket,
    terms: &TicketTerms,
    policy: Policy,
    now: Timestamp,
) -> Result<(), CancellationRefused> {
    let (id, status) = (ticket.id, ticket.status);
    let refused = match policy {
        Policy::AsBought => status != TicketStatus::Valid,
        // Who was on board of a departure that came to nothing gets their money back, too.
        Policy::InFull(_) => status == TicketStatus::Cancelled,
    };
    if refused || ticket.cancellation.is_some() {
        return Err(CancellationRefused::NotValid { ticket: id, status });
    }
    if policy == Policy::AsBought && now >= terms.starts_at {
        return Err(CancellationRefused::Departed(id));
    }
    Ok(())
}

/// The tier that applies now: of those whose hours are still left, the one with the most. Without
/// any, nothing comes back.
pub fn tier_of(terms: &TicketTerms, policy: Policy, now: Timestamp) -> CancellationTier {
    const HOUR_MICROS: i64 = 3_600 * 1_000_000;
    if matches!(policy, Policy::InFull(_)) {
        let all = BasisPoints::new(10_000).unwrap_or(BasisPoints::ZERO);
        return CancellationTier { hours_before: 0, refund: all };
    }
    let left = terms.starts_at.micros().saturating_sub(now.micros());
    let open =
        terms.cancellation.iter().filter(|tier| left >= i64::from(tier.hours_before) * HOUR_MICROS);
    open.max_by_key(|tier| tier.hours_before)
        .copied()
        .unwrap_or(CancellationTier { hours_before: 0, refund: BasisPoints::ZERO })
}

/// How many pieces of a line have no guest left after this and had one before.
fn pieces_set_free(line: &OrderLine, of_order: &[Ticket], wanted: &HashSet<TicketId>) -> i64 {
    let of_line = || of_order.iter().filter(|ticket| ticket.line == line.id);
    let mut touched: Vec<u32> =
        of_line().filter(|ticket| wanted.contains(&ticket.id)).map(|ticket| ticket.piece).collect();
    touched.sort_unstable();
    touched.dedup();
    let free = |piece: &&u32| {
        of_line().filter(|ticket| ticket.piece == **piece).all(|ticket| gone(ticket, wanted))
    };
    touched.iter().filter(free).count() as i64
}

fn gone(ticket: &Ticket, wanted: &HashSet<TicketId>) -> bool {
    ticket.status == TicketStatus::Cancelled
        || ticket.cancellation.is_some()
        || wanted.contains(&ticket.id)
}

fn add_on(
    order: &Order,
    of_order: &[Ticket],
    wanted: &HashSet<TicketId>,
    line: &OrderLine,
    terms: &TicketTerms,
    policy: Policy,
    now: Timestamp,
) -> Result<QuotedLine, MoneyError> {
    let of_departure = |ticket: &&Ticket| departure_of(order, ticket.line) == Some(terms.departure);
    let touched = policy == Policy::InFull(terms.departure)
        || of_order.iter().filter(of_departure).any(|ticket| wanted.contains(&ticket.id));
    let any_left = of_order.iter().filter(of_departure).any(|ticket| !gone(ticket, wanted));
    let quantity = if touched && !any_left { line.quantity - line.cancelled_quantity } else { 0 };
    // What is left is the end of the line.
    let price = line.cost_of(line.quantity - quantity, line.quantity);
    let refund = price.fee_rounded_half_up(tier_of(terms, policy, now).refund)?;
    Ok(QuotedLine { line: line.id, quantity, price, refund })
}

fn terms_of(order: &Order, line: OrderLineId) -> Option<&TicketTerms> {
    order.lines.iter().find(|found| found.id == line)?.ticket.as_ref()
}

fn departure_of(order: &Order, line: OrderLineId) -> Option<DepartureId> {
    terms_of(order, line).map(|terms| terms.departure)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(tiers: &[(u32, u32)]) -> TicketTerms {
        let tier = |(hours_before, points): &(u32, u32)| CancellationTier {
            hours_before: *hours_before,
            refund: BasisPoints::new(*points).unwrap(),
        };
        TicketTerms {
            departure: DepartureId::from_uuid(uuid::Uuid::nil()),
            starts_at: Timestamp::from_micros(1_000 * 3_600 * 1_000_000),
            ends_at: Timestamp::from_micros(i64::MAX),
            private: false,
            admits: 1,
            cancellation: tiers.iter().map(tier).collect(),
            snapshot: Vec::new(),
        }
    }

    fn rate(tiers: &[(u32, u32)], micros_before: i64) -> (u32, u32) {
        let terms = terms(tiers);
        let now = Timestamp::from_micros(terms.starts_at.micros() - micros_before);
        let tier = tier_of(&terms, Policy::AsBought, now);
        (tier.hours_before, tier.refund.get())
    }

    #[test]
    fn the_tier_with_the_most_hours_that_are_left_applies_to_the_microsecond() {
        const HOUR: i64 = 3_600 * 1_000_000;
        let tiers = [(24, 5_000), (48, 10_000)];
        for (before, wanted) in [
            (48 * HOUR, (48, 10_000)),
            (48 * HOUR - 1, (24, 5_000)),
            (24 * HOUR, (24, 5_000)),
            (24 * HOUR - 1, (0, 0)),
            (0, (0, 0)),
        ] {
            assert_eq!(rate(&tiers, before), wanted, "{before}");
        }
        assert_eq!(rate(&[], 1_000 * HOUR), (0, 0));
        let terms = terms(&[]);
        let policy = Policy::InFull(terms.departure);
        let full = tier_of(&terms, policy, Timestamp::from_micros(i64::MAX));
        assert_eq!(full.refund.get(), 10_000);
    }

    proptest! {
        #[test]
        fn who_cancels_earlier_gets_no_less_if_the_tiers_say_so(
            mut hours in proptest::collection::vec(0u32..200, 0..5),
            mut points in proptest::collection::vec(0u32..=10_000, 5),
            (early, late) in (0i64..300, 0i64..300),
        ) {
            hours.sort_unstable();
            points.sort_unstable();
            let tiers: Vec<_> = hours.into_iter().zip(points).collect();
            let hour = 3_600 * 1_000_000;
            let (more, less) = (early.max(late) * hour, early.min(late) * hour);
            prop_assert!(rate(&tiers, more).1 >= rate(&tiers, less).1);
        }
    }
}
