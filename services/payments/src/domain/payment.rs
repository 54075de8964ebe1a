//! A payment: what a checkout, or a shop's counter, asks a shopper for, split over orders; or what a
//! reseller is billed.

use kernel::{
    CheckoutId, Money, MoneyError, OrderId, PaymentId, ResellerBillId, ShopId, Timestamp,
};
use uuid::Uuid;

use super::commission::Sold;
use super::payee_account::PayeeAccount;
use super::payment_code::PaymentCode;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Asked for; money may come.
    Pending,
    /// Paid, exactly once.
    Succeeded,
    /// Its time went by without money.
    Expired,
    /// Taken back before money came.
    Cancelled,
}

impl PaymentStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Succeeded, Self::Expired, Self::Cancelled];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a payment pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A checkout, with its orders.
    Checkout(CheckoutId),
    /// A sale at a shop's counter. It has no order; its own id stands wherever an order's does, so
    /// that charges, refunds and statements treat it like one.
    Counter(OrderId),
    /// What a reseller is billed. Its orders were charged when they were invoiced, so it has no parts.
    ResellerBill(ResellerBillId),
}

impl Purpose {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checkout(_) => "checkout",
            Self::Counter(_) => "counter",
            Self::ResellerBill(_) => "reseller_bill",
        }
    }

    /// The id of what is paid.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Checkout(id) => id.uuid(),
            Self::Counter(id) => id.uuid(),
            Self::ResellerBill(id) => id.uuid(),
        }
    }
}

/// One order's part of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The order.
    pub order: OrderId,
    /// Whose order it is: who is owed the part.
    pub shop: ShopId,
    /// What the order sells: an order is of one kind.
    pub sold: Sold,
    /// The part.
    pub amount: Money,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// What it pays.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What is asked for.
    pub amount: Money,
    /// The code in the memo.
    pub code: PaymentCode,
    /// How it is split; the parts sum to the amount. A reseller's bill has none.
    pub allocations: Vec<Allocation>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when money is in time.
    pub expires_at: Timestamp,
    /// When it left the pending state.
    pub closed_at: Option<Timestamp>,
    /// When a person last took back what had paid it. Such a payment is never too late.
    pub reopened_at: Option<Timestamp>,
    /// When it was given more time, as its payer said that the money is on its way. Once at most.
    pub extended_at: Option<Timestamp>,
    /// The shop's own account that its QR names; the market's, if it is none. It never changes.
    pub direct_to: Option<PayeeAccount>,
}

/// Why a payment was not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartRefused {
    /// The amount is zero or less.
    #[error("the amount is below {minimum}")]
    TooSmall {
        /// The least that can be asked for.
        minimum: Money,
    },
    /// More than an instant transfer carries; of a reseller's bill, more than a VietQR can say.
    #[error("the amount is above {maximum}")]
    TooLarge {
        /// The most that can be asked for.
        maximum: Money,
    },
    /// VietQR is for đồng only.
    #[error("only đồng can be paid by VietQR")]
    CurrencyNotSupported,
    /// The parts do not sum to the amount.
    #[error("the allocations do not sum to the amount")]
    AllocationsDiffer,
}

impl From<MoneyError> for StartRefused {
    fn from(_: MoneyError) -> Self {
        Self::AllocationsDiffer
    }
}

/// Why a payment could not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefused {
    /// It is closed already, as what it says.
    #[error("the payment is {}", .0.name())]
    Closed(PaymentStatus),
    /// Its time has not gone by.
    #[error("the payment is still in time")]
    StillInTime,
    /// Its time has gone by.
    #[error("the payment's time has gone by")]
    TooLate,
    /// It was not paid.
    #[error("the payment is {} and was not paid", .0.name())]
    NotPaid(PaymentStatus),
}

impl Payment {
    /// The least: a đồng.
    const MINIMUM: Money = Money::vnd(1);
    /// What NAPAS carries in one instant transfer: below 500 million đồng.
    const INSTANT_MAXIMUM: Money = Money::vnd(499_999_999);
    /// What a bill may ask for: the amount of a VietQR has 13 digits. A business also pays by an ordinary
    /// transfer, or in parts.
    const BILL_MAXIMUM: Money = Money::vnd(9_999_999_999_999);

