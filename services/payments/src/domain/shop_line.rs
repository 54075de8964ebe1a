//! A line of what a shop is owed: together they are exactly its payable in the ledger, and each
//! says what it is about. It is what a shop's statement is made of.

use kernel::{
    Money, OrderId, PaymentId, PayoutId, PostingId, RefundId, ShopId, ShopLineId, Timestamp,
};
use uuid::Uuid;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShopLineKind {
    /// An order was paid: its gross amount.
    Sale,
    /// The market's commission.
    Fee,
    /// Value added tax withheld.
    Vat,
    /// Personal income tax withheld.
    Pit,
    /// A shopper gets money back.
    Refund,
    /// Commission given back with a refund.
    FeeBack,
    /// Value added tax given back with a refund.
    VatBack,
    /// Personal income tax given back with a refund.
    PitBack,
    /// The shop was paid.
    Payout,
    /// A payout came back.
    PayoutBack,
    /// A cardholder's bank took the money back, and the dispute was lost.
    Dispute,
    /// A dispute that was lost was won after all.
    DisputeBack,
    /// Of a sale, what came straight to the shop's own account: nobody owes it that.
    Direct,
    /// Of a refund, what the shop gives back out of its own account.
    DirectBack,
}

impl ShopLineKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Sale,
        Self::Fee,
        Self::Vat,
        Self::Pit,
        Self::Refund,
        Self::FeeBack,
        Self::VatBack,
        Self::PitBack,
        Self::Payout,
        Self::PayoutBack,
        Self::Dispute,
        Self::DisputeBack,
        Self::Direct,
        Self::DirectBack,
    ];

    /// The name in the database and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Fee => "fee",
            Self::Vat => "vat",
            Self::Pit => "pit",
            Self::Refund => "refund",
            Self::FeeBack => "fee_back",
            Self::VatBack => "vat_back",
            Self::PitBack => "pit_back",
            Self::Payout => "payout",
            Self::PayoutBack => "payout_back",
            Self::Dispute => "dispute",
            Self::DisputeBack => "dispute_back",
            Self::Direct => "direct",
            Self::DirectBack => "direct_back",
        }
    }

    /// Of which kind of line it is a part, and its place among the parts from 1, if it is one: what is taken
    /// of a sale, or given back with a refund.
    pub const fn part_of(self) -> Option<(Self, usize)> {
        Some(match self {
            Self::Fee => (Self::Sale, 1),
            Self::Vat => (Self::Sale, 2),
            Self::Pit => (Self::Sale, 3),
            Self::FeeBack => (Self::Refund, 1),
            Self::VatBack => (Self::Refund, 2),
            Self::PitBack => (Self::Refund, 3),
            _ => return None,
        })
    }

    /// The kinds of a line's parts, in their order.
    pub const fn parts(self) -> Option<[Self; PARTS]> {
        match self {
            Self::Sale => Some([Self::Fee, Self::Vat, Self::Pit]),
            Self::Refund => Some([Self::FeeBack, Self::VatBack, Self::PitBack]),
            _ => None,
        }
    }
}

/// Parts of a line: commission, value added tax, personal income tax.
pub const PARTS: usize = 3;
/// The last bits of a line's id say which part it is, 0 being the line itself.
const PART_BITS: u128 = 3;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopLine {
    /// Its id.
    pub id: ShopLineId,
    /// Whose it is.
    pub shop: ShopId,
    /// What it is.
    pub kind: ShopLineKind,
    /// Above zero the shop is owed more, below less.
    pub amount: Money,
    /// The payment that it is about.
    pub payment: Option<PaymentId>,
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// The refund that it is about.
    pub refund: Option<RefundId>,
    /// The payout that it is.
    pub payout: Option<PayoutId>,
    /// The posting that has it in the ledger.
    pub posting: PostingId,
    /// When it was posted.
    pub posted_at: Timestamp,
}

impl ShopLine {
    /// The line, and parts of it as lines beside it (see [`ShopLineKind::parts`]); of a kind that has no
    /// parts it is the line alone. Their ids follow from the line's, so that they stay together.
    pub fn with_parts(mut self, amounts: [Money; PARTS]) -> Vec<Self> {
        self.id = main_id(self.id);
        let kinds = self.kind.parts().into_iter().flatten();
        let parts: Vec<Self> = kinds
            .zip(amounts)
            .zip(1..)
            .map(|((kind, amount), place)| Self {
                id: part_id(self.id, place),
                kind,
                amount,
                ..self.clone()
            })
            .collect();
        std::iter::once(self).chain(parts).collect()
    }
}

/// The id of the line of which this is the id of a part, or of the line itself.
pub fn main_id(id: ShopLineId) -> ShopLineId {
    ShopLineId::from_uuid(Uuid::from_u128(id.uuid().as_u128() & !PART_BITS))
}

fn part_id(main: ShopLineId, place: usize) -> ShopLineId {
    ShopLineId::from_uuid(Uuid::from_u128(main.uuid().as_u128() | (place as u128 & PART_BITS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_line_name_it_and_it_names_them() {
        for kind in ShopLineKind::ALL {
            for (place, part) in kind.parts().into_iter().flatten().enumerate() {
                assert_eq!(part.part_of(), Some((kind, place + 1)));
            }
            if let Some((main, place)) = kind.part_of() {
                assert_eq!(main.parts().unwrap()[place - 1], kind);
            }
        }
    }

    #[test]
    fn a_line_of_any_id_stays_together_with_its_parts() {
        let line = |kind| ShopLine {
            id: ShopLineId::from_uuid(Uuid::from_u128(0x77)),
            shop: ShopId::from_uuid(Uuid::nil()),
            kind,
            amount: Money::vnd(100),
            payment: None,
            order: None,
            refund: None,
            payout: None,
            posting: PostingId::from_uuid(Uuid::nil()),
            posted_at: Timestamp::from_micros(1),
        };
        let amounts = [-3, -2, -1].map(Money::vnd);
        let lines = line(ShopLineKind::Sale).with_parts(amounts);
        let ids: Vec<u128> = lines.iter().map(|line| line.id.uuid().as_u128()).collect();
        assert_eq!(ids, [0x74, 0x75, 0x76, 0x77]);
        assert!(lines.iter().all(|one| main_id(one.id) == lines[0].id));
        assert_eq!(line(ShopLineKind::Payout).with_parts(amounts).len(), 1);
    }
}
