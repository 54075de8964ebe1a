//! What a shop is paid, and how a payout goes its way.
//!
//! A run looks at what is owed and not yet paid out, leaves alone what is still held, nets the rest
//! and plans one payout per shop and currency. What is below the minimum, or below zero, is carried:
//! its entries stay open and count in the next run. A second person approves. A payout that the bank
//! returns opens its entries again: the debt is as it was. It sends nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kernel::{Currency, Money, MoneyError, OrderId, ShopId, ShopLineId, Timestamp, UserId};

use super::transfer_code::TransferCode;
use super::vietnam_calendar::VietnamDay;

/// An entry of a shop's payable that no live payout holds.
///
/// Entries of payouts themselves are none of these: a payout takes entries away, and gives the same
/// ones back when it is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayableEntry {
    /// The line of what the shop is owed.
    pub id: ShopLineId,
    /// Whom it is owed to.
    pub shop: ShopId,
    /// Above zero the shop is owed more (a sale, less what was taken of it), below zero less (a refund, less
    /// what was given back with it).
    pub amount: Money,
    /// The order that it is about; none for what stands by itself, such as a correction.
    pub order: Option<HeldOrder>,
}

/// An order, as far as holding asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldOrder {
    /// The order.
    pub id: OrderId,
    /// When its payment was captured.
    pub captured_at: Timestamp,
    /// When the shopper got it, if that has happened.
    pub fulfilled_at: Option<Timestamp>,
}

/// When and from how much shops are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutTerms {
    /// Whole days that an order's money is held after it was fulfilled.
    pub days_after_fulfilment: u16,
    /// Whole days after capture, for an order that nobody says is fulfilled; never, if there are
    /// none.
    pub days_after_capture: Option<u16>,
    /// The least that is paid out, in minor units of each currency.
    pub minimum_minor: i64,
}

impl PayoutTerms {
    /// Until when an order's money is held; without an end, if it waits to be fulfilled.
    pub fn held_until(&self, order: &HeldOrder) -> Option<Timestamp> {
        let days = |days: u16| Duration::from_secs(u64::from(days) * 24 * 60 * 60);
        match (order.fulfilled_at, self.days_after_capture) {
            (Some(fulfilled_at), _) => Some(fulfilled_at.after(days(self.days_after_fulfilment))),
            (None, Some(after)) => Some(order.captured_at.after(days(after))),
            (None, None) => None,
        }
    }
}

/// The day of a run is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run of payouts on {0} is not possible yet")]
pub struct NotYet(pub VietnamDay);

/// At which moment something must be due for a run to pay it: at the end of the run's day, and never after
/// now. A run without a day is now.
pub fn run_at(day: Option<VietnamDay>, now: Timestamp) -> Result<Timestamp, NotYet> {
    const LAST_MOMENT: Duration = Duration::from_micros(1);
    match day {
        Some(day) if day > VietnamDay::of(now) => Err(NotYet(day)),
        Some(day) => Ok(day.next().begins().before(LAST_MOMENT).min(now)),
        None => Ok(now),
    }
}

/// A payout to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutPlan {
    /// The shop.
    pub shop: ShopId,
    /// What it is paid: the sum of the entries, at least the minimum.
    pub amount: Money,
    /// The entries that it pays, in the order of their ids.
    pub entries: Vec<ShopLineId>,
    /// The code in the transfer's memo.
    pub reference: TransferCode,
}

/// What a run decided for a shop and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutDecision {
    /// Pay.
    Pay(PayoutPlan),
    /// Nothing is paid: what is due is below the minimum, or the shop owes the market.
    Carried {
        /// The shop.
        shop: ShopId,
        /// What is due, or owed by the shop if below zero; counts in the next run.
        balance: Money,
    },
}

/// Why no payout could be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefused {
    /// An entry was given twice: it would be paid twice.
    #[error("entry {0} is there twice")]
    EntryTwice(ShopLineId),
    /// A sum is too large to be written.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Plans the payouts of a run, in the order of shops and currencies. `draw_reference` is asked once
/// for each payout, in that order; the order of the entries does not matter.
///
/// An order's entries go together: while the order is held and its entries sum to more than zero, none of
/// them counts. What an order took more than it brought (a refund after its sale was paid out)
/// counts at once, held or not.
pub fn plan_payouts(
    entries: &[PayableEntry],
    terms: &PayoutTerms,
    now: Timestamp,
    mut draw_reference: impl FnMut() -> TransferCode,
) -> Result<Vec<PayoutDecision>, PlanRefused> {
    let mut due: BTreeMap<(ShopId, Currency), Vec<&PayableEntry>> = BTreeMap::new();
    for group in grouped_by_order(entries)?.into_values() {
        let Some(first) = group.first() else { continue };
        let currency = first.amount.currency;
        let held = first
            .order
            .is_some_and(|order| terms.held_until(&order).is_none_or(|until| now < until));
        let sum = Money::checked_sum(currency, group.iter().map(|entry| entry.amount))?;
        if !(held && sum.is_positive()) {
            due.entry((first.shop, currency)).or_default().extend(group);
        }
    }
    due.into_iter()
        .map(|((shop, currency), entries)| {
            let balance = Money::checked_sum(currency, entries.iter().map(|entry| entry.amount))?;
            if !balance.is_positive() || balance.minor < terms.minimum_minor {
                return Ok(PayoutDecision::Carried { shop, balance });
            }
            let mut entries: Vec<ShopLineId> = entries.iter().map(|entry| entry.id).collect();
            entries.sort_unstable();
            let reference = draw_reference();
            Ok(PayoutDecision::Pay(PayoutPlan { shop, amount: balance, entries, reference }))
        })
        .collect()
}

