//! An order: what one shop sells of one kind, goods or seats, in one checkout. Fee and taxes depend on
//! the kind, and goods and seats are handed over in ways of their own; so an order never mixes them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    CheckoutId, LocalizedText, Money, MoneyError, OrderId, OrderLineId, ProductId, ShopId,
    Timestamp, UserId, VariantId,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ticket_terms::TicketTerms;
use super::voucher::{CodeRefused, Voucher, VoucherCode, discounts, spread};

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
    /// What a voucher takes off all of them.
    pub discount: Money,
    /// What all of them cost: quantity times price, less the discount.
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

    /// What the pieces from one up to another cost, counted from 0. Any steps come together to the
    /// whole line; without a discount each piece costs its price.
    pub fn cost_of(&self, from: i64, to: i64) -> Money {
        let upto = |pieces: i64| {
            let pieces = i128::from(pieces.clamp(0, self.quantity));
            i128::from(self.total.minor) * pieces / i128::from(self.quantity.max(1))
        };
        // A part of a line is never more than the line, which fits 64 bits.
        Money { minor: (upto(to) - upto(from)) as i64, ..self.total }
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
    /// Of its shop's voucher, where one took something off.
    pub voucher: Option<VoucherCode>,
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

impl Order {
    /// The products of which its buyer keeps at least a piece: what was all called off, nobody gets.
    pub fn products_kept(&self) -> BTreeSet<ProductId> {
        let kept = self.lines.iter().filter(|line| line.quantity > line.cancelled_quantity);
        kept.map(|line| line.product).collect()
    }

    /// What its voucher takes off.
    pub fn discount(&self) -> Result<Money, MoneyError> {
        Money::checked_sum(self.total.currency, self.lines.iter().map(|line| line.discount))
    }
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
    /// Of the shop's voucher, where it took something off.
    pub voucher: Option<VoucherCode>,
}

/// Takes vouchers, one a shop, off what is held. Each shop's discount is spread over its goods and its
/// seats alike. One that does not count refuses all.
pub fn take_off(
    held: &mut [HeldLine],
    vouchers: &[Voucher],
) -> Result<Result<(), CodeRefused>, MoneyError> {
    let totals: Vec<_> = held.iter().map(|held| (held.shop, held.line.total)).collect();
    for (voucher, discount) in vouchers.iter().zip(discounts(&totals, vouchers)?) {
        let discount = match discount {
            Ok(discount) => discount,
            Err(refused) => return Ok(Err(CodeRefused { code: voucher.code.clone(), refused })),
        };
        let of_shop = || totals.iter().filter(|(shop, _)| *shop == voucher.shop);
        let parts = spread(discount, &of_shop().map(|(_, total)| *total).collect::<Vec<_>>());
        let lines = held.iter_mut().filter(|held| held.shop == voucher.shop);
        for (held, part) in lines.zip(parts) {
            held.line.discount = part;
            held.line.total = held.line.total.checked_sub(part)?;
        }
    }
    Ok(Ok(()))
}

/// Splits what is held into one part a shop and kind, in the order of the shops' ids, goods first.
/// `vouchers` are those that were taken off it.
pub fn split_into_orders(
    checkout: CheckoutId,
    held: Vec<HeldLine>,
    vouchers: &[Voucher],
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
            let used = vouchers.iter().find(|voucher| voucher.shop == shop);
            let used = used.filter(|_| lines.iter().any(|line| line.discount.is_positive()));
            let voucher = used.map(|voucher| voucher.code.clone());
            let order = order_id(checkout, shop, sold);
            Ok(ShopPart { order, shop, sold, lines, total, voucher })
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

    use kernel::VoucherId;

    use super::super::voucher::{VoucherRefused, Wanted, make};
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
                discount: Money::vnd(0),
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
            let parts = split_into_orders(checkout, held, &[]).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.total.minor).sum::<i64>(), whole);
            prop_assert!(parts.windows(2).all(|pair| pair[0].shop < pair[1].shop));
        }
    }

    #[test]
    fn a_voucher_is_spread_over_its_shops_lines_and_the_parts_still_sum() {
        let code = VoucherCode::parse("TET").unwrap();
        let shop = ShopId::from_uuid(Uuid::from_u128(1));
        let wanted = Wanted {
            code: "TET".to_owned(),
            amount: Some(Money::vnd(10_000)),
            basis_points: 0,
            cap: None,
            minimum: Money::vnd(0),
            valid_from: None,
            valid_until: None,
            uses_at_most: None,
            uses_per_buyer: None,
        };
        let (now, nobody) = (Timestamp::from_micros(1), Uuid::nil());
        let voucher =
            make(&wanted, VoucherId::from_uuid(nobody), shop, UserId::from_uuid(nobody), now)
                .unwrap();
        let mut seats = held(1, 1, 60_000);
        seats.line.ticket = Some(TicketTerms {
            departure: kernel::DepartureId::from_uuid(nobody),
            starts_at: now,
            ends_at: now,
            private: false,
            admits: 1,
            cancellation: Vec::new(),
            snapshot: Vec::new(),
        });
        let mut all = vec![held(1, 3, 10_000), held(2, 1, 5_000), seats];
        take_off(&mut all, std::slice::from_ref(&voucher)).unwrap().unwrap();
        let discounts: Vec<i64> = all.iter().map(|held| held.line.discount.minor).collect();
        assert_eq!(discounts, [3_333, 0, 6_667]);
        for held in &all {
            let line = &held.line;
            let gross = line.unit_price.minor * line.quantity;
            assert_eq!(line.total.minor, gross - line.discount.minor);
        }
        let checkout = CheckoutId::from_uuid(Uuid::from_u128(7));
        let parts = split_into_orders(checkout, all, std::slice::from_ref(&voucher)).unwrap();
        let told: Vec<_> =
            parts.iter().map(|part| (part.total.minor, part.voucher.clone())).collect();
        let told_of = Some(code.clone());
        assert_eq!(told, [(26_667, told_of.clone()), (53_333, told_of), (5_000, None)]);
        let refused = take_off(&mut [held(2, 1, 5_000)], &[voucher]).unwrap();
        assert_eq!(refused, Err(CodeRefused { code, refused: VoucherRefused::Unknown }));
    }

    #[test]
    fn the_pieces_of_a_line_come_together_to_what_was_paid_for_it() {
        let mut line = held(1, 3, 10_000).line;
        assert_eq!(line.cost_of(1, 2), Money::vnd(10_000));
        (line.discount, line.total) = (Money::vnd(3_332), Money::vnd(26_668));
        let pieces: Vec<i64> = (0..3).map(|at| line.cost_of(at, at + 1).minor).collect();
        assert_eq!(pieces, [8_889, 8_889, 8_890]);
        assert_eq!(line.cost_of(1, 3), Money::vnd(17_779));
    }

    #[test]
    fn what_was_all_called_off_is_not_kept() {
        let line = |product: u128, cancelled_quantity: i64| OrderLine {
            cancelled_quantity,
            ..held(product, 3, 10_000).line
        };
        let nobody = Uuid::nil();
        let order = Order {
            id: OrderId::from_uuid(nobody),
            number: String::new(),
            checkout: CheckoutId::from_uuid(nobody),
            shop: ShopId::from_uuid(nobody),
            buyer: None,
            status: OrderStatus::Paid,
            // Of the third product one line is left.
            lines: vec![line(1, 0), line(2, 3), line(3, 3), line(3, 2)],
            total: Money::vnd(0),
            voucher: None,
            created_at: Timestamp::from_micros(1),
            paid_at: None,
            fulfilled_at: None,
            cancelled_at: None,
            returnable_until: None,
        };
        let kept = [1, 3].map(|product| ProductId::from_uuid(Uuid::from_u128(product)));
        assert_eq!(order.products_kept(), BTreeSet::from(kept));
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
