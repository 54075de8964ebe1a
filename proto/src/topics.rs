//! The streams on which services tell their events: one a service.

use crate::events::event::Body;

/// The stream of one service's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Events of accounts.
    Accounts,
    /// Events of catalog.
    Catalog,
    /// Events of orders.
    Orders,
    /// Events of payments.
    Payments,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::Accounts, Self::Catalog, Self::Orders, Self::Payments];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Catalog => "catalog",
            Self::Orders => "orders",
            Self::Payments => "payments",
        }
    }

    /// The stream that an event belongs on.
    pub const fn of(body: &Body) -> Self {
        match body {
            Body::ShopChanged(_)
            | Body::PayoutAccountChanged(_)
            | Body::ShopDecided(_)
            | Body::ShopMemberChanged(_)
            | Body::UserForgotten(_) => Self::Accounts,
            Body::ProductChanged(_)
            | Body::HoldCommitRefused(_)
            | Body::DepartureCancelled(_)
            | Body::SeatsOffered(_) => Self::Catalog,
            Body::CheckoutChanged(_)
            | Body::OrderFulfilled(_)
            | Body::OrderCancelled(_)
            | Body::ReturnChanged(_)
            | Body::NoticeGiven(_)
            | Body::CheckoutForgotten(_)
            | Body::ResellerInvoiced(_) => Self::Orders,
            Body::PaymentSucceeded(_)
            | Body::PaymentClosed(_)
            | Body::CounterPaymentChanged(_)
            | Body::PaymentReopened(_)
            | Body::PaymentCameInPart(_)
            | Body::PaymentDestinationChanged(_) => Self::Payments,
        }
    }
}
