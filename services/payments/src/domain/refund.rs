//! Giving money back: what may be refunded of a payment, and how a refund goes its way.
//!
//! Refundable is what was captured, less refunds settled or in flight, per order: a refund is
//! counted from the moment it is asked for, or two requests could return the same money. Above a
//! limit a second person agrees. One that failed or was cancelled frees what it held and never comes
//! back to life; trying again is another refund. It sends nothing itself.

use kernel::{Money, MoneyError, OrderId, PaymentId, Timestamp, UserId};

use super::payee_account::PayeeAccount;
use super::refund_decision::may_approve;
use super::transfer_code::TransferCode;

/// Where the money goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundDestination {
    /// Back to the card that paid, by the card provider's id of the payment.
    Card {
        /// The provider's id.
        provider_payment: String,
    },
    /// To a bank account: the payer's, or one that the shopper named.
    BankAccount(PayeeAccount),
    /// Nobody has said yet to which account: it waits.
    NotKnown,
}

/// By whom a refund is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundMethod {
    /// By our bank, to an account.
    BankTransfer,
    /// By the card provider, to the card that paid.
    Card,
    /// By the shop itself, out of its own account: there the money came.
    ByShop,
}

impl RefundMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::BankTransfer, Self::Card, Self::ByShop];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BankTransfer => "bank_transfer",
            Self::Card => "card",
            Self::ByShop => "by_shop",
        }
    }
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Asked for; nobody knows yet to which account, or nobody has looked at the limit.
    Requested,
    /// Above the limit: waits for a second person.
    NeedsApproval,
    /// May be sent.
    Approved,
    /// Given to the card provider or the bank.
    Sent,
    /// The money went.
    Succeeded,
    /// The money did not go, or came back.
    Failed,
    /// Taken back before it was sent.
    Cancelled,
}

impl RefundStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::NeedsApproval,
        Self::Approved,
        Self::Sent,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::NeedsApproval => "needs_approval",
            Self::Approved => "approved",
            Self::Sent => "sent",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Which status follows which: the one place that says so, for persons, banks and card providers.
    pub const fn after(self, change: RefundChange) -> Result<Self, RefundRefused> {
        use RefundChange as Change;
        match (self, change) {
            (Self::Requested, Change::NameAccount) => Ok(Self::Requested),
            (Self::Requested, Change::Submit { above_limit: true }) => Ok(Self::NeedsApproval),
            (Self::Requested, Change::Submit { above_limit: false })
            | (Self::NeedsApproval, Change::Approve) => Ok(Self::Approved),
            (Self::Approved, Change::Send) => Ok(Self::Sent),
            (Self::Sent, Change::Succeed) | (Self::Approved, Change::GiveBack) => {
                Ok(Self::Succeeded)
            }
            (Self::Sent | Self::Succeeded, Change::Fail) => Ok(Self::Failed),
            (Self::Requested | Self::NeedsApproval | Self::Approved, Change::Cancel) => {
                Ok(Self::Cancelled)
            }
            _ => Err(RefundRefused::WrongStatus(self)),
        }
    }

    /// Whether its money is settled or in flight, so that nobody else may refund it.
    pub const fn holds_money(self) -> bool {
        !matches!(self, Self::Failed | Self::Cancelled)
    }
}

/// What happens to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundChange {
    /// Somebody says to which account it goes.
    NameAccount,
    /// It is compared with the limit up to which one person is enough.
    Submit {
        /// Whether it is above.
        above_limit: bool,
    },
    /// A second person agrees.
    Approve,
    /// It was given to the card provider, or is in a file that the bank was given.
    Send,
    /// The money went: the provider says so, or its debit was matched.
    Succeed,
    /// The shop gave it back out of its own account, which says so: the market sends nothing of it.
    GiveBack,
    /// The money did not go, or came back after it went: banks return transfers days later, and Stripe's
    /// refunds may fail after they succeeded ("Refunds", failed refunds).
    Fail,
    /// It is taken back before it was sent.
    Cancel,
}

/// An amount of one order: what was captured for it, or what of it is refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderAmount {
    /// The order.
    pub order: OrderId,
    /// The amount.
    pub amount: Money,
}

