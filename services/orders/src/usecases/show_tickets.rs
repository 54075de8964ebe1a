//! Tickets with the orders and checkouts that they belong to, and who is on a departure.

use std::collections::{BTreeMap, HashMap};

use kernel::{CheckoutId, DepartureId, OrderId, ShopScope};
use proto::bookings as contract;
use sea_orm::{ConnectionTrait, DbErr};

use crate::domain::checkout::Checkout;
use crate::domain::order::Order;
use crate::domain::ticket::{Ticket, TicketStatus};
use crate::domain::ticket_code::TicketSigner;
use crate::messages::terms::offer_of;
use crate::messages::tickets::ticket_message;
use crate::store;

/// More guests than any departure has.
const MANIFEST_AT_MOST: u64 = 10_000;

/// Tickets, and what is needed to tell of them: three questions, however many they are.
#[derive(Clone, Debug)]
pub struct ShownTickets {
    tickets: Vec<Ticket>,
    orders: HashMap<OrderId, Order>,
    checkouts: HashMap<CheckoutId, Checkout>,
}

impl ShownTickets {
    /// The tickets in the contract's words, with their codes.
    pub fn messages(&self, signer: &TicketSigner) -> Vec<contract::Ticket> {
        self.tickets.iter().filter_map(|ticket| self.message(signer, ticket)).collect()
    }

    fn message(&self, signer: &TicketSigner, ticket: &Ticket) -> Option<contract::Ticket> {
        let order = self.orders.get(&ticket.order)?;
        ticket_message(signer, ticket, order, self.checkouts.get(&order.checkout))
    }
}

/// Finds what belongs to tickets.
pub async fn show_tickets(
    db: &impl ConnectionTrait,
    tickets: Vec<Ticket>,
) -> Result<ShownTickets, DbErr> {
    let mut ids: Vec<OrderId> = tickets.iter().map(|ticket| ticket.order).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(ShownTickets { tickets, orders: HashMap::new(), checkouts: HashMap::new() });
    }
    let orders = store::order::by_ids(db, ids).await?;
    let checkouts = store::checkout::by_ids(db, orders.iter().map(|order| order.checkout)).await?;
    Ok(ShownTickets {
        tickets,
        orders: orders.into_iter().map(|order| (order.id, order)).collect(),
        checkouts: checkouts.into_iter().map(|checkout| (checkout.id, checkout)).collect(),
    })
}

/// Who is on a departure, and what they ordered with it.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The tickets that are not cancelled.
    pub tickets: ShownTickets,
    /// How many of each add-on, by its code.
    pub add_ons: BTreeMap<String, i64>,
    /// Whom the tickets let in.
    pub people: u32,
    /// Of them, who are on board.
    pub redeemed: u32,
}

/// The manifest of a shop's departure.
pub async fn manifest(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    departure: DepartureId,
) -> Result<Manifest, DbErr> {
    let tickets = store::ticket::on_board(db, scope, departure, MANIFEST_AT_MOST).await?;
    let people = |tickets: &[Ticket], status: Option<TicketStatus>| -> u32 {
        let counted = tickets.iter().filter(|ticket| status.is_none_or(|is| ticket.status == is));
        counted.map(|ticket| ticket.admits).sum()
    };
    let (all, redeemed) = (people(&tickets, None), people(&tickets, Some(TicketStatus::Redeemed)));
    let mut add_ons: BTreeMap<String, i64> = BTreeMap::new();
    for line in store::order::paid_lines_of_departure(db, scope, departure).await? {
        let Some(terms) = line.ticket.as_ref().filter(|terms| terms.is_add_on()) else { continue };
        let left = line.quantity - line.cancelled_quantity;
        if left > 0 {
            *add_ons.entry(offer_of(terms).ticket_code).or_default() += left;
        }
    }
    let tickets = show_tickets(db, tickets).await?;
    Ok(Manifest { tickets, add_ons, people: all, redeemed })
}
