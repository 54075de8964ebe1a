//! What comes back of orders.

use async_graphql::{Enum, Error, ID, Object};
use kernel::Locale;

use super::enums::mirrors;
use super::moment::Moment;
use super::money::Money;
use super::text::given;
use crate::failure::Failure;

mirrors! {
    /// Why something of an order comes back.
    ReturnKind of proto::returns::ReturnKind {
        /// The whole order was called off after it was paid and before it was handed over.
        Cancellation = Cancellation,
        /// Pieces of it are sent back after it was handed over.
        Return = Return,
    }

    /// How far a return is.
    ReturnStatus of proto::returns::ReturnStatus {
        /// The shop decides.
        Requested = ReturnRequested,
        /// Money and stock are on their way.
        Approved = ReturnApproved,
        /// The shop said no.
        Declined = ReturnDeclined,
        /// The refund is asked for and the stock is back.
        Done = ReturnDone,
    }

    /// A side of a sale.
    ReturnParty of proto::returns::ReturnParty {
        /// Who buys.
        Buyer = Buyer,
        /// Who sells.
        Shop = Shop,
    }
}

/// What comes back of an order together.
pub struct OrderReturn {
    of: proto::returns::OrderReturn,
    locale: Locale,
}

impl OrderReturn {
    /// A return of orders, in a language.
    pub const fn of(of: proto::returns::OrderReturn, locale: Locale) -> Self {
        Self { of, locale }
    }
}

/// What comes back of an order together: all of it, called off, or pieces that are sent back.
#[Object]
impl OrderReturn {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.of.id.clone())
    }

    /// Why it comes back.
    async fn kind(&self) -> Result<ReturnKind, Error> {
        ReturnKind::of(self.of.kind)
    }

    /// How far it is.
    async fn status(&self) -> Result<ReturnStatus, Error> {
        ReturnStatus::of(self.of.status)
    }

    /// Who asked for it.
    async fn asked_by(&self) -> Result<ReturnParty, Error> {
        ReturnParty::of(self.of.asked_by)
    }

    /// Why, in the words of who asked.
    async fn reason(&self) -> &str {
        &self.of.reason
    }

    /// What the shop said when it decided.
    async fn answer(&self) -> Option<&str> {
        given(&self.of.answer)
    }

    /// The pieces.
    async fn lines(&self) -> Vec<ReturnedPieces> {
        self.of.lines.iter().cloned().map(ReturnedPieces).collect()
    }

    /// Whether the pieces can be sold again.
    async fn restock(&self) -> bool {
        self.of.restock
    }

    /// What comes back in money, once it is known; nothing where all was given back before.
    async fn refund(&self) -> Option<Money> {
        self.of.refund.as_ref().map(|refund| Money::of(Some(refund), self.locale))
    }

    /// The refund, if there is one.
    async fn refund_id(&self) -> Option<ID> {
        given(&self.of.refund_id).map(ID::from)
    }

    /// Whether the refund waits for an account to go to.
    async fn account_needed(&self) -> bool {
        self.of.account_needed
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.of.created_at)
    }

    /// When it was decided on.
    async fn decided_at(&self) -> Option<Moment> {
        Moment::maybe(self.of.decided_at)
    }

    /// When it was done.
    async fn finished_at(&self) -> Option<Moment> {
        Moment::maybe(self.of.finished_at)
    }
}

/// Pieces of a line of an order.
pub struct ReturnedPieces(proto::returns::ReturnedPieces);

/// Pieces of a line of an order.
#[Object]
impl ReturnedPieces {
    /// The line.
    async fn order_line_id(&self) -> ID {
        ID(self.0.order_line_id.clone())
    }

    /// How many pieces.
    async fn quantity(&self) -> i64 {
        self.0.quantity
    }
}
