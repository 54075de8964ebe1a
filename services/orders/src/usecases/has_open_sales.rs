//! Whether something is still to come of what a shop sold: until then somebody must be there for it.

use kernel::{Page, PageRequest, ShopScope};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::Orders;
use crate::domain::bought::order_is_open;
use crate::domain::order::OrderStatus;
use crate::store;

/// Orders that are read at once, and pages of them that are looked at: what is older than all of these is over.
const AT_ONCE: u32 = 100;
const PAGES: usize = 50;

/// Whether anybody waits for a shop.
pub async fn has_open_sales(orders: &Orders, scope: ShopScope) -> Result<bool, DbErr> {
    let (db, now) = (orders.0.database.reader(), orders.0.clock.now());
    if store::open_sale::exists(db, scope, now).await? {
        return Ok(true);
    }
    // Trips stay paid; when one ends, it says itself.
    let mut after: Option<Uuid> = None;
    for _ in 0..PAGES {
        let request = PageRequest::new(AT_ONCE, after);
        let paid = Some(OrderStatus::Paid);
        let found = store::order::page_of_shop(db, scope, paid, &request).await?;
        let page = Page::from_rows(&request, found);
        if page.items.iter().any(|order| order_is_open(order, now)) {
            return Ok(true);
        }
        match page.items.last().filter(|_| page.has_next) {
            Some(last) => after = Some(last.id.uuid()),
            None => break,
        }
    }
    Ok(false)
}