/// A refund. Its reference is its name, and the memo of its transfer where it goes to a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its code.
    pub reference: TransferCode,
    /// What is given back in all: the sum of its orders.
    pub amount: Money,
    /// What is given back of which order.
    pub orders: Vec<OrderAmount>,
    /// Where it goes.
    pub destination: RefundDestination,
    /// Who asked for it.
    pub requested_by: UserId,
    /// The second person, where one was needed and agreed.
    pub approved_by: Option<UserId>,
    /// Where it stands.
    pub status: RefundStatus,
    /// Since when.
    pub changed_at: Timestamp,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// The new refund's code.
    pub reference: TransferCode,
    /// What to give back of which order; each order once, each amount above zero.
    pub orders: Vec<OrderAmount>,
    /// Where to.
    pub destination: RefundDestination,
    /// Who asks.
    pub requested_by: UserId,
}

/// Why money is not given back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// There is no refund with this code.
    #[error("there is no refund {0}")]
    UnknownRefund(TransferCode),
    /// There is a refund with this code already.
    #[error("there is a refund {0} already")]
    ReferenceTaken(TransferCode),
    /// Nothing is asked for, or less.
    #[error("a refund gives back something of at least one order")]
    NothingAsked,
    /// An order is asked for twice.
    #[error("order {0} is asked for twice")]
    OrderTwice(OrderId),
    /// The payment did not pay this order.
    #[error("order {0} was not paid by this payment")]
    NotPaidOrder(OrderId),
    /// More than is left of an order.
    #[error("only {available} of {requested} can still be refunded of {order}")]
    ExceedsCaptured {
        /// The order.
        order: OrderId,
        /// What was asked for.
        requested: Money,
        /// What is left.
        available: Money,
    },
    /// It stands where this cannot happen.
    #[error("the refund is {}", .0.name())]
    WrongStatus(RefundStatus),
    /// Who asked for a refund, or named its account, may not approve it.
    #[error("who asked for a refund, or named its account, may not approve it")]
    RequesterMayNotApprove,
    /// Nobody has said to which account.
    #[error("nobody has said to which account the refund goes")]
    AccountNotKnown,
    /// The amounts cannot be reckoned with each other.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What of a payment was captured, and every refund of it. Refunds change only through it, so that
/// together they never give back more than came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundablePayment {
    payment: PaymentId,
    captured: Vec<OrderAmount>,
    refunds: Vec<Refund>,
}

impl RefundablePayment {
    /// A captured payment with the refunds there are; each order once.
    pub fn new(
        payment: PaymentId,
        captured: Vec<OrderAmount>,
        refunds: Vec<Refund>,
    ) -> Result<Self, RefundRefused> {
        if let Some(order) = first_repeated(&captured) {
            return Err(RefundRefused::OrderTwice(order));
        }
        Ok(Self { payment, captured, refunds })
    }

    /// The payment.
    pub const fn payment(&self) -> PaymentId {
        self.payment
    }

    /// Every refund of it, in the order in which they were asked for.
    pub fn refunds(&self) -> &[Refund] {
        &self.refunds
    }

    /// What may still be refunded of each order: captured, less refunds settled *or in flight*.
    pub fn refundable(&self) -> Result<Vec<OrderAmount>, MoneyError> {
        self.captured
            .iter()
            .map(|captured| {
                let taken = self.held_of(*captured)?;
                Ok(OrderAmount { amount: captured.amount.checked_sub(taken)?, ..*captured })
            })
            .collect()
    }

    /// Asks for a refund, if every order has that much left.
    pub fn request(&mut self, asked: RefundRequest, now: Timestamp) -> Result<(), RefundRefused> {
        let RefundRequest { reference, orders, destination, requested_by } = asked;
        if self.refunds.iter().any(|refund| refund.reference == reference) {
            return Err(RefundRefused::ReferenceTaken(reference));
        }
        if let Some(order) = first_repeated(&orders) {
            return Err(RefundRefused::OrderTwice(order));
        }
        for asked in &orders {
            self.check_order(*asked)?;
        }
        let first = orders.first().ok_or(RefundRefused::NothingAsked)?;
        let amounts = orders.iter().map(|order| order.amount);
        let amount = Money::checked_sum(first.amount.currency, amounts)?;
        let (status, approved_by) = (RefundStatus::Requested, None);
        self.refunds.push(Refund {
            reference,
            amount,
            orders,
            destination,
            requested_by,
            approved_by,
            status,
            changed_at: now,
        });
        Ok(())
    }

    /// Says to which account a refund goes of which nobody knew.
    pub fn name_account(
        &mut self,
        reference: TransferCode,
        account: PayeeAccount,
        now: Timestamp,
    ) -> Result<(), RefundRefused> {
        let refund = self.existing(reference)?;
        if refund.destination != RefundDestination::NotKnown {
            return Err(RefundRefused::WrongStatus(refund.status));
        }
        let refund = self.change(reference, RefundChange::NameAccount, now)?;
        refund.destination = RefundDestination::BankAccount(account);
        Ok(())
    }

