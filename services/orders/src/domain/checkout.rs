//! A checkout: one payment, one order a shop and kind.

use kernel::{CartId, CheckoutId, Locale, Money, PaymentId, Timestamp, UserId, VariantId};

use super::cart::ClaimDigest;
use super::contact::{Contact, Delivery};

/// Where a checkout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutStatus {
    /// Its hold and its payment are being made.
    Starting,
    /// The shopper is asked to pay.
    AwaitingPayment,
    /// Paid.
    Paid,
    /// Nobody paid in time.
    Expired,
    /// Taken back by the shopper.
    Cancelled,
    /// Stock was short, or the payment could not be started.
    Refused,
}

impl CheckoutStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::Starting,
        Self::AwaitingPayment,
        Self::Paid,
        Self::Expired,
        Self::Cancelled,
        Self::Refused,
    ];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }

    /// Whether a checkout ended without money: nothing may be held or asked for because of it.
    pub const fn ended_unpaid(self) -> bool {
        matches!(self, Self::Expired | Self::Cancelled | Self::Refused)
    }

    /// Whether a checkout may go from this status to another.
    ///
    /// Every way out of `Starting` is open: whatever ends the payment may come before the second
    /// transaction of a checkout that was interrupted.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Starting => !matches!(next, Self::Starting),
            Self::AwaitingPayment => matches!(next, Self::Paid | Self::Expired | Self::Cancelled),
            Self::Paid | Self::Expired | Self::Cancelled | Self::Refused => false,
        }
    }
}

/// How the shopper wants to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayWith {
    /// A bank transfer by VietQR.
    VietQr,
    /// A card.
    Card,
    /// Not here: a reseller is invoiced. Such a checkout is paid from its beginning.
    Invoiced,
}

impl PayWith {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::VietQr, Self::Card, Self::Invoiced];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VietQr => "vietqr",
            Self::Card => "card",
            Self::Invoiced => "invoiced",
        }
    }
}

/// What is wanted of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckoutLine {
    /// What.
    pub variant: VariantId,
    /// How many.
    pub quantity: i64,
}

/// A checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Its id; the hold and the payment are known by it.
    pub id: CheckoutId,
    /// The cart that it was made of.
    pub cart: CartId,
    /// Who buys, if signed in.
    pub buyer: Option<UserId>,
    /// Where it stands.
    pub status: CheckoutStatus,
    /// Who receives.
    pub contact: Contact,
    /// Where to.
    pub delivery: Delivery,
    /// How it is paid.
    pub pay_with: PayWith,
    /// The sum of its orders; zero while starting.
    pub total: Money,
    /// Its payment, once there is one.
    pub payment: Option<PaymentId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
    /// When what had paid it was taken back, if nobody paid it again. Until `expires_at` its goods stay
    /// sold to it.
    pub reopened_at: Option<Timestamp>,
    /// When its shopper said that the transfer is on its way, and it was given more time.
    pub extended_at: Option<Timestamp>,
    /// When it was paid. Set while starting if money came before the orders were written.
    pub paid_at: Option<Timestamp>,
    /// Of a waiting list's offer, whose seats it takes; none for most.
    pub claim: Option<ClaimDigest>,
    /// How many vouchers it uses; none for most.
    pub vouchers: u32,
    /// In which language who buys is written to.
    pub locale: Locale,
}

impl Checkout {
    /// Whether it may be given more time: once, while it waits for a transfer. What waits to be paid again has
    /// days, and a card pays at once or not at all. Of the time nothing is said here: payments decides it.
    pub fn may_extend(&self) -> bool {
        self.status == CheckoutStatus::AwaitingPayment
            && self.pay_with == PayWith::VietQr
            && self.extended_at.is_none()
            && self.reopened_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transition_is_as_the_table_says() {
        use CheckoutStatus as S;
        for from in S::ALL {
            for to in S::ALL {
                let allowed = match from {
                    S::Starting => to != S::Starting,
                    S::AwaitingPayment => [S::Paid, S::Expired, S::Cancelled].contains(&to),
                    _ => false,
                };
                assert_eq!(from.may_become(to), allowed, "{from:?} → {to:?}");
            }
        }
    }
}
