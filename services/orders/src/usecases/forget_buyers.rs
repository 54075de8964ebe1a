//! Who deleted their account is forgotten in what they bought, as soon as nothing more may come of it. Sums, goods and
//! numbers stay: the books balance without a name.

use std::collections::HashMap;
use std::time::Duration;

use kernel::{CheckoutId, OrderId, Page, PageRequest, Timestamp, UserId};
use platform::outbox;
use proto::events::CheckoutForgotten;
use proto::events::event::Body;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::Orders;
use crate::domain::bought::Bought;
use crate::domain::checkout::Checkout;
use crate::store;

/// Buyers of one sweep, and checkouts that are looked at at once.
const BUYERS: u64 = 20;
const AT_ONCE: u32 = 25;
/// How long it takes until what was open is looked at again.
const AGAIN: Duration = Duration::from_secs(3_600);
/// For so long something may still arrive that a buyer began before they deleted their account.
const LATE: Duration = Duration::from_secs(86_400);

/// Forgets buyers in what is over. Crashes and repetitions do no harm: what is blank stays blank.
pub async fn forget_buyers(orders: &Orders) -> anyhow::Result<()> {
    let service = &orders.0;
    let now = service.clock.now();
    let db = service.database.reader();
    for (buyer, asked_at) in store::forgotten_buyer::due(db, now, BUYERS).await? {
        let over = match forget_buyer(orders, buyer, now).await {
            Ok(left) => left == 0 && now >= asked_at.after(LATE),
            // The others have their turn.
            Err(error) => {
                tracing::warn!(%buyer, %error, "who deleted their account is not forgotten yet");
                false
            }
        };
        let tx = service.database.begin().await?;
        let next = (!over).then(|| now.after(AGAIN));
        store::forgotten_buyer::look_again(&tx, buyer, next).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Forgets a buyer in what is over; gives how many checkouts are not.
async fn forget_buyer(orders: &Orders, buyer: UserId, now: Timestamp) -> Result<usize, DbErr> {
    let (mut left, mut after) = (0, None);
    loop {
        let request = PageRequest::<Uuid>::new(AT_ONCE, after);
        let db = orders.0.database.reader();
        let found = store::forgotten_buyer::telling(db, buyer, &request).await?;
        let page = Page::from_rows(&request, found);
        left += page.items.len() - forget_page(orders, &page.items, now).await?;
        match page.items.last().filter(|_| page.has_next) {
            Some(last) => after = Some(last.id.uuid()),
            None => return Ok(left),
        }
    }
}

/// Forgets who bought with those of some checkouts that are over, and tells of it; gives how many.
async fn forget_page(orders: &Orders, some: &[Checkout], now: Timestamp) -> Result<usize, DbErr> {
    if some.is_empty() {
        return Ok(0);
    }
    let tx = orders.0.database.begin().await?;
    // As they are now, and they stay so until it is done: whoever changes what is of an order locks it before.
    let locked = store::checkout::lock(&tx, some.iter().map(|checkout| checkout.id)).await?;
    let ids: Vec<CheckoutId> = locked.iter().map(|checkout| checkout.id).collect();
    let bought = store::order::lock_of_checkouts(&tx, &ids).await?;
    let of_orders: Vec<OrderId> = bought.iter().map(|order| order.id).collect();
    let returns = store::order_return::of_orders(&tx, of_orders.iter().copied()).await?;
    let cancellations = store::cancellation::of_orders(&tx, &of_orders).await?;
    let checkout_of: HashMap<OrderId, CheckoutId> =
        bought.iter().map(|order| (order.id, order.checkout)).collect();
    let is_of = |order: OrderId, id: CheckoutId| checkout_of.get(&order) == Some(&id);
    let over = locked.iter().filter(|checkout| {
        let id = checkout.id;
        let bought = Bought {
            checkout,
            orders: bought.iter().filter(|order| order.checkout == id).collect(),
            returns: returns.iter().filter(|one| is_of(one.order, id)).collect(),
            cancellations: cancellations.iter().filter(|one| is_of(one.order, id)).collect(),
        };
        !bought.is_open(now)
    });
    let over: Vec<CheckoutId> = over.map(|checkout| checkout.id).collect();
    if over.is_empty() {
        return Ok(0);
    }
    let of_them: Vec<OrderId> =
        bought.iter().filter(|one| over.contains(&one.checkout)).map(|one| one.id).collect();
    store::forgotten_buyer::blank(&tx, &over, &of_them).await?;
    let told = over.iter().map(|id| {
        let said = CheckoutForgotten { checkout_id: id.to_string() };
        (id.to_string(), Body::CheckoutForgotten(said))
    });
    outbox::publish_all(&tx, now, told.collect::<Vec<_>>()).await?;
    tx.commit().await?;
    Ok(over.len())
}
