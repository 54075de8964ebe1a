//! Tickets: each lets one guest on board, or the party of a boat.

use kernel::{
    Money, OrderId, OrderLineId, ShopId, TicketCancellationId, TicketId, Timestamp, allocate,
};

use super::order::{Order, OrderLine};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketStatus {
    /// It lets its guest in.
    Valid,
    /// Its guest is on board.
    Redeemed,
    /// It was given back, or cannot be used any more.
    Cancelled,
}

impl TicketStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Valid, Self::Redeemed, Self::Cancelled];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Redeemed => "redeemed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The order that it was bought with.
    pub order: OrderId,
    /// The line of that order.
    pub line: OrderLineId,
    /// Whose tour it is.
    pub shop: ShopId,
    /// Its number in the order, from 1.
    pub place: u32,
    /// Which piece of the line it belongs to, from 0: seats come back by whole pieces.
    pub piece: u32,
    /// People whom it lets in.
    pub admits: u32,
    /// Its part of the line's price.
    pub price: Money,
    /// Who comes, if it is known.
    pub guest_name: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// When its guest came on board.
    pub redeemed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// The cancellation that takes it back. Set before it is cancelled: nobody boards with a ticket
    /// whose money is on its way back.
    pub cancellation: Option<TicketCancellationId>,
}

/// The tickets of an order that is paid: one a guest, or one a boat. Ids come from outside.
pub fn issue(order: &Order, mut new_id: impl FnMut() -> TicketId) -> Vec<Ticket> {
    let mut issued: Vec<Ticket> = Vec::new();
    for line in &order.lines {
        let Some(terms) = line.ticket.as_ref().filter(|terms| !terms.is_add_on()) else { continue };
        for piece in 0..u32::try_from(line.quantity).unwrap_or(0) {
            let (count, admits) = if terms.private { (1, terms.admits) } else { (terms.admits, 1) };
            for price in shares(line, piece, count) {
                issued.push(Ticket {
                    id: new_id(),
                    order: order.id,
                    line: line.id,
                    shop: order.shop,
                    place: issued.len() as u32 + 1,
                    piece,
                    admits,
                    price,
                    guest_name: String::new(),
                    status: TicketStatus::Valid,
                    redeemed_at: None,
                    cancelled_at: None,
                    cancellation: None,
                });
            }
        }
    }
    issued
}

/// What was paid for one piece, split among its tickets; the parts sum to the whole line.
fn shares(line: &OrderLine, piece: u32, count: u32) -> Vec<Money> {
    let paid = line.cost_of(i64::from(piece), i64::from(piece) + 1);
    // There is a weight for each, so it is never refused; a count of none gives none.
    allocate(paid, &vec![1; count as usize]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use kernel::{CheckoutId, DepartureId, LocalizedText, ProductId, TypedId, VariantId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::order::OrderStatus;
    use super::super::ticket_terms::TicketTerms;
    use super::*;

    fn id<Id: TypedId>(number: u128) -> Id {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn line(quantity: i64, price: i64, private: bool, admits: u32) -> OrderLine {
        OrderLine {
            id: id::<OrderLineId>(1),
            variant: id::<VariantId>(1),
            product: id::<ProductId>(1),
            title: LocalizedText::default(),
            sku: String::new(),
            unit: String::new(),
            quantity,
            unit_price: Money::vnd(price),
            discount: Money::vnd(0),
            total: Money::vnd(price * quantity),
            ticket: Some(TicketTerms {
                departure: id::<DepartureId>(1),
                starts_at: Timestamp::from_micros(0),
                ends_at: Timestamp::from_micros(0),
                private,
                admits,
                cancellation: Vec::new(),
                snapshot: Vec::new(),
            }),
            cancelled_quantity: 0,
        }
    }

    fn order(lines: Vec<OrderLine>) -> Order {
        Order {
            id: id(1),
            number: String::new(),
            checkout: id::<CheckoutId>(1),
            shop: id(1),
            buyer: None,
            status: OrderStatus::Paid,
            total: Money::vnd(0),
            voucher: None,
            lines,
            created_at: Timestamp::from_micros(0),
            paid_at: None,
            fulfilled_at: None,
            cancelled_at: None,
            returnable_until: None,
        }
    }

    #[test]
    fn a_boat_has_one_ticket_for_its_party_and_an_add_on_has_none() {
        let goods = OrderLine { ticket: None, ..line(5, 10_000, false, 0) };
        let lines = vec![
            goods,
            line(1, 2_400_000, true, 12),
            line(3, 90_000, false, 0),
            line(2, 0, false, 1),
        ];
        let issued = issue(&order(lines), || id(7));
        let told: Vec<_> = issued
            .iter()
            .map(|ticket| (ticket.place, ticket.piece, ticket.admits, ticket.price.minor))
            .collect();
        assert_eq!(told, [(1, 0, 12, 2_400_000), (2, 0, 1, 0), (3, 1, 1, 0)]);
    }

    proptest! {
        #[test]
        fn tickets_cost_what_the_line_costs_and_admit_as_many(
            quantity in 1i64..40, price in 0i64..1_000_000, private: bool, admits in 1u32..9,
            discount in 0i64..1_000_000,
        ) {
            let mut line = line(quantity, price, private, admits);
            line.discount = Money::vnd(discount.min(line.total.minor));
            line.total = line.total.checked_sub(line.discount).unwrap();
            let paid = line.total.minor;
            let issued = issue(&order(vec![line]), || id(7));
            prop_assert_eq!(issued.iter().map(|ticket| ticket.price.minor).sum::<i64>(), paid);
            let people: u32 = issued.iter().map(|ticket| ticket.admits).sum();
            prop_assert_eq!(i64::from(people), quantity * i64::from(admits));
        }
    }
}
