//! A sale at a shop's counter: an amount that a member of the shop asks for, with a QR of its own.

use std::time::Duration;

use kernel::{Money, OrderId, PaymentId, ShopId, Timestamp, UserId};

use super::commission::Sold;
use super::payment::{Allocation, Payment, Purpose, StartRefused};
use super::payment_code::PaymentCode;

/// How long the QR at a counter waits: long enough to find the phone, short enough that nobody pays
/// yesterday's coffee.
pub const WAITS: Duration = Duration::from_secs(15 * 60);
/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 120;

/// What is asked for at a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterSale {
    /// Who sells.
    pub shop: ShopId,
    /// What the shop's own people note; may be empty.
    pub note: String,
    /// Who asks.
    pub asked_by: UserId,
    /// Names the request within the shop: the same again changes nothing.
    pub idempotency_key: String,
}

impl CounterSale {
    /// The payment that the sale asks for: all of it is the shop's.
    pub fn ask(
        &self,
        (id, sale): (PaymentId, OrderId),
        amount: Money,
        code: PaymentCode,
        now: Timestamp,
    ) -> Result<Payment, StartRefused> {
        // Tours are sold with their seats and tickets, from the catalogue; a counter sells goods.
        let sold = Sold::Goods;
        let whole = vec![Allocation { order: sale, shop: self.shop, sold, amount }];
        Payment::start(id, Purpose::Counter(sale), amount, whole, code, now, now.after(WAITS))
    }
}
