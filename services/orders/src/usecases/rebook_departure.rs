//! What becomes of orders whose departure does not happen: moved to the departure that takes its
//! place, refunded in full where there is none or too few seats, closed if they are not paid.
//!
//! Each order is decided on by itself, whole: a party stays together. Every step may be repeated.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use kernel::{DepartureId, OrderId, OrderLineId, TicketId, UserId, VariantId};
use platform::ids;
use proto::catalog::{Hold, HoldLine, HoldReference, HoldStockRequest};
use proto::refusals_of;
use proto::tours::{GetDeparturesRequest, ReturnSeatsRequest, TicketOffer};
use sea_orm::DbErr;
use tonic::Status;

use super::advance_cancellation::{AdvanceCancellationError, advance_cancellation, seats_of};
use super::cancel_checkout::{CancelCheckoutError, cancel_checkout};
use super::cancel_tickets::write_begun;
use super::tell_guests::tell_guests;
use crate::Orders;
use crate::domain::cancellation::{CancellationRefused, Policy, quote};
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::order::{Order, OrderLine, OrderStatus};
use crate::domain::ticket::{Ticket, TicketStatus};
use crate::domain::ticket_cancellation::{Account, Cause, TicketCancellation};
use crate::domain::ticket_terms::TicketTerms;
use crate::messages::terms::{offer_of, terms_of};
use crate::store;
use crate::store::departure::CancelledDeparture;

/// How long the seats of a move are held: it sells them at once.
const MOVE_HOLD: Duration = Duration::from_secs(10 * 60);

