//! A guest gives tickets back: told what comes back before, by the policy that was bought.

use std::collections::HashSet;

use kernel::{TicketId, UserId};
use platform::database::{Transaction, violated_constraint};
use platform::ids;
use sea_orm::{ConnectionTrait, DbErr};
use sha2::{Digest, Sha256};

use super::advance_cancellation::{AdvanceCancellationError, RESUMED_AFTER, advance_cancellation};
use crate::Orders;
use crate::domain::cancellation::{CancellationRefused, Policy, Quote, quote};
use crate::domain::checkout::{Checkout, PayWith};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::ticket_cancellation::{Account, Cause, TicketCancellation};
use crate::store;

/// The most tickets of one cancellation.
pub const MOST_TICKETS: usize = 500;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// What a guest asks for.
#[derive(Clone, Debug)]
pub struct CancelTickets {
    /// The checkout, which the guest may see.
    pub checkout: Checkout,
    /// Which tickets; all of one order.
    pub tickets: Vec<TicketId>,
    /// Why; may be empty.
    pub reason: String,
    /// Names the request, 8 to 128 characters.
    pub idempotency_key: String,
    /// Where the money shall go; empty: payments knows, or asks.
    pub account: Account,
}

/// Why tickets are not given back.
#[derive(Debug, thiserror::Error)]
pub enum CancelTicketsError {
    /// The key is too short or too long.
    #[error("the idempotency key has 8 to 128 characters")]
    Key,
    /// The reason is too long.
    #[error("the reason has more than {LONGEST_REASON} characters")]
    Reason,
    /// There are no tickets, or too many.
    #[error("1 to {MOST_TICKETS} tickets are given back at once")]
    Count,
    /// The tickets are not of one paid order of the checkout.
    #[error("the tickets are not of one paid order of the checkout")]
    NotOneOrder,
    /// A reseller booked them.
    #[error("the tickets are of a reseller's booking")]
    OfReseller,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] CancellationRefused),
    /// The departure does not happen: all comes back, or another one takes its place, by itself.
    #[error("the departure is cancelled")]
    DepartureCancelled,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// Payments refuses, or somebody cannot be asked now.
    #[error(transparent)]
    Advance(#[from] AdvanceCancellationError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Says what giving tickets back would come to. Nothing changes.
pub async fn quote_cancellation(
    orders: &Orders,
    asked: &CancelTickets,
) -> Result<(Order, Quote), CancelTicketsError> {
    let wanted = checked(asked)?;
    let db = orders.0.database.reader();
    let order = order_of(db, asked, &wanted).await?;
    let quoted = quoted(orders, db, &order, &wanted).await?;
    Ok((order, quoted))
}

/// Gives tickets back, once a key.
pub async fn cancel_tickets(
    orders: &Orders,
    asked: CancelTickets,
) -> Result<(Order, TicketCancellation), CancelTicketsError> {
    if !(8..=128).contains(&asked.idempotency_key.len()) {
        return Err(CancelTicketsError::Key);
    }
    let wanted = checked(&asked)?;
    let order = order_of(orders.0.database.reader(), &asked, &wanted).await?;
    let begun = match begin(orders, &asked, &wanted, &order).await {
        // Two requests at once, and the other one was first: it is found now.
        Err(CancelTicketsError::Database(error)) if violated_constraint(&error).is_some() => {
            earlier(orders.0.database.reader(), &asked, &order).await?.ok_or(error)?
        }
        other => other?,
    };
    Ok((order, advance_cancellation(orders, begun).await?))
}

async fn begin(
    orders: &Orders,
    asked: &CancelTickets,
    wanted: &HashSet<TicketId>,
    order: &Order,
) -> Result<TicketCancellation, CancelTicketsError> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let unknown = || CancelTicketsError::NotOneOrder;
    let order = store::order::lock_by_id(&tx, order.id).await?.ok_or_else(unknown)?;
    if let Some(known) = earlier(&tx, asked, &order).await? {
        return Ok(known);
    }
    // Nobody comes on board with one of them meanwhile.
    store::ticket::lock(&tx, wanted.iter().copied()).await?;
    let quoted = quoted(orders, &tx, &order, wanted).await?;
    // A guest has no id of a person: the checkout's stands for them.
    let requested_by = asked.checkout.buyer.unwrap_or(UserId::from_uuid(asked.checkout.id.uuid()));
    let begun = TicketCancellation {
        id: ids::new(),
        order: order.id,
        cause: Cause::Guest,
        idempotency_key: asked.idempotency_key.clone(),
        request_hash: hash_of(asked),
        reason: kernel::normalize_spaces(&asked.reason),
        refund: quoted.refund,
        account: asked.account.clone(),
        requested_by,
        refund_id: None,
        account_needed: false,
        created_at: now,
        finished_at: None,
        tickets: quoted.tickets,
        lines: quoted.lines,
    };
    write_begun(&tx, &begun).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Writes a cancellation and takes its tickets, so that nobody boards with them or gives them back
/// again.
pub async fn write_begun(tx: &Transaction, begun: &TicketCancellation) -> Result<(), DbErr> {
    store::cancellation::insert(tx, begun, begun.created_at.after(RESUMED_AFTER)).await?;
    let tickets = begun.tickets.iter().map(|quoted| quoted.ticket);
    store::ticket::claim(tx, tickets, begun.id).await
}

async fn earlier(
    db: &impl ConnectionTrait,
    asked: &CancelTickets,
    order: &Order,
) -> Result<Option<TicketCancellation>, CancelTicketsError> {
    let key = &asked.idempotency_key;
    let known = store::cancellation::by_key(db, order.id, Cause::Guest, key).await?;
    match known {
        Some(known) if known.request_hash != hash_of(asked) => Err(CancelTicketsError::KeyReused),
        other => Ok(other),
    }
}

fn checked(asked: &CancelTickets) -> Result<HashSet<TicketId>, CancelTicketsError> {
    if asked.reason.chars().count() > LONGEST_REASON {
        return Err(CancelTicketsError::Reason);
    }
    let wanted: HashSet<TicketId> = asked.tickets.iter().copied().collect();
    if wanted.is_empty() || wanted.len() > MOST_TICKETS {
        return Err(CancelTicketsError::Count);
    }
    Ok(wanted)
}

/// The one paid order of the checkout that has the tickets.
async fn order_of(
    db: &impl ConnectionTrait,
    asked: &CancelTickets,
    wanted: &HashSet<TicketId>,
) -> Result<Order, CancelTicketsError> {
    // What a reseller booked is called off by the reseller, whom its money concerns.
    if asked.checkout.pay_with == PayWith::Invoiced {
        return Err(CancelTicketsError::OfReseller);
    }
    let found = store::order::of_checkout(db, asked.checkout.id).await?;
    let tickets = store::ticket::of_orders(db, found.iter().map(|order| order.id)).await?;
    let of: HashSet<_> = tickets
        .iter()
        .filter(|ticket| wanted.contains(&ticket.id))
        .map(|ticket| ticket.order)
        .collect();
    let all = tickets.iter().filter(|ticket| wanted.contains(&ticket.id)).count() == wanted.len();
    let paid = |order: &Order| matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled);
    found
        .into_iter()
        .find(|order| all && of.len() == 1 && of.contains(&order.id) && paid(order))
        .ok_or(CancelTicketsError::NotOneOrder)
}