/// What entries share to go together: shop, currency, and the order; an entry without an order goes
/// alone.
type Together = (ShopId, Currency, Result<OrderId, ShopLineId>);

fn grouped_by_order(
    entries: &[PayableEntry],
) -> Result<BTreeMap<Together, Vec<&PayableEntry>>, PlanRefused> {
    let mut seen = BTreeSet::new();
    let mut groups: BTreeMap<Together, Vec<&PayableEntry>> = BTreeMap::new();
    for entry in entries {
        if !seen.insert(entry.id) {
            return Err(PlanRefused::EntryTwice(entry.id));
        }
        let order = entry.order.map(|order| order.id).ok_or(entry.id);
        groups.entry((entry.shop, entry.amount.currency, order)).or_default().push(entry);
    }
    Ok(groups)
}

/// Who made a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutMaker {
    /// An operator.
    Person(UserId),
    /// The daily run.
    DailyRun,
}

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutStatus {
    /// Planned; waits for a second person.
    Draft,
    /// May be sent.
    Approved,
    /// Thrown away before it was sent; its entries are open again.
    Discarded,
    /// Given to the bank.
    Sent,
    /// Its debit is on the bank's statement.
    Paid,
    /// The bank gave the money back; its entries are open again.
    Returned,
}

impl PayoutStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Approved, Self::Discarded, Self::Sent, Self::Paid, Self::Returned];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Discarded => "discarded",
            Self::Sent => "sent",
            Self::Paid => "paid",
            Self::Returned => "returned",
        }
    }

    /// Whether its entries are taken: no other payout may hold them.
    pub const fn holds_entries(self) -> bool {
        !matches!(self, Self::Discarded | Self::Returned)
    }
}

/// A payout on its way. Its reference is its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// What is paid.
    pub plan: PayoutPlan,
    /// Who made it.
    pub made_by: PayoutMaker,
    /// The second person, once there is one.
    pub approved_by: Option<UserId>,
    /// Where it stands.
    pub status: PayoutStatus,
    /// Since when.
    pub changed_at: Timestamp,
}

/// Why a payout could not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayoutRefused {
    /// It stands where this cannot happen.
    #[error("the payout is {}", .0.name())]
    WrongStatus(PayoutStatus),
    /// Who made a payout may not approve it.
    #[error("who made a payout may not approve it")]
    MakerMayNotApprove,
}

impl Payout {
    /// A payout that waits for a second person.
    pub fn draft(plan: PayoutPlan, made_by: PayoutMaker, now: Timestamp) -> Self {
        let status = PayoutStatus::Draft;
        Self { plan, made_by, approved_by: None, status, changed_at: now }
    }

    /// A second person agrees.
    pub fn approve(&mut self, approver: UserId, now: Timestamp) -> Result<(), PayoutRefused> {
        self.must_be(&[PayoutStatus::Draft])?;
        if self.made_by == PayoutMaker::Person(approver) {
            return Err(PayoutRefused::MakerMayNotApprove);
        }
        self.approved_by = Some(approver);
        self.become_status(PayoutStatus::Approved, now);
        Ok(())
    }

    /// It is not made after all.
    pub fn discard(&mut self, now: Timestamp) -> Result<(), PayoutRefused> {
        self.must_be(&[PayoutStatus::Draft, PayoutStatus::Approved])?;
        self.become_status(PayoutStatus::Discarded, now);
        Ok(())
    }

    /// It is in a file that the bank was given.
    pub fn send(&mut self, now: Timestamp) -> Result<(), PayoutRefused> {
        self.must_be(&[PayoutStatus::Approved])?;
        self.become_status(PayoutStatus::Sent, now);
        Ok(())
    }

    /// Its debit was matched.
    pub fn pay(&mut self, now: Timestamp) -> Result<(), PayoutRefused> {
        self.must_be(&[PayoutStatus::Sent])?;
        self.become_status(PayoutStatus::Paid, now);
        Ok(())
    }

    /// The bank refused it, or gave the money back days after the debit.
    pub fn come_back(&mut self, now: Timestamp) -> Result<(), PayoutRefused> {
        self.must_be(&[PayoutStatus::Sent, PayoutStatus::Paid])?;
        self.become_status(PayoutStatus::Returned, now);
        Ok(())
    }

    fn must_be(&self, allowed: &[PayoutStatus]) -> Result<(), PayoutRefused> {
        if allowed.contains(&self.status) {
            Ok(())
        } else {
            Err(PayoutRefused::WrongStatus(self.status))
        }
    }

    fn become_status(&mut self, status: PayoutStatus, now: Timestamp) {
        self.status = status;
        self.changed_at = now;
    }
}

#[cfg(test)]
#[path = "payout_tests.rs"]
mod tests;
