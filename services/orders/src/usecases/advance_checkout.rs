//! Takes a checkout from `STARTING` to awaiting its payment: hold, payment, second transaction.
//! Every step may be repeated; the shopper's request and the sweeper both call this.

use std::collections::HashMap;

use kernel::{
    CheckoutId, Money, MoneyError, OrderLineId, PaymentId, ProductId, ShopId, Timestamp, VariantId,
};
use platform::batching::{Unanswered, together_or_alone};
use platform::database::Transaction;
use platform::{ids, outbox};
use proto::catalog::{Hold, HoldLine, HoldStockRequest, Offer};
use proto::events::CheckoutChanged;
use proto::events::event::Body;
use proto::payments::{
    self as contract, Allocation, CancelPaymentRequest, PaymentMethod, StartPaymentRequest,
};
use proto::{InvalidField, parse_money, refusals_of};
use sea_orm::DbErr;
use tonic::Status;

use super::close_checkouts::close_checkouts;
use super::issue_tickets::issue_tickets;
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutLine, CheckoutStatus, PayWith};
use crate::domain::order::{
    HeldLine, Order, OrderLine, OrderStatus, ShopPart, Sold, order_number, split_into_orders,
    take_off,
};
use crate::domain::voucher::{CodeRefused, Voucher};
use crate::messages::status_message;
use crate::messages::terms::terms_of;
use crate::service::HOLD_GRACE;
use crate::store;

/// A checkout with its orders.
#[derive(Clone, Debug)]
pub struct Advanced {
    /// The checkout.
    pub checkout: Checkout,
    /// Its orders, by shop; none while starting.
    pub orders: Vec<Order>,
    /// Its payment as payments told of it, where it was asked for just now.
    pub payment: Option<contract::Payment>,
}

/// What is wanted in a checkout, and the vouchers that it uses.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is to be held.
    pub lines: Vec<CheckoutLine>,
    /// What is taken off it.
    pub vouchers: Vec<Voucher>,
}