/// Why nothing could be done for an order now; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RebookError {
    /// Payments or catalog cannot be asked now.
    #[error(transparent)]
    Unavailable(#[from] Status),
    /// What is kept cannot be reckoned with.
    #[error(transparent)]
    Refused(#[from] CancellationRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Does for one order what must be done because its departure does not happen.
pub async fn rebook_departure(
    orders: &Orders,
    id: OrderId,
    departure: DepartureId,
) -> Result<(), RebookError> {
    let tx = orders.0.database.begin().await?;
    // Whoever gives tickets of it back at this moment has written so before, or finds the departure
    // cancelled after.
    let Some(order) = store::order::lock_by_id(&tx, id).await? else { return Ok(()) };
    let tickets = store::ticket::of_orders(&tx, [id]).await?;
    let cancelled = store::departure::by_id(&tx, departure).await?;
    // All of it comes back already.
    if store::order_return::being_called_off(&tx, id).await? {
        return Ok(());
    }
    tx.commit().await?;
    let Some(cancelled) = cancelled else { return Ok(()) };
    if order.status == OrderStatus::Pending {
        return close(orders, &order).await;
    }
    let under_way =
        |ticket: &Ticket| ticket.cancellation.is_some() && ticket.status != TicketStatus::Cancelled;
    if !matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled)
        || tickets.iter().any(under_way)
    {
        return Ok(());
    }
    if let Some(to) = cancelled.move_to
        && let Some(moved) = hold_elsewhere(orders, &order, departure, to).await?
    {
        return write_move(orders, &cancelled, moved).await;
    }
    refund(orders, &cancelled, id).await
}

/// Nobody shall pay for it any more. If money was quicker, it is paid, and decided on then.
async fn close(orders: &Orders, order: &Order) -> Result<(), RebookError> {
    let found = store::checkout::by_id(orders.0.database.reader(), order.checkout).await?;
    let Some(checkout) = found else { return Ok(()) };
    match cancel_checkout(orders, checkout).await {
        Ok(_) | Err(CancelCheckoutError::AlreadyPaid | CancelCheckoutError::Starting) => Ok(()),
        Err(CancelCheckoutError::Unavailable(status)) => Err(RebookError::Unavailable(status)),
        Err(CancelCheckoutError::Database(error)) => Err(RebookError::Database(error)),
    }
}

/// Seats that were bought elsewhere for an order.
struct Moved {
    order: OrderId,
    /// The hold that sold them.
    hold: String,
    /// The lines as they were, with what takes the place of each.
    lines: Vec<(OrderLine, VariantId, TicketTerms)>,
}

fn left(line: &OrderLine) -> i64 {
    line.quantity - line.cancelled_quantity
}

/// Buys seats on another departure: all that are needed or none.
async fn hold_elsewhere(
    orders: &Orders,
    order: &Order,
    from: DepartureId,
    to: DepartureId,
) -> Result<Option<Moved>, RebookError> {
    let catalog = &orders.0.catalog;
    let asked = GetDeparturesRequest { ids: vec![to.to_string()] };
    let found = catalog.clone().get_departures(asked).await?.into_inner().departures;
    let Some(departure) = found.into_iter().next() else { return Ok(None) };
    let of_from = |line: &&OrderLine| {
        line.ticket.as_ref().is_some_and(|terms| terms.departure == from) && left(line) > 0
    };
    let mut lines = Vec::new();
    for line in order.lines.iter().filter(of_from) {
        let Some(bought) = line.ticket.as_ref().map(offer_of) else { continue };
        let same_kind = |offer: &TicketOffer| {
            offer.option_code == bought.option_code && offer.ticket_code == bought.ticket_code
        };
        let ticket =
            departure.tickets.iter().find(|ticket| ticket.ticket.as_ref().is_some_and(same_kind));
        let Some(ticket) = ticket else { return Ok(None) };
        let Some(offer) = &ticket.ticket else { return Ok(None) };
        let variant: VariantId = ticket.variant_id.parse().map_err(platform::rpc::fault)?;
        lines.push((line.clone(), variant, moved_terms(bought, offer)?));
    }
    if lines.is_empty() {
        return Ok(None);
    }
    // Pieces of a line only become fewer: as many as before means the same hold as before.
    let pieces: i64 = lines.iter().map(|(line, ..)| left(line)).sum();
    let reference = format!("move_{}_{from}_{pieces}", order.id);
    let mut quantities: BTreeMap<String, i64> = BTreeMap::new();
    for (line, variant, _) in &lines {
        *quantities.entry(variant.to_string()).or_default() += left(line);
    }
    let request = HoldStockRequest {
        reference: reference.clone(),
        lines: quantities
            .into_iter()
            .map(|(variant_id, quantity)| HoldLine { variant_id, quantity })
            .collect(),
        expires_at: orders.0.clock.now().after(MOVE_HOLD).micros(),
        ..HoldStockRequest::default()
    };
    let held: Result<Hold, Status> = async {
        catalog.clone().hold_stock(request).await?;
        let reference = HoldReference { reference: reference.clone() };
        Ok(catalog.clone().commit_hold(reference).await?.into_inner())
    }
    .await;
    match held {
        Ok(_) => {}
        Err(status) if refusals_of(&status).is_some() => return Ok(None),
        Err(status) => return Err(status.into()),
    }
    // Of the departure that does not happen: nobody buys them, but the numbers are right.
    let seats = seats_of(lines.iter().map(|(line, ..)| (line.variant, left(line))));
    let back = ReturnSeatsRequest { reference: reference.clone(), seats, hold: String::new() };
    let returned = catalog.clone().return_seats(back).await;
    match returned {
        Ok(_) => {}
        Err(status) if refusals_of(&status).is_some() => {
            tracing::warn!(order = %order.id, %status, "seats did not come back");
        }
        Err(status) => return Err(status.into()),
    }
    Ok(Some(Moved { order: order.id, hold: reference, lines }))
}

/// The terms that were bought, with the departure, times and meeting point of another one.
fn moved_terms(bought: TicketOffer, offer: &TicketOffer) -> Result<TicketTerms, Status> {
    let moved = TicketOffer {
        departure_id: offer.departure_id.clone(),
        starts_at: offer.starts_at,
        ends_at: offer.ends_at,
        meeting_point: offer.meeting_point.clone(),
        ..bought
    };
    terms_of(&moved).map_err(platform::rpc::fault)
}

/// The lines are of the other departure; the codes of their tickets follow from that.
async fn write_move(
    orders: &Orders,
    cancelled: &CancelledDeparture,
    moved: Moved,
) -> Result<(), RebookError> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let Some(order) = store::order::lock_by_id(&tx, moved.order).await? else { return Ok(()) };
    let as_before = |(line, ..): &(OrderLine, VariantId, TicketTerms)| order.lines.contains(line);
    if !moved.lines.iter().all(as_before) {
        drop(tx);
        return give_back(orders, &moved, &order).await;
    }
    let lines: HashSet<OrderLineId> = moved.lines.iter().map(|(line, ..)| line.id).collect();
    for (line, variant, terms) in &moved.lines {
        store::order::set_departure(&tx, line.id, *variant, terms).await?;
    }
    // Who was let on board until now is seen, and who comes meanwhile waits and finds it moved.
    store::ticket::lock_of_orders(&tx, [order.id]).await?;
    let boarded = store::ticket::of_orders(&tx, [order.id])
        .await?
        .into_iter()
        .filter(|ticket| lines.contains(&ticket.line) && ticket.status == TicketStatus::Redeemed);
    let boarded: Vec<TicketId> = boarded.map(|ticket| ticket.id).collect();
    store::ticket::set_ashore(&tx, &boarded).await?;
    if let Some((line, _, terms)) = moved.lines.first() {
        let (to, starts_at) = (terms.departure, terms.starts_at);
        store::booking::set_departure(&tx, order.id, to, starts_at, terms.ends_at).await?;
        let from = line.ticket.as_ref().map(|terms| terms.starts_at.to_rfc3339());
        let facts = BTreeMap::from([
            ("reason".to_owned(), cancelled.reason.clone()),
            ("from".to_owned(), from.unwrap_or_default()),
            ("to".to_owned(), starts_at.to_rfc3339()),
            ("departureId".to_owned(), to.to_string()),
        ]);
        let notice = Notice { kind: NoticeKind::DepartureMoved, at: now, facts };
        tell_guests(&tx, &order, &notice).await?;
    }
    tx.commit().await?;
    metrics::counter!("bookings_moved_total").increment(1);
    Ok(())
}

