//! Gives orders that are paid their tickets, in the transaction in which they become paid.

use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;

use crate::domain::order::{Order, OrderLine};
use crate::domain::ticket::{Ticket, issue};
use crate::store;

/// Writes the tickets of one order, with who comes: by line and piece.
pub async fn issue_tickets_named(
    tx: &Transaction,
    paid: &Order,
    guest: impl Fn(&OrderLine, u32) -> String,
) -> Result<Vec<Ticket>, DbErr> {
    let mut tickets = issue(paid, ids::new);
    for ticket in &mut tickets {
        if let Some(line) = paid.lines.iter().find(|line| line.id == ticket.line) {
            ticket.guest_name = guest(line, ticket.piece);
        }
    }
    store::ticket::insert(tx, &tickets).await?;
    metrics::counter!("tickets_issued_total").increment(tickets.len() as u64);
    Ok(tickets)
}

/// Writes the tickets of orders. Call it once an order: when it becomes paid.
pub async fn issue_tickets(tx: &Transaction, paid: &[Order]) -> Result<Vec<Ticket>, DbErr> {
    let tickets: Vec<Ticket> = paid.iter().flat_map(|order| issue(order, ids::new)).collect();
    store::ticket::insert(tx, &tickets).await?;
    if !tickets.is_empty() {
        metrics::counter!("tickets_issued_total").increment(tickets.len() as u64);
    }
    Ok(tickets)
}