/// Why a checkout could not go on.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// Catalog or payments refuse; the checkout is closed.
    #[error("refused: {}", .0.message())]
    Refused(Status),
    /// A voucher takes nothing off at the prices that are held; the checkout is closed.
    #[error(transparent)]
    Voucher(#[from] CodeRefused),
    /// Catalog or payments cannot be asked now; the sweeper tries again.
    #[error(transparent)]
    Unavailable(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<InvalidField> for AdvanceError {
    fn from(error: InvalidField) -> Self {
        Self::Unavailable(platform::rpc::fault(error))
    }
}

impl From<MoneyError> for AdvanceError {
    fn from(error: MoneyError) -> Self {
        Self::Unavailable(platform::rpc::fault(error))
    }
}

impl From<Unanswered> for AdvanceError {
    fn from(unanswered: Unanswered) -> Self {
        Self::Unavailable(unanswered.into())
    }
}

/// Takes a checkout as far as it goes. One that is further already is given as it is. `wanted` is
/// what is wanted, where the caller knows.
pub async fn advance_checkout(
    orders: &Orders,
    checkout: Checkout,
    wanted: Option<Wanted>,
) -> Result<Advanced, AdvanceError> {
    if checkout.status != CheckoutStatus::Starting {
        let found = store::order::of_checkout(orders.0.database.reader(), checkout.id).await?;
        return Ok(Advanced { checkout, orders: found, payment: None });
    }
    let Wanted { lines, vouchers } = match wanted {
        Some(wanted) => wanted,
        None => wanted_in(orders, &checkout).await?,
    };
    let hold = match hold_stock(orders, &checkout, &lines).await {
        Ok(hold) => hold,
        Err(status) => return refuse_or_wait(orders, &checkout, status).await,
    };
    let mut held = held_lines(&hold)?;
    if let Err(refused) = take_off(&mut held, &vouchers)? {
        close_refused(orders, &checkout).await?;
        return Err(AdvanceError::Voucher(refused));
    }
    let parts = split_into_orders(checkout.id, held, &vouchers)?;
    let currency = parts.first().map_or(checkout.total.currency, |part| part.total.currency);
    let total = Money::checked_sum(currency, parts.iter().map(|part| part.total))?;
    let payment = match start_payment(orders, &checkout, &parts, total).await {
        Ok(payment) => payment,
        Err(status) => return refuse_or_wait(orders, &checkout, status).await,
    };
    let id = payment.id.parse().map_err(InvalidField::from)?;
    let completion = Completion { checkout: checkout.id, parts, total, payment: id };
    let advanced = complete(orders, completion).await?;
    // Of one that was paid or ended meanwhile, what payments told is old.
    let waits = advanced.checkout.status == CheckoutStatus::AwaitingPayment;
    Ok(Advanced { payment: waits.then_some(payment), ..advanced })
}

/// What was wanted when a checkout began that was interrupted since: its vouchers were counted then.
async fn wanted_in(orders: &Orders, checkout: &Checkout) -> Result<Wanted, DbErr> {
    let db = orders.0.database.reader();
    let lines = store::checkout::lines(db, checkout.id).await?;
    let vouchers = match checkout.vouchers {
        0 => Vec::new(),
        _ => store::voucher::of_checkout(db, checkout.id).await?,
    };
    Ok(Wanted { lines, vouchers })
}

async fn hold_stock(
    orders: &Orders,
    checkout: &Checkout,
    lines: &[CheckoutLine],
) -> Result<Hold, Status> {
    let request = HoldStockRequest {
        reference: checkout.id.to_string(),
        lines: lines
            .iter()
            .map(|line| HoldLine { variant_id: line.variant.to_string(), quantity: line.quantity })
            .collect(),
        expires_at: checkout.expires_at.after(HOLD_GRACE).micros(),
        claim_digest: checkout.claim.map(|claim| claim.0.to_vec()).unwrap_or_default(),
        ..HoldStockRequest::default()
    };
    Ok(orders.0.catalog.clone().hold_stock(request).await?.into_inner())
}

async fn start_payment(
    orders: &Orders,
    checkout: &Checkout,
    parts: &[ShopPart],
    total: Money,
) -> Result<contract::Payment, Status> {
    // A shop that gets nothing (an infant's seat) has no part in the payment.
    let paid = parts.iter().filter(|part| part.total.is_positive());
    let allocations = paid.map(|part| Allocation {
        order_id: part.order.to_string(),
        shop_id: part.shop.to_string(),
        amount: Some(part.total.into()),
        sold: match part.sold {
            Sold::Goods => contract::Sold::Goods,
            Sold::Tour => contract::Sold::Tour,
        }
        .into(),
    });
    let method = match checkout.pay_with {
        PayWith::Card => PaymentMethod::Card,
        // What is invoiced is never started: it is written as paid.
        PayWith::VietQr | PayWith::Invoiced => PaymentMethod::Vietqr,
    };
    let request = StartPaymentRequest {
        checkout_id: checkout.id.to_string(),
        method: method.into(),
        amount: Some(total.into()),
        allocations: allocations.collect(),
        expires_at: checkout.expires_at.micros(),
    };
    Ok(orders.0.payments.clone().start_payment(request).await?.into_inner())
}

/// A refusal closes the checkout; a fault leaves it to the sweeper.
async fn refuse_or_wait(
    orders: &Orders,
    checkout: &Checkout,
    status: Status,
) -> Result<Advanced, AdvanceError> {
    if refusals_of(&status).is_none() {
        return Err(AdvanceError::Unavailable(status));
    }
    close_refused(orders, checkout).await?;
    Err(AdvanceError::Refused(status))
}

async fn close_refused(orders: &Orders, checkout: &Checkout) -> Result<(), DbErr> {
    let tx = orders.0.database.begin().await?;
    let closed = close_checkouts(orders, &tx, &[(checkout.id, CheckoutStatus::Refused)]).await?;
    if closed.is_empty()
        && let Some(now) = store::checkout::by_id(&tx, checkout.id).await?
    {
        tell_end_again(orders, &tx, &now).await?;
    }
    tx.commit().await
}

/// A run that was overtaken may hold stock since catalog heard that the checkout ended without
/// money: it hears it once more.
async fn tell_end_again(
    orders: &Orders,
    tx: &Transaction,
    checkout: &Checkout,
) -> Result<(), DbErr> {
    if !checkout.status.ended_unpaid() {
        return Ok(());
    }
    outbox::publish(tx, orders.0.clock.now(), checkout.id, changed(checkout)).await
}

/// The sweeper, or the same request sent twice, was quicker. Its checkout is the answer; if that one
/// ended without money, nothing stays held or asked for.
async fn overtaken(
    orders: &Orders,
    id: CheckoutId,
    payment: PaymentId,
) -> Result<Advanced, AdvanceError> {
    let tx = orders.0.database.begin().await?;
    let checkout = locked(&tx, id).await?;
    let found = store::order::of_checkout(&tx, id).await?;
    tell_end_again(orders, &tx, &checkout).await?;
    tx.commit().await?;
    if checkout.status.ended_unpaid() {
        let request = CancelPaymentRequest { payment_id: payment.to_string() };
        if let Err(status) = orders.0.payments.clone().cancel_payment(request).await {
            // Nobody was shown how to pay it, and it expires by itself.
            tracing::warn!(%payment, %status, "a payment of no checkout was not cancelled");
        }
    }
    Ok(Advanced { checkout, orders: found, payment: None })
}

async fn locked(tx: &Transaction, id: CheckoutId) -> Result<Checkout, DbErr> {
    let locked = store::checkout::lock(tx, [id]).await?.pop();
    locked.ok_or_else(|| DbErr::RecordNotFound(id.to_string()))
}

/// A checkout that is held and asked for: its orders are to be written.
#[derive(Clone, Debug)]
pub struct Completion {
    checkout: CheckoutId,
    parts: Vec<ShopPart>,
    total: Money,
    payment: PaymentId,
}

/// The second transaction: orders written, the shopper is asked to pay.
async fn complete(orders: &Orders, completion: Completion) -> Result<Advanced, AdvanceError> {
    let (id, payment) = (completion.checkout, completion.payment);
    let together = orders.clone();
    let completed = orders.0.completions.ask(completion, move |completions| {
        let orders = together.clone();
        async move { complete_all(&orders, completions).await }
    });
    match completed.await?? {
        Some(advanced) => Ok(advanced),
        None => overtaken(orders, id, payment).await,
    }
}

/// Completes checkouts in one transaction; one by one, if that fails.
async fn complete_all(
    orders: &Orders,
    completions: Vec<Completion>,
) -> Vec<Result<Option<Advanced>, DbErr>> {
    together_or_alone(
        completions,
        |all| async move {
            Ok(complete_together(orders, &all).await?.into_iter().map(Ok).collect())
        },
        |one| async move { Ok(complete_together(orders, &[one]).await?.pop().flatten()) },
    )
    .await
}

/// One transaction for all of them; nothing for those that somebody else has taken further.
async fn complete_together(
    orders: &Orders,
    completions: &[Completion],
) -> Result<Vec<Option<Advanced>>, DbErr> {
    let service = &orders.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let ids = completions.iter().map(|completion| completion.checkout);
    let mut found: HashMap<CheckoutId, Checkout> = store::checkout::lock(&tx, ids)
        .await?
        .into_iter()
        .map(|checkout| (checkout.id, checkout))
        .collect();
    let mut outcomes = Vec::with_capacity(completions.len());
    for completion in completions {
        // Removed: the same checkout may be asked for twice at once.
        let open = found.remove(&completion.checkout);
        let open = open.filter(|checkout| checkout.status == CheckoutStatus::Starting);
        outcomes.push(open.map(|checkout| completed(checkout, completion, now)));
    }
    let made = || outcomes.iter().flatten();
    if made().next().is_some() {
        let written: Vec<Order> = made().flat_map(|done| done.orders.clone()).collect();
        store::order::insert(&tx, &written).await?;
        let early = |order: &Order| order.paid_at.is_some();
        let early: Vec<Order> = written.into_iter().filter(early).collect();
        if !early.is_empty() {
            issue_tickets(&tx, &early).await?;
        }
        let checkouts: Vec<Checkout> = made().map(|done| done.checkout.clone()).collect();
        store::checkout::await_payment(&tx, &checkouts).await?;
        let paid = checkouts.iter().filter(|checkout| checkout.paid_at.is_some());
        let events = paid.map(|checkout| (checkout.id.to_string(), changed(checkout)));
        outbox::publish_all(&tx, now, events).await?;
    }
    tx.commit().await?;
    for done in made() {
        let status = done.checkout.status.name();
        metrics::counter!("checkouts_total", "status" => status).increment(1);
    }
    Ok(outcomes)
}

fn completed(mut checkout: Checkout, completion: &Completion, now: Timestamp) -> Advanced {
    // Money that came before this transaction is not lost: the orders are paid at once.
    let paid_at = checkout.paid_at;
    let parts = completion.parts.iter().cloned();
    let orders = parts.map(|part| order_of(&checkout, part, now, paid_at)).collect();
    checkout.status =
        if paid_at.is_some() { CheckoutStatus::Paid } else { CheckoutStatus::AwaitingPayment };
    (checkout.total, checkout.payment) = (completion.total, Some(completion.payment));
    Advanced { checkout, orders, payment: None }
}

/// The event that tells of a checkout's status.
pub fn changed(checkout: &Checkout) -> Body {
    Body::CheckoutChanged(CheckoutChanged {
        checkout_id: checkout.id.to_string(),
        status: status_message(checkout.status).into(),
    })
}

fn order_of(
    checkout: &Checkout,
    part: ShopPart,
    now: Timestamp,
    paid_at: Option<Timestamp>,
) -> Order {
    Order {
        id: part.order,
        number: order_number(rand::random()),
        checkout: checkout.id,
        shop: part.shop,
        buyer: checkout.buyer,
        status: if paid_at.is_some() { OrderStatus::Paid } else { OrderStatus::Pending },
        lines: part.lines,
        total: part.total,
        voucher: part.voucher,
        created_at: now,
        paid_at,
        fulfilled_at: None,
        cancelled_at: None,
        returnable_until: None,
    }
}

/// The lines that orders will have: what was held, as it was called and priced then.
fn held_lines(hold: &Hold) -> Result<Vec<HeldLine>, AdvanceError> {
    let offers: HashMap<&str, &Offer> =
        hold.offers.iter().map(|offer| (offer.variant_id.as_str(), offer)).collect();
    let mut held = Vec::with_capacity(hold.lines.len());
    for line in &hold.lines {
        let offer = offers.get(line.variant_id.as_str());
        let offer = offer.ok_or_else(|| {
            AdvanceError::Unavailable(platform::rpc::fault("a hold without the offer of a line"))
        })?;
        held.push(held_line(offer, line.quantity)?);
    }
    Ok(held)
}

/// The line that an order will have of an offer.
pub fn held_line(offer: &Offer, quantity: i64) -> Result<HeldLine, AdvanceError> {
    let unit_price = parse_money(offer.price.as_ref())?;
    Ok(HeldLine {
        shop: proto::parse_id::<ShopId>(&offer.shop_id)?,
        line: OrderLine {
            id: ids::new::<OrderLineId>(),
            variant: proto::parse_id::<VariantId>(&offer.variant_id)?,
            product: proto::parse_id::<ProductId>(&offer.product_id)?,
            title: offer.title.clone().unwrap_or_default().into(),
            sku: offer.sku.clone(),
            unit: offer.unit.clone(),
            quantity,
            unit_price,
            discount: Money::zero(unit_price.currency),
            total: unit_price.checked_mul(quantity)?,
            ticket: offer.ticket.as_ref().map(terms_of).transpose()?,
            cancelled_quantity: 0,
        },
    })
}
