//! What a cart may hold.

use kernel::{CartId, CartLineId, VariantId};

use super::voucher::Voucher;

/// The most lines of a cart.
pub const MAX_LINES: usize = 100;
/// The most pieces of a line.
pub const MAX_QUANTITY: i64 = 999;

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// Its id.
    pub id: CartLineId,
    /// What is wanted.
    pub variant: VariantId,
    /// How many.
    pub quantity: i64,
}

/// SHA-256 of the token that claims a waiting list's offer. The token itself is its guest's alone: it is
/// neither kept nor told on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClaimDigest(pub [u8; 32]);

/// A cart with its lines, in the order in which they were put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// Its id.
    pub id: CartId,
    /// Its lines.
    pub lines: Vec<CartLine>,
    /// Whether a checkout of it is open or paid: then nothing of it changes.
    pub checked_out: bool,
    /// Of a waiting list's offer, whose seats its checkout takes; none for most.
    pub claim: Option<ClaimDigest>,
    /// Its vouchers, one a shop; none in most.
    pub vouchers: Vec<Voucher>,
}

/// What is put into which cart.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The cart.
    pub cart: CartId,
    /// What.
    pub variant: VariantId,
    /// How many, added to what is there.
    pub quantity: i64,
    /// Of a waiting list's offer; none: the cart's stays as it was.
    pub claim: Option<ClaimDigest>,
}

/// Why a cart did not change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CartRefused {
    /// It is being checked out, or was.
    #[error("the cart is checked out")]
    CheckedOut,
    /// It has as many lines as it may.
    #[error("the cart has {MAX_LINES} lines")]
    TooManyLines,
    /// A quantity is not between 1 and the most (0 where it removes).
    #[error("the quantity is out of range")]
    Quantity,
    /// There is no such line.
    #[error("there is no such line")]
    UnknownLine,
    /// The variant is not for sale.
    #[error("not for sale")]
    NotForSale,
    /// There are not so many.
    #[error("only {available} are there")]
    InsufficientStock {
        /// How many are there.
        available: i64,
        /// Of what.
        variant: VariantId,
    },
}

/// What is on offer, as far as a cart asks.
#[derive(Clone, Copy, Debug)]
pub struct OnOffer {
    /// Whether it is for sale.
    pub for_sale: bool,
    /// How many can be bought.
    pub available: i64,
}

impl Cart {
    /// How many of a variant the cart holds if so many are added.
    pub fn quantity_after_adding(
        &self,
        variant: VariantId,
        quantity: i64,
        offer: Option<OnOffer>,
    ) -> Result<i64, CartRefused> {
        self.must_be_open()?;
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            return Err(CartRefused::Quantity);
        }
        let held = self.lines.iter().find(|line| line.variant == variant);
        if held.is_none() && self.lines.len() >= MAX_LINES {
            return Err(CartRefused::TooManyLines);
        }
        let wanted = held.map_or(0, |line| line.quantity) + quantity;
        check_offer(variant, wanted, offer)
    }

    /// How many a line shall hold; 0 takes it out.
    pub fn quantity_after_setting(
        &self,
        line: CartLineId,
        quantity: i64,
        offer: Option<OnOffer>,
    ) -> Result<i64, CartRefused> {
        self.must_be_open()?;
        let line = self.line(line).ok_or(CartRefused::UnknownLine)?;
        match quantity {
            0 => Ok(0),
            1..=MAX_QUANTITY => check_offer(line.variant, quantity, offer),
            _ => Err(CartRefused::Quantity),
        }
    }

    /// A line by its id.
    pub fn line(&self, id: CartLineId) -> Option<&CartLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// Whether it may still be changed.
    pub fn must_be_open(&self) -> Result<(), CartRefused> {
        if self.checked_out { Err(CartRefused::CheckedOut) } else { Ok(()) }
    }
}

/// How many a line may hold of what is on offer.
pub fn check_offer(
    variant: VariantId,
    wanted: i64,
    offer: Option<OnOffer>,
) -> Result<i64, CartRefused> {
    let offer = offer.filter(|offer| offer.for_sale).ok_or(CartRefused::NotForSale)?;
    if wanted > MAX_QUANTITY {
        return Err(CartRefused::Quantity);
    }
    if wanted > offer.available {
        return Err(CartRefused::InsufficientStock { available: offer.available.max(0), variant });
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn variant(number: u128) -> VariantId {
        VariantId::from_uuid(Uuid::from_u128(number))
    }

    fn cart(lines: usize) -> Cart {
        let line = |number: usize| CartLine {
            id: CartLineId::from_uuid(Uuid::from_u128(number as u128)),
            variant: variant(number as u128),
            quantity: 2,
        };
        let id = CartId::from_uuid(Uuid::from_u128(1));
        let lines = (0..lines).map(line).collect();
        Cart { id, lines, checked_out: false, claim: None, vouchers: Vec::new() }
    }

    const TEN: Option<OnOffer> = Some(OnOffer { for_sale: true, available: 10 });

    #[test]
    fn adding_counts_what_is_there_already() {
        assert_eq!(cart(1).quantity_after_adding(variant(0), 8, TEN), Ok(10));
        assert_eq!(
            cart(1).quantity_after_adding(variant(0), 9, TEN),
            Err(CartRefused::InsufficientStock { available: 10, variant: variant(0) })
        );
    }

    #[test]
    fn what_may_not_be_is_refused() {
        let hidden = Some(OnOffer { for_sale: false, available: 10 });
        assert_eq!(
            cart(0).quantity_after_adding(variant(1), 1, hidden),
            Err(CartRefused::NotForSale)
        );
        assert_eq!(
            cart(0).quantity_after_adding(variant(1), 1, None),
            Err(CartRefused::NotForSale)
        );
        assert_eq!(cart(0).quantity_after_adding(variant(1), 0, TEN), Err(CartRefused::Quantity));
        assert_eq!(
            cart(0).quantity_after_adding(variant(1), 1_000, TEN),
            Err(CartRefused::Quantity)
        );
        assert_eq!(
            cart(100).quantity_after_adding(variant(500), 1, TEN),
            Err(CartRefused::TooManyLines)
        );
        assert_eq!(cart(100).quantity_after_adding(variant(5), 1, TEN), Ok(3));
        let closed = Cart { checked_out: true, ..cart(1) };
        assert_eq!(closed.quantity_after_adding(variant(0), 1, TEN), Err(CartRefused::CheckedOut));
    }

    #[test]
    fn zero_takes_a_line_out() {
        let line = cart(1).lines[0].id;
        assert_eq!(cart(1).quantity_after_setting(line, 0, None), Ok(0));
        assert_eq!(cart(1).quantity_after_setting(line, -1, TEN), Err(CartRefused::Quantity));
        let unknown = CartLineId::from_uuid(Uuid::from_u128(99));
        assert_eq!(cart(1).quantity_after_setting(unknown, 1, TEN), Err(CartRefused::UnknownLine));
    }
}