    /// Asks for a payment by VietQR.
    pub fn start(
        id: PaymentId,
        purpose: Purpose,
        amount: Money,
        allocations: Vec<Allocation>,
        code: PaymentCode,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Self, StartRefused> {
        if amount.currency != Self::MINIMUM.currency {
            return Err(StartRefused::CurrencyNotSupported);
        }
        if amount.minor < Self::MINIMUM.minor {
            return Err(StartRefused::TooSmall { minimum: Self::MINIMUM });
        }
        let maximum = match purpose {
            Purpose::Checkout(_) | Purpose::Counter(_) => Self::INSTANT_MAXIMUM,
            Purpose::ResellerBill(_) => Self::BILL_MAXIMUM,
        };
        if amount.minor > maximum.minor {
            return Err(StartRefused::TooLarge { maximum });
        }
        let parts =
            Money::checked_sum(amount.currency, allocations.iter().map(|part| part.amount))?;
        let whole = match purpose {
            Purpose::Checkout(_) | Purpose::Counter(_) => amount,
            Purpose::ResellerBill(_) => Money::zero(amount.currency),
        };
        if parts != whole || allocations.iter().any(|part| !part.amount.is_positive()) {
            return Err(StartRefused::AllocationsDiffer);
        }
        let status = PaymentStatus::Pending;
        Ok(Self {
            id,
            purpose,
            status,
            amount,
            code,
            allocations,
            created_at,
            expires_at,
            closed_at: None,
            reopened_at: None,
            extended_at: None,
            direct_to: None,
        })
    }

    /// The same, asked for to a shop's own account.
    #[must_use]
    pub fn directly_to(mut self, account: Option<PayeeAccount>) -> Self {
        self.direct_to = account;
        self
    }

    /// Whether one instant transfer carries so much. A QR names no amount above that: it is paid by one
    /// ordinary transfer, or by some instant ones that sum to it, all with the payment's code.
    pub const fn is_instant(amount: Money) -> bool {
        amount.minor <= Self::INSTANT_MAXIMUM.minor
    }

    /// The only shop of which it pays something, if there is one.
    pub fn only_shop(&self) -> Option<ShopId> {
        let first = self.allocations.first()?.shop;
        self.allocations.iter().all(|part| part.shop == first).then_some(first)
    }

    /// The shop whose own account its QR names, if it does.
    pub fn direct_shop(&self) -> Option<ShopId> {
        self.direct_to.as_ref().and_then(|_| self.only_shop())
    }

    /// Whether it asked for money on this account: a shop's, or the market's.
    pub fn is_asked_on(&self, number: &str, shop: Option<ShopId>) -> bool {
        match (&self.direct_to, shop) {
            (None, None) => true,
            (Some(asked), Some(shop)) => asked.number() == number && self.only_shop() == Some(shop),
            _ => false,
        }
    }

    /// The money came. `received_at` is when we were told: money that was in time counts, even if
    /// it is looked at later.
    pub fn succeed(&mut self, received_at: Timestamp) -> Result<(), ChangeRefused> {
        self.must_be_pending()?;
        if received_at > self.expires_at && self.reopened_at.is_none() {
            return Err(ChangeRefused::TooLate);
        }
        self.close(PaymentStatus::Succeeded, received_at);
        Ok(())
    }

    /// A card paid. The provider's page closes with the payment, so what was paid on it was in time,
    /// whenever we hear of it.
    pub fn succeed_by_card(&mut self, heard_at: Timestamp) -> Result<(), ChangeRefused> {
        self.must_be_pending()?;
        self.close(PaymentStatus::Succeeded, heard_at);
        Ok(())
    }

    /// The time went by.
    pub fn expire(&mut self, now: Timestamp) -> Result<(), ChangeRefused> {
        self.must_be_pending()?;
        // Its goods may be gone: a person decides what becomes of it.
        if now <= self.expires_at || self.reopened_at.is_some() {
            return Err(ChangeRefused::StillInTime);
        }
        self.close(PaymentStatus::Expired, now);
        Ok(())
    }

    /// Its payer says that the money is on its way: it is in time until later, once. Whether anything changed:
    /// one that was extended before stays as it is, and so does one that is never too late.
    pub fn extend(&mut self, until: Timestamp, now: Timestamp) -> Result<bool, ChangeRefused> {
        self.must_be_pending()?;
        if self.extended_at.is_some() || self.reopened_at.is_some() {
            return Ok(false);
        }
        // Money of this moment was told to be late.
        if now > self.expires_at {
            return Err(ChangeRefused::TooLate);
        }
        self.expires_at = self.expires_at.max(until);
        self.extended_at = Some(now);
        Ok(true)
    }

    /// Taken back. Taking it back again changes nothing.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), ChangeRefused> {
        self.must_be_pending()?;
        self.close(PaymentStatus::Cancelled, now);
        Ok(())
    }