    /// Compares with the limit up to which one person is enough. What counts is all that was refunded
    /// of the payment, this refund included: nobody stays below the limit by asking in parts.
    pub fn submit(
        &mut self,
        reference: TransferCode,
        one_person_up_to: Money,
        now: Timestamp,
    ) -> Result<RefundStatus, RefundRefused> {
        let refund = self.existing(reference)?;
        if refund.destination == RefundDestination::NotKnown {
            return Err(RefundRefused::AccountNotKnown);
        }
        let amount = refund.amount;
        let held = self.refunds.iter().filter(|refund| refund.status.holds_money());
        let total = Money::checked_sum(amount.currency, held.map(|refund| refund.amount))?;
        let above_limit = total.checked_sub(one_person_up_to)?.is_positive();
        Ok(self.change(reference, RefundChange::Submit { above_limit }, now)?.status)
    }

    /// A second person agrees.
    pub fn approve(
        &mut self,
        reference: TransferCode,
        approver: UserId,
        now: Timestamp,
    ) -> Result<(), RefundRefused> {
        let refund = self.existing(reference)?;
        refund.status.after(RefundChange::Approve)?;
        if !may_approve(approver, refund.requested_by, None) {
            return Err(RefundRefused::RequesterMayNotApprove);
        }
        self.change(reference, RefundChange::Approve, now)?.approved_by = Some(approver);
        Ok(())
    }

    /// It was given to the card provider, or is in a file that the bank was given.
    pub fn send(&mut self, reference: TransferCode, now: Timestamp) -> Result<(), RefundRefused> {
        self.change(reference, RefundChange::Send, now).map(|_| ())
    }

    /// The money went.
    pub fn succeed(
        &mut self,
        reference: TransferCode,
        now: Timestamp,
    ) -> Result<(), RefundRefused> {
        self.change(reference, RefundChange::Succeed, now).map(|_| ())
    }

    /// The money did not go, or came back after it went.
    pub fn fail(&mut self, reference: TransferCode, now: Timestamp) -> Result<(), RefundRefused> {
        self.change(reference, RefundChange::Fail, now).map(|_| ())
    }

    /// It is taken back before it was sent.
    pub fn cancel(&mut self, reference: TransferCode, now: Timestamp) -> Result<(), RefundRefused> {
        self.change(reference, RefundChange::Cancel, now).map(|_| ())
    }

    fn check_order(&self, asked: OrderAmount) -> Result<(), RefundRefused> {
        let OrderAmount { order, amount: requested } = asked;
        if !requested.is_positive() {
            return Err(RefundRefused::NothingAsked);
        }
        let captured = self.captured.iter().find(|captured| captured.order == order);
        let captured = *captured.ok_or(RefundRefused::NotPaidOrder(order))?;
        let available = captured.amount.checked_sub(self.held_of(captured)?)?;
        if requested.checked_sub(available)?.is_positive() {
            return Err(RefundRefused::ExceedsCaptured { order, requested, available });
        }
        Ok(())
    }

    /// What refunds hold of an order.
    fn held_of(&self, captured: OrderAmount) -> Result<Money, MoneyError> {
        let live = self.refunds.iter().filter(|refund| refund.status.holds_money());
        let of_order =
            live.flat_map(|refund| &refund.orders).filter(|part| part.order == captured.order);
        Money::checked_sum(captured.amount.currency, of_order.map(|part| part.amount))
    }

    fn existing(&self, reference: TransferCode) -> Result<&Refund, RefundRefused> {
        let found = self.refunds.iter().find(|refund| refund.reference == reference);
        found.ok_or(RefundRefused::UnknownRefund(reference))
    }

    fn change(
        &mut self,
        reference: TransferCode,
        change: RefundChange,
        now: Timestamp,
    ) -> Result<&mut Refund, RefundRefused> {
        let found = self.refunds.iter_mut().find(|refund| refund.reference == reference);
        let refund = found.ok_or(RefundRefused::UnknownRefund(reference))?;
        refund.status = refund.status.after(change)?;
        refund.changed_at = now;
        Ok(refund)
    }
}

/// The first order that is there a second time.
fn first_repeated(orders: &[OrderAmount]) -> Option<OrderId> {
    let earlier = |place: usize, order| orders[..place].iter().any(|other| other.order == order);
    orders
        .iter()
        .enumerate()
        .find(|(place, part)| earlier(*place, part.order))
        .map(|(_, part)| part.order)
}

#[cfg(test)]
#[path = "refund_tests.rs"]
mod tests;
