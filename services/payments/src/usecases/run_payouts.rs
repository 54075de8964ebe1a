//! A run of payouts: what is owed and due is planned, and waits for a second person.
//!
//! Which shops can be paid at all is asked first, without a lock: the lines of who is paid directly are never
//! settled, and grow. What is paid is decided by what is read under the lock, and by nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{Money, OrderId, ShopId, ShopScope, Timestamp};
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;

use super::reserve_payouts::reserve;
use crate::Payments;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::{
    HeldOrder, PayableEntry, Payout, PayoutDecision, PayoutMaker, plan_payouts,
};
use crate::domain::transfer_code::{TransferCode, TransferPurpose};
use crate::store;
use crate::store::payout::KeptPayout;
use crate::store::shop_line::OpenLine;

/// What a run did, or would do.
#[derive(Clone, Debug, Default)]
pub struct PayoutRun {
    /// The payouts that wait for a second person.
    pub payouts: Vec<KeptPayout>,
    /// Shops that are paid later, with what is due to them; below zero what they owe, in all.
    pub carried: Vec<(ShopId, Money)>,
    /// Shops that cannot be paid: nobody knows their account.
    pub without_account: Vec<ShopId>,
}

/// Shops of which some line is not paid out.
pub async fn shops_with_open_lines(payments: &Payments) -> Result<BTreeSet<ShopId>, DbErr> {
    store::shop_line::shops_with_open(payments.0.database.reader()).await
}

/// Plans payouts for all shops whose account is named; writes nothing if it is a dry run. `due_at`: what is due
/// then, if it is not now: what is held for longer waits. What takes from a shop counts at once. Each shop is a
/// transaction: what was planned stays, whatever becomes of the next, and nobody who posts waits long.
pub async fn run_payouts(
    payments: &Payments,
    payees: &HashMap<ShopId, PayeeAccount>,
    made_by: PayoutMaker,
    dry_run: bool,
    due_at: Option<Timestamp>,
) -> anyhow::Result<PayoutRun> {
    let how = Planning { made_by, dry_run, due_at };
    let mut run = PayoutRun::default();
    let mut planned = Ok(());
    for shop in shops_to_pay(payments, &mut run).await? {
        let scope = ShopScope::granted(shop);
        planned = plan_shop(payments, scope, payees.get(&shop), how, &mut run).await;
        if planned.is_err() {
            break;
        }
    }
    if !dry_run {
        net_resellers(payments).await?;
    }
    planned.map(|()| run)
}

/// What a reseller's cancellations paid for of its other bookings, no bill will ask for alone: from now on it counts
/// as paid, and after the usual holding the shops are. It comes last: so a run does what a dry one said.
async fn net_resellers(payments: &Payments) -> Result<(), DbErr> {
    let service = &payments.0;
    if !store::reseller_bill::is_any_to_net(service.database.reader()).await? {
        return Ok(());
    }
    let tx = service.database.begin().await?;
    let _end = store::ledger::lock(&tx).await?;
    store::reseller_bill::net_open(&tx, service.clock.now()).await?;
    tx.commit().await
}

/// Shops that may have something to be paid. Those that have not are carried: what comes for them from now on is
/// the next run's.
async fn shops_to_pay(payments: &Payments, run: &mut PayoutRun) -> Result<BTreeSet<ShopId>, DbErr> {
    let db = payments.0.database.reader();
    let with_lines = store::shop_line::shops_with_open(db).await?;
    let open = store::shop_sums::open_sums(db, with_lines).await?;
    let positive = open.iter().filter(|(_, sum)| sum.payable_at_most.is_positive());
    let shops: BTreeSet<ShopId> = positive.map(|((shop, _), _)| *shop).collect();
    let carried = open.iter().filter(|((shop, _), _)| !shops.contains(shop));
    run.carried.extend(carried.map(|((shop, _), sum)| (*shop, sum.total)));
    Ok(shops)
}

/// How a run plans.
#[derive(Clone, Copy)]
struct Planning {
    made_by: PayoutMaker,
    dry_run: bool,
    due_at: Option<Timestamp>,
}

/// Plans what one shop is owed and adds it to the run.
async fn plan_shop(
    payments: &Payments,
    shop: ShopScope,
    payee: Option<&PayeeAccount>,
    Planning { made_by, dry_run, due_at }: Planning,
    run: &mut PayoutRun,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let due_at = due_at.unwrap_or(now);
    let tx = service.database.begin().await?;
    // One run at a time: two would plan the same lines.
    let _end = store::ledger::lock(&tx).await?;
    let entries = open_entries(&tx, shop).await?;
    let draw = || TransferCode::from_random(TransferPurpose::Payout, rand::random());
    let mut planned = Vec::new();
    for decision in plan_payouts(&entries, &service.settlement.payouts, due_at, draw)? {
        match (decision, payee) {
            (PayoutDecision::Carried { shop, balance }, _) => run.carried.push((shop, balance)),
            (PayoutDecision::Pay(plan), None) => run.without_account.push(plan.shop),
            (PayoutDecision::Pay(plan), Some(payee)) => planned.push(KeptPayout {
                id: ids::new(),
                payee: payee.clone(),
                payout: Payout::draft(plan, made_by, now),
                file: None,
                created_at: now,
            }),
        }
    }
    if !dry_run && !planned.is_empty() {
        store::payout::insert(&tx, &planned).await?;
        reserve(&tx, &planned, now).await?;
        for kept in &planned {
            store::shop_line::settle(&tx, &kept.payout.plan.entries, kept.id).await?;
        }
        tx.commit().await?;
    }
    run.payouts.extend(planned);
    Ok(())
}

/// What a shop is owed and nobody pays yet, with what holding asks of each order.
async fn open_entries(tx: &Transaction, shop: ShopScope) -> anyhow::Result<Vec<PayableEntry>> {
    let mut lines = store::shop_line::lock_open(tx, shop).await?;
    let orders: BTreeSet<OrderId> = lines.iter().filter_map(|line| line.order).collect();
    // What resellers are invoiced is paid out when they paid. Their orders count from then on, with what was
    // given back of them since.
    let invoices = store::reseller_invoice::of_orders(tx, orders.iter().copied()).await?;
    let paid = store::reseller_bill::paid_since(tx, invoices.iter().map(|one| one.order)).await?;
    let unpaid: BTreeSet<OrderId> = invoices
        .iter()
        .map(|invoice| invoice.order)
        .filter(|order| !paid.contains_key(order))
        .collect();
    lines.retain(|line| line.order.is_none_or(|order| !unpaid.contains(&order)));
    let mut held: BTreeMap<OrderId, HeldOrder> = store::charges::of_orders(tx, orders)
        .await?
        .into_iter()
        .map(|order| {
            let captured_at = order.charges.tax.sale.accepted_at;
            let fulfilled_at = order.fulfilled_at;
            (order.order, HeldOrder { id: order.order, captured_at, fulfilled_at })
        })
        .collect();
    held.extend(invoices.iter().filter_map(|invoice| {
        let (id, fulfilled_at) = (invoice.order, invoice.fulfilled_at);
        Some((id, HeldOrder { id, captured_at: *paid.get(&id)?, fulfilled_at }))
    }));
    let entry = |line: &OpenLine| PayableEntry {
        id: line.id,
        shop: line.shop,
        amount: line.amount,
        order: line.order.and_then(|order| held.get(&order).copied()),
    };
    Ok(lines.iter().map(entry).collect())
}