    /// The checkout that it pays, if it pays one.
    pub const fn checkout(&self) -> Option<CheckoutId> {
        match self.purpose {
            Purpose::Checkout(id) => Some(id),
            Purpose::Counter(_) | Purpose::ResellerBill(_) => None,
        }
    }

    /// The reseller's bill that it is, if it is one.
    pub const fn bill(&self) -> Option<ResellerBillId> {
        match self.purpose {
            Purpose::ResellerBill(id) => Some(id),
            Purpose::Checkout(_) | Purpose::Counter(_) => None,
        }
    }

    /// What had paid it is taken back: it is open again, whatever the time.
    pub fn reopen(&mut self, now: Timestamp) -> Result<(), ChangeRefused> {
        if self.status != PaymentStatus::Succeeded {
            return Err(ChangeRefused::NotPaid(self.status));
        }
        (self.status, self.closed_at, self.reopened_at) = (PaymentStatus::Pending, None, Some(now));
        Ok(())
    }

    /// The ledger's key of its capture out of suspense: it is captured once, and once more after each
    /// time that it was opened again.
    pub fn capture_key(&self) -> String {
        match self.reopened_at {
            None => format!("capture:{}", self.id),
            Some(at) => format!("capture:{}:{}", self.id, at.micros()),
        }
    }

    fn must_be_pending(&self) -> Result<(), ChangeRefused> {
        match self.status {
            PaymentStatus::Pending => Ok(()),
            closed => Err(ChangeRefused::Closed(closed)),
        }
    }

    fn close(&mut self, status: PaymentStatus, at: Timestamp) {
        self.status = status;
        self.closed_at = Some(at);
    }
}

/// How a payment looks from outside: its status, and what happened to its money since.
///
/// Refunds and disputes do not undo a payment: it stays paid. So they are not statuses of it, and what
/// is shown follows from the facts and cannot contradict them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Asked for; money may come.
    Pending,
    /// Some of it came, and the rest is missing: money may still come.
    PartiallyPaid,
    /// The card's bank is at it.
    Processing,
    /// Paid.
    Succeeded,
    /// Its time went by without money.
    Expired,
    /// Taken back before money came.
    Cancelled,
    /// Paid, and a part went back or is on its way.
    PartiallyRefunded,
    /// Paid, and all of it went back or is on its way.
    Refunded,
    /// Paid, and the cardholder's bank contests it or took it back.
    Disputed,
}

/// What happened to a payment besides its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinceThen {
    /// Whether a card's bank is at it.
    pub processing: bool,
    /// What came by transfers that do not pay it.
    pub received: Money,
    /// What went back or is on its way.
    pub refunded: Money,
    /// Whether a dispute is open or was lost.
    pub disputed: bool,
}

impl Payment {
    /// How it looks from outside. A dispute says more than a refund: nothing more may be refunded.
    pub const fn standing(&self, since: SinceThen) -> Standing {
        match self.status {
            PaymentStatus::Pending if since.processing => Standing::Processing,
            // More than was asked for is no part: a person decides.
            PaymentStatus::Pending
                if since.received.is_positive() && since.received.minor < self.amount.minor =>
            {
                Standing::PartiallyPaid
            }
            PaymentStatus::Pending => Standing::Pending,
            PaymentStatus::Expired => Standing::Expired,
            PaymentStatus::Cancelled => Standing::Cancelled,
            PaymentStatus::Succeeded if since.disputed => Standing::Disputed,
            PaymentStatus::Succeeded if since.refunded.minor >= self.amount.minor => {
                Standing::Refunded
            }
            PaymentStatus::Succeeded if since.refunded.is_positive() => Standing::PartiallyRefunded,
            PaymentStatus::Succeeded => Standing::Succeeded,
        }
    }
}

#[cfg(test)]
#[path = "payment_tests.rs"]
pub mod tests;
