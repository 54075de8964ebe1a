//! Tickets in the contract's words.

use kernel::Timestamp;
use proto::bookings as contract;

use super::terms::offer_of;
use crate::domain::checkout::Checkout;
use crate::domain::order::Order;
use crate::domain::ticket::{Ticket, TicketStatus};
use crate::domain::ticket_code::{TicketCode, TicketSigner};
use crate::domain::vietnam_day::VietnamDay;

/// A ticket's status.
pub const fn ticket_status_message(status: TicketStatus) -> contract::TicketStatus {
    match status {
        TicketStatus::Valid => contract::TicketStatus::TicketValid,
        TicketStatus::Redeemed => contract::TicketStatus::TicketRedeemed,
        TicketStatus::Cancelled => contract::TicketStatus::TicketCancelled,
    }
}

/// A ticket with what its order and checkout say of it; `None` if it is not of that order.
pub fn ticket_message(
    signer: &TicketSigner,
    ticket: &Ticket,
    order: &Order,
    checkout: Option<&Checkout>,
) -> Option<contract::Ticket> {
    let line = order.lines.iter().find(|line| line.id == ticket.line)?;
    let terms = line.ticket.as_ref()?;
    let contact = checkout.map(|checkout| &checkout.contact);
    Some(contract::Ticket {
        id: ticket.id.to_string(),
        order_id: order.id.to_string(),
        order_line_id: line.id.to_string(),
        shop_id: order.shop.to_string(),
        product_id: line.product.to_string(),
        title: Some(line.title.clone().into()),
        offer: Some(offer_of(terms)),
        code: signer.sign(TicketCode {
            ticket: ticket.id,
            departure: terms.departure,
            day: VietnamDay::of(terms.starts_at),
        }),
        status: ticket_status_message(ticket.status).into(),
        guest_name: ticket.guest_name.clone(),
        price: Some(ticket.price.into()),
        redeemed_at: ticket.redeemed_at.map_or(0, Timestamp::micros),
        cancelled_at: ticket.cancelled_at.map_or(0, Timestamp::micros),
        number: ticket.place,
        order_number: order.number.clone(),
        contact_name: contact.map(|contact| contact.name.clone()).unwrap_or_default(),
        contact_phone: contact.map(|contact| contact.phone.clone()).unwrap_or_default(),
    })
}
