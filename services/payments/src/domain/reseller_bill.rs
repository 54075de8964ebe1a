//! What a reseller is asked to pay at once: every invoice up to a day that no other bill asks for, less what
//! was given back of bookings. A bill is a payment like any other, with a code and a QR of its own; only that it
//! may be more than one instant transfer carries.
//!
//! Paid, it is no second sale: the shops, the market and the tax office got theirs when the bookings were
//! invoiced. It only fills the receivable, and what the shops are owed for its orders may be paid out.

use std::time::Duration;

use kernel::{
    BookingId, Money, OrderId, PaymentId, PostingId, ResellerBillId, ResellerId, Timestamp, UserId,
};

use super::payment::{Payment, Purpose, StartRefused};
use super::payment_code::PaymentCode;
use super::vietnam_calendar::VietnamDay;

/// How long a bill may be paid: businesses pay within a month, and some days later. What was not paid
/// then is open again and stands in the next bill.
pub const WAITS: Duration = Duration::from_secs(45 * 24 * 60 * 60);

/// A change of what a reseller owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResellerLine {
    /// The posting that has it in the ledger; names the line.
    pub posting: PostingId,
    /// Who owes it.
    pub reseller: ResellerId,
    /// The booking.
    pub booking: BookingId,
    /// The order that the booking became.
    pub order: OrderId,
    /// Above zero it was invoiced, below it was given back.
    pub amount: Money,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// A bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResellerBill {
    /// Its id.
    pub id: ResellerBillId,
    /// Who is asked.
    pub reseller: ResellerId,
    /// The last day, in Vietnam, whose lines it asks for.
    pub until: VietnamDay,
    /// The operator who asks.
    pub asked_by: UserId,
    /// Names the request: the same again changes nothing.
    pub idempotency_key: String,
}

/// Why nothing is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BillRefused {
    /// As much or more went back than was invoiced: it is carried into the next bill.
    #[error("{open} is open: it is carried")]
    NothingToPay {
        /// What is open: zero, or below it what the market owes.
        open: Money,
    },
    /// The sum cannot be asked for.
    #[error(transparent)]
    Refused(#[from] StartRefused),
}

impl ResellerBill {
    /// The payment that asks for the sum of all open lines. It has no parts: it pays no order.
    pub fn ask(
        &self,
        open: Money,
        payment: PaymentId,
        code: PaymentCode,
        now: Timestamp,
    ) -> Result<Payment, BillRefused> {
        if !open.is_positive() {
            return Err(BillRefused::NothingToPay { open });
        }
        let purpose = Purpose::ResellerBill(self.id);
        Ok(Payment::start(payment, purpose, open, Vec::new(), code, now, now.after(WAITS))?)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn asked(open: i64) -> Result<Payment, BillRefused> {
        let id = Uuid::from_u128(2);
        let bill = ResellerBill {
            id: ResellerBillId::from_uuid(id),
            reseller: ResellerId::from_uuid(id),
            until: "2026-11-30".parse().unwrap(),
            asked_by: UserId::from_uuid(id),
            idempotency_key: "november".to_owned(),
        };
        let code = PaymentCode::from_random(1);
        bill.ask(Money::vnd(open), PaymentId::from_uuid(id), code, Timestamp::from_micros(0))
    }

    #[test]
    fn a_bill_is_a_payment_of_no_order() {
        let payment = asked(700_050).unwrap();
        assert_eq!((payment.amount, payment.allocations), (Money::vnd(700_050), Vec::new()));
    }

    #[test]
    fn nothing_and_less_than_nothing_are_carried() {
        for open in [0, -2] {
            assert_eq!(asked(open), Err(BillRefused::NothingToPay { open: Money::vnd(open) }));
        }
    }

    #[test]
    fn what_no_instant_transfer_carries_is_asked_for_as_one_sum() {
        assert!(Payment::is_instant(asked(499_999_999).unwrap().amount));
        assert!(!Payment::is_instant(asked(500_000_000).unwrap().amount));
    }

    #[test]
    fn what_no_qr_can_say_is_refused() {
        let refused = asked(10_000_000_000_000);
        assert!(matches!(refused, Err(BillRefused::Refused(StartRefused::TooLarge { .. }))));
    }
}