/// The order is no longer what the seats were bought for: unless another run was quicker and moved it
/// with these very seats, they are free again.
async fn give_back(orders: &Orders, moved: &Moved, order: &Order) -> Result<(), RebookError> {
    let is_moved = |(line, variant, _): &(OrderLine, VariantId, TicketTerms)| {
        order.lines.iter().any(|now| now.id == line.id && now.variant == *variant)
    };
    if moved.lines.iter().any(is_moved) {
        return Ok(());
    }
    let seats = seats_of(moved.lines.iter().map(|(line, variant, _)| (*variant, left(line))));
    let reference = format!("unused_{}", moved.hold);
    let back = ReturnSeatsRequest { reference, seats, hold: moved.hold.clone() };
    orders.0.catalog.clone().return_seats(back).await?;
    tracing::info!(order = %order.id, "an order changed while it was moved: its new seats are free again");
    Ok(())
}

/// All comes back.
async fn refund(
    orders: &Orders,
    cancelled: &CancelledDeparture,
    id: OrderId,
) -> Result<(), RebookError> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let Some(order) = store::order::lock_by_id(&tx, id).await? else { return Ok(()) };
    let lines: HashMap<OrderLineId, DepartureId> = order
        .lines
        .iter()
        .filter_map(|line| Some((line.id, line.ticket.as_ref()?.departure)))
        .collect();
    // Nobody comes on board with one of them meanwhile.
    store::ticket::lock_of_orders(&tx, [id]).await?;
    let tickets = store::ticket::of_orders(&tx, [id]).await?;
    let of_departure = |ticket: &&Ticket| {
        lines.get(&ticket.line) == Some(&cancelled.departure)
            && ticket.status != TicketStatus::Cancelled
    };
    let wanted: HashSet<TicketId> =
        tickets.iter().filter(of_departure).map(|ticket| ticket.id).collect();
    let key = cancelled.departure.to_string();
    let known = store::cancellation::by_key(&tx, id, Cause::Departure, &key).await?;
    let begun = match known {
        Some(known) => known,
        None => {
            let policy = Policy::InFull(cancelled.departure);
            let quoted = quote(&order, &tickets, &wanted, policy, now)?;
            if quoted.tickets.is_empty() && quoted.lines.is_empty() {
                return Ok(());
            }
            let checkout = store::checkout::by_id(&tx, order.checkout).await?;
            let buyer = checkout.and_then(|checkout| checkout.buyer);
            let begun = TicketCancellation {
                id: ids::new(),
                order: id,
                cause: Cause::Departure,
                idempotency_key: key,
                request_hash: Vec::new(),
                reason: cancelled.reason.clone(),
                refund: quoted.refund,
                account: Account::default(),
                requested_by: buyer.unwrap_or(UserId::from_uuid(order.checkout.uuid())),
                refund_id: None,
                account_needed: false,
                created_at: now,
                finished_at: None,
                tickets: quoted.tickets,
                lines: quoted.lines,
            };
            write_begun(&tx, &begun).await?;
            begun
        }
    };
    tx.commit().await?;
    match advance_cancellation(orders, begun).await {
        Ok(_) => Ok(()),
        // The sweeper asks again: the guest has a right to the money.
        Err(
            AdvanceCancellationError::Refused(status)
            | AdvanceCancellationError::Unavailable(status),
        ) => Err(RebookError::Unavailable(status)),
        Err(AdvanceCancellationError::Database(error)) => Err(RebookError::Database(error)),
    }
}
