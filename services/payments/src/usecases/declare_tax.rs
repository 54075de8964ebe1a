//! What the market declares to the tax office for a month: read page by page to the end, for what is left
//! out is tax that is not declared. What sellers declare themselves is not the market's to declare.

use std::collections::HashMap;

use kernel::{Money, OrderId, ShopId, Timestamp};
use sea_orm::{ConnectionTrait, DbErr};

use crate::Payments;
use crate::domain::charges::Charges;
use crate::domain::reversal::RefundedInTotal;
use crate::domain::tax_declaration::{MonthlyDeclaration, TaxEvent};
use crate::domain::vietnam_calendar::VietnamMonth;
use crate::store;
use crate::store::reversed_charges::ReversedOrder;

/// What the market declares for a month.
pub async fn tax_declaration(
    payments: &Payments,
    month: VietnamMonth,
) -> anyhow::Result<MonthlyDeclaration> {
    let db = payments.0.database.reader();
    let Some(span) = month.span() else { anyhow::bail!("{month} is no month") };
    let mut declaration = MonthlyDeclaration::nothing(month);
    add_withheld(db, span, &mut declaration).await?;
    add_reversed(db, span, &mut declaration).await?;
    add_refunded(db, span, &mut declaration).await?;
    Ok(declaration)
}

type Span = (Timestamp, Timestamp);

/// What was withheld of sales, also of those whose match was taken back since, and of bookings that
/// resellers are invoiced.
async fn add_withheld(
    db: &impl ConnectionTrait,
    span: Span,
    declaration: &mut MonthlyDeclaration,
) -> anyhow::Result<()> {
    let withheld = |shop: ShopId, charges: &Charges| {
        let line = charges.tax.clone();
        TaxEvent::Withheld { shop, line }
    };
    let mut last = None;
    loop {
        let page = store::charges::accepted_between(db, span, last.as_ref()).await?;
        for order in page.iter().filter(|order| order.charges.tax_is_ours()) {
            declaration.add(&withheld(order.shop, &order.charges))?;
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    let mut last = None;
    loop {
        let page = store::reversed_charges::accepted_between(db, span, last.as_ref()).await?;
        for ReversedOrder { order, .. } in page.iter().filter(is_ours) {
            declaration.add(&withheld(order.shop, &order.charges))?;
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    let mut last = None;
    loop {
        let page = store::reseller_invoice::accepted_between(db, span, last.as_ref()).await?;
        for invoice in &page {
            declaration.add(&withheld(invoice.shop, &invoice.charges))?;
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            return Ok(());
        }
    }
}

/// A sale whose match was taken back gives its tax back whole.
async fn add_reversed(
    db: &impl ConnectionTrait,
    span: Span,
    declaration: &mut MonthlyDeclaration,
) -> anyhow::Result<()> {
    let mut last = None;
    loop {
        let page = store::reversed_charges::reversed_between(db, span, last.as_ref()).await?;
        for ReversedOrder { order, reversed_at, .. } in page.iter().filter(is_ours) {
            let whole = order.charges.tax.sale.amount;
            let before = Money::zero(whole.currency);
            let refunded = RefundedInTotal { before, after: whole };
            declaration.add(&returned(order.shop, &order.charges, refunded, *reversed_at)?)?;
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            return Ok(());
        }
    }
}

async fn add_refunded(
    db: &impl ConnectionTrait,
    span: Span,
    declaration: &mut MonthlyDeclaration,
) -> anyhow::Result<()> {
    let mut last = None;
    loop {
        let page = store::shop_line::refunds_between(db, span, last.as_ref()).await?;
        let charged = ChargedWhen::of(db, page.iter().map(|line| line.order).collect()).await?;
        for line in &page {
            let Some((shop, charges)) = charged.at(line.order, line.posted_at) else {
                anyhow::bail!("{} was refunded and never charged", line.order);
            };
            if !charges.tax_is_ours() {
                continue;
            }
            let before = line.refunded_before;
            let refunded = RefundedInTotal { before, after: before.checked_add(line.amount)? };
            declaration.add(&returned(shop, charges, refunded, line.posted_at)?)?;
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            return Ok(());
        }
    }
}

fn is_ours(reversed: &&ReversedOrder) -> bool {
    reversed.order.charges.tax_is_ours()
}

fn returned(
    shop: ShopId,
    charges: &Charges,
    refunded: RefundedInTotal,
    refunded_at: Timestamp,
) -> anyhow::Result<TaxEvent> {
    let (sale, reversal) = (charges.tax.sale, charges.tax.reversed_by(refunded)?);
    Ok(TaxEvent::Returned { shop, sale, reversal, refunded_at })
}

/// What had been taken of orders when they were refunded: it may have been given back whole since, and
/// taken anew.
struct ChargedWhen {
    reversed: HashMap<OrderId, Vec<ReversedOrder>>,
    now: HashMap<OrderId, (ShopId, Charges)>,
}

impl ChargedWhen {
    async fn of(db: &impl ConnectionTrait, mut orders: Vec<OrderId>) -> Result<Self, DbErr> {
        orders.sort_unstable();
        orders.dedup();
        let mut reversed: HashMap<OrderId, Vec<ReversedOrder>> = HashMap::new();
        for one in store::reversed_charges::of_orders(db, orders.iter().copied()).await? {
            reversed.entry(one.order.order).or_default().push(one);
        }
        let mut now = HashMap::new();
        for one in store::reseller_invoice::of_orders(db, orders.iter().copied()).await? {
            now.insert(one.order, (one.shop, one.charges));
        }
        for one in store::charges::of_orders(db, orders).await? {
            now.insert(one.order, (one.shop, one.charges));
        }
        Ok(Self { reversed, now })
    }

    fn at(&self, order: OrderId, at: Timestamp) -> Option<(ShopId, &Charges)> {
        let mut reversed = self.reversed.get(&order).into_iter().flatten();
        let then = reversed.find(|one| one.reversed_at >= at);
        let then = then.map(|one| (one.order.shop, &one.order.charges));
        then.or_else(|| self.now.get(&order).map(|(shop, charges)| (*shop, charges)))
    }
}
