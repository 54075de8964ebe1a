//! What shops and operators read: a shop's statement, the reconciliation of days, the tax of a month.

use std::collections::BTreeMap;

use kernel::{Currency, Money, OrderId, PageRequest, ShopScope, Timestamp};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::Payments;
use crate::domain::reversal::RefundedInTotal;
use crate::domain::shop_line::ShopLine;
use crate::domain::shop_statement::ShopStatement;
use crate::domain::tax_declaration::{MonthlyDeclaration, TaxEvent};
use crate::domain::vietnam_calendar::{VietnamDay, VietnamMonth};
use crate::store;
use crate::store::reconciled::{CreditSum, DebitSum};

/// A span of days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: VietnamDay,
    /// The last.
    pub to: VietnamDay,
}

impl Days {
    /// The moments between which they are, the end left out.
    pub fn span(self) -> (Timestamp, Timestamp) {
        (self.from.begins(), self.to.next().begins())
    }
}

/// A shop's statement, in đồng.
pub async fn shop_statement(
    payments: &Payments,
    scope: ShopScope,
    days: Days,
) -> anyhow::Result<ShopStatement> {
    let db = payments.0.database.reader();
    let (from, until) = days.span();
    let opening = store::shop_line::owed_at(db, scope, from).await?;
    let opening = Money::vnd(opening.get(&Currency::Vnd).copied().unwrap_or_default());
    let sums = store::shop_line::daily_sums(db, scope, (from, until)).await?;
    let mut by_day = BTreeMap::new();
    for ((day, currency, kind), sum) in sums {
        if let Some(day) = VietnamDay::of_epoch_day(day)
            && currency == Currency::Vnd
        {
            by_day.insert((day, kind), sum);
        }
    }
    Ok(ShopStatement::of(opening, &by_day)?)
}

/// The lines behind a statement's figures.
pub async fn shop_lines(
    payments: &Payments,
    scope: ShopScope,
    days: Days,
    page: &PageRequest<Uuid>,
) -> Result<Vec<ShopLine>, DbErr> {
    let db = payments.0.database.reader();
    store::shop_line::page_of_shop(db, scope, days.span(), page).await
}

/// What the bank's days hold.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// Credits by day, account and what became of them.
    pub credits: Vec<CreditSum>,
    /// Debits by day, account and what became of them.
    pub debits: Vec<DebitSum>,
    /// The queue by age: from so many days to so many, how many, how much.
    pub aging: Vec<(u16, Option<u16>, i64, i64)>,
}

/// Ages of the queue, in days.
const AGES: [(u16, Option<u16>); 4] = [(0, Some(1)), (2, Some(3)), (4, Some(7)), (8, None)];

/// The reconciliation of some days, and the queue as it is now.
pub async fn reconciliation(payments: &Payments, days: Days) -> Result<Reconciliation, DbErr> {
    let db = payments.0.database.reader();
    let (first, last) = (days.from.epoch_day(), days.to.epoch_day());
    let credits = store::reconciled::credits(db, first, last).await?;
    let debits = store::reconciled::debits(db, days.span()).await?;
    let now = payments.0.clock.now().micros();
    let ago = |days: u16| Timestamp::from_micros(now.saturating_sub(i64::from(days) * DAY));
    let mut aging = Vec::with_capacity(AGES.len());
    for (from, to) in AGES {
        let begin = to.map_or(Timestamp::from_micros(i64::MIN), |to| ago(to + 1));
        // What came this very moment is new, too.
        let end = if from == 0 { Timestamp::from_micros(i64::MAX) } else { ago(from) };
        let (count, sum) = store::reconciled::waiting_since(db, (begin, end)).await?;
        aging.push((from, to, count, sum));
    }
    Ok(Reconciliation { credits, debits, aging })
}

const DAY: i64 = 24 * 3_600 * 1_000_000;

/// What the market declares for a month.
pub async fn tax_declaration(
    payments: &Payments,
    month: VietnamMonth,
) -> anyhow::Result<MonthlyDeclaration> {
    let db = payments.0.database.reader();
    let Some(span) = month.span() else { anyhow::bail!("{month} is no month") };
    let withheld = store::charges::accepted_between(db, span.0, span.1).await?;
    let mut events: Vec<TaxEvent> = withheld
        .into_iter()
        .map(|order| TaxEvent::Withheld { shop: order.shop, line: order.charges.tax })
        .collect();
    let returned = store::shop_line::refunds_between(db, span).await?;
    let orders = store::charges::of_orders(db, returned.iter().map(|line| line.order)).await?;
    let orders: BTreeMap<OrderId, _> =
        orders.into_iter().map(|order| (order.order, order)).collect();
    for line in returned {
        let Some(order) = orders.get(&line.order) else { continue };
        let before = line.refunded_before;
        let refunded = RefundedInTotal { before, after: before.checked_add(line.amount)? };
        events.push(TaxEvent::Returned {
            shop: order.shop,
            sale: order.charges.tax.sale,
            reversal: order.charges.tax.reversed_by(refunded)?,
            refunded_at: line.posted_at,
        });
    }
    Ok(MonthlyDeclaration::of(month, events.iter())?)
}
