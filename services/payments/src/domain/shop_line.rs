//! A line of what a shop is owed: together they are exactly its payable in the ledger, and each
//! says what it is about. It is what a shop's statement is made of.

use kernel::{
    Money, OrderId, PaymentId, PayoutId, PostingId, RefundId, ShopId, ShopLineId, Timestamp,
};

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
}

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