async fn quoted(
    orders: &Orders,
    db: &impl ConnectionTrait,
    order: &Order,
    wanted: &HashSet<TicketId>,
) -> Result<Quote, CancelTicketsError> {
    let tickets = store::ticket::of_orders(db, [order.id]).await?;
    let lines: HashSet<_> = tickets
        .iter()
        .filter(|ticket| wanted.contains(&ticket.id))
        .map(|ticket| ticket.line)
        .collect();
    let departures = order
        .lines
        .iter()
        .filter(|line| lines.contains(&line.id))
        .filter_map(|line| line.ticket.as_ref())
        .map(|terms| terms.departure);
    if store::departure::any_cancelled(db, departures).await? {
        return Err(CancelTicketsError::DepartureCancelled);
    }
    Ok(quote(order, &tickets, wanted, Policy::AsBought, orders.0.clock.now())?)
}

/// What makes two requests the same.
fn hash_of(asked: &CancelTickets) -> Vec<u8> {
    let mut tickets: Vec<String> = asked.tickets.iter().map(TicketId::to_string).collect();
    tickets.sort_unstable();
    tickets.dedup();
    let Account { bank_bin, number, holder } = &asked.account;
    let mut hash = Sha256::new();
    for text in [&asked.reason, bank_bin, number, holder].into_iter().chain(&tickets) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().to_vec()
}
