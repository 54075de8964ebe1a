//! An order: what one shop sells of one kind, goods or seats, in one checkout. Fee and taxes depend on
//! the kind, and goods and seats are handed over in ways of their own; so an order never mixes them.

use std::collections::BTreeMap;

use kernel::{
    CheckoutId, LocalizedText, Money, MoneyError, OrderId, OrderLineId, ProductId, ShopId,
    Timestamp, UserId, VariantId,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ticket_terms::TicketTerms;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// Not paid yet.
    Pending,
    /// Paid; the shop prepares it.
    Paid,
    /// Handed over.
    Fulfilled,
    /// Never paid; or paid, not sold, and its money given back; or called off after it was paid
    /// (`Order::cancelled_at`).
    Cancelled,
    /// Paid, but it can no longer be sold: its money is to be given back.
    RefundDue,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Paid, Self::Fulfilled, Self::Cancelled, Self::RefundDue];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
            Self::RefundDue => "refund_due",
        }
    }
}

/// A line: what was agreed on, as it was called and priced at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// What was bought.
    pub variant: VariantId,
    /// Of which product.
    pub product: ProductId,
    /// Product and options.
    pub title: LocalizedText,
    /// The shop's own number of it.
    pub sku: String,
    /// Unit of the price.
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Money,
    /// Price of all.
    pub total: Money,
    /// The terms, if it is a ticket or an add-on of a departure.
    pub ticket: Option<TicketTerms>,
    /// How many of it were given back.
    pub cancelled_quantity: i64,
}

/// What an order sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sold {
    /// Goods.
    Goods,
    /// Seats of a tour, and what is added to them.
    Tour,
}

impl OrderLine {
    /// What the line sells.
    pub const fn sold(&self) -> Sold {
        if self.ticket.is_some() { Sold::Tour } else { Sold::Goods }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// What people say on the telephone: `CN-7K2M-Q4PD`.
    pub number: String,
    /// Its checkout.
    pub checkout: CheckoutId,
    /// Who sells.
    pub shop: ShopId,
    /// Who buys, if signed in.
    pub buyer: Option<UserId>,
    /// Where it stands.
    pub status: OrderStatus,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// The sum of the lines.
    pub total: Money,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was handed over.
    pub fulfilled_at: Option<Timestamp>,
    /// When it was called off, with its money on the way back.
    pub cancelled_at: Option<Timestamp>,
    /// Until when pieces of it may be sent back; none: they may not.
    pub returnable_until: Option<Timestamp>,
}

/// What catalog holds for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLine {
    /// Whose it is.
    pub shop: ShopId,
    /// The line that it will be.
    pub line: OrderLine,
}

/// What a shop sells of one kind in a checkout, before it is an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopPart {
    /// Id of the order that it will be.
    pub order: OrderId,
    /// Who sells.
    pub shop: ShopId,
    /// Of which kind.
    pub sold: Sold,
    /// What.
    pub lines: Vec<OrderLine>,
    /// The sum.
    pub total: Money,
}

/// Splits what is held into one part a shop and kind, in the order of the shops' ids, goods first.
pub fn split_into_orders(
    checkout: CheckoutId,
    held: Vec<HeldLine>,
) -> Result<Vec<ShopPart>, MoneyError> {
    let mut parts: BTreeMap<(ShopId, Sold), Vec<OrderLine>> = BTreeMap::new();
    for HeldLine { shop, line } in held {
        parts.entry((shop, line.sold())).or_default().push(line);
    }
    parts
        .into_iter()
        .map(|((shop, sold), lines)| {
            let currency = lines[0].total.currency;
            let total = Money::checked_sum(currency, lines.iter().map(|line| line.total))?;
            Ok(ShopPart { order: order_id(checkout, shop, sold), shop, sold, lines, total })
        })
        .collect()
}

/// The id of a shop's order of a kind in a checkout. It follows from the three, so that a checkout
/// which is resumed asks the payment for the same parts. Its first 48 bits are the checkout's moment,
/// so orders sort by time as UUIDv7 do.
pub fn order_id(checkout: CheckoutId, shop: ShopId, sold: Sold) -> OrderId {
    let mut hash = Sha256::new();
    hash.update(checkout.uuid().as_bytes());
    hash.update(shop.uuid().as_bytes());
    match sold {
        Sold::Goods => {}
        Sold::Tour => hash.update(b"tour"),
    }
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes[..6].copy_from_slice(&checkout.uuid().as_bytes()[..6]);
    bytes[6] = (bytes[6] & 0x0F) | 0x70;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    OrderId::from_uuid(Uuid::from_bytes(bytes))
}

/// The number of an order from 40 random bits, in Crockford's base 32.
pub fn order_number(bits: u64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letter = |place: u64| ALPHABET[(bits >> (5 * place)) as usize & 31] as char;
    let (left, right): (String, String) =
        ((0..4).map(letter).collect(), (4..8).map(letter).collect());
    format!("CN-{left}-{right}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn held(shop: u128, quantity: i64, price: i64) -> HeldLine {
        let uuid = Uuid::from_u128(shop);
        HeldLine {
            shop: ShopId::from_uuid(uuid),
            line: OrderLine {
                id: OrderLineId::from_uuid(uuid),
                variant: VariantId::from_uuid(uuid),
                product: ProductId::from_uuid(uuid),
                title: LocalizedText::default(),
                sku: String::new(),
                unit: String::new(),
                quantity,
                unit_price: Money::vnd(price),
                total: Money::vnd(price * quantity),
                ticket: None,
                cancelled_quantity: 0,
            },
        }
    }

    proptest! {
        #[test]
        fn the_parts_of_the_shops_sum_to_the_whole(
            lines in proptest::collection::vec((1u128..5, 1i64..100, 1i64..1_000_000), 1..20),
        ) {
            let checkout = CheckoutId::from_uuid(Uuid::from_u128(7));
            let held: Vec<_> = lines.iter().map(|(shop, quantity, price)| held(*shop, *quantity, *price)).collect();
            let whole: i64 = held.iter().map(|held| held.line.total.minor).sum();
            let parts = split_into_orders(checkout, held).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.total.minor).sum::<i64>(), whole);
            prop_assert!(parts.windows(2).all(|pair| pair[0].shop < pair[1].shop));
        }
    }

    #[test]
    fn a_resumed_checkout_makes_the_same_orders() {
        let checkout = CheckoutId::from_uuid(Uuid::now_v7());
        let shop = ShopId::from_uuid(Uuid::from_u128(1));
        let id = order_id(checkout, shop, Sold::Goods);
        assert_eq!(id, order_id(checkout, shop, Sold::Goods));
        assert_ne!(id, order_id(checkout, ShopId::from_uuid(Uuid::from_u128(2)), Sold::Goods));
        assert_ne!(id, order_id(checkout, shop, Sold::Tour));
        assert_eq!(id.uuid().get_version_num(), 7);
        assert_eq!(id.uuid().as_bytes()[..6], checkout.uuid().as_bytes()[..6]);
        assert_eq!(order_number(0), "CN-0000-0000");
        assert_eq!(order_number(u64::MAX), "CN-ZZZZ-ZZZZ");
    }
}
