//! A checkout with its orders. What is asked for at the same moment is read together.

use std::collections::HashMap;

use kernel::CheckoutId;
use platform::rpc::database_fault;
use sea_orm::DbErr;
use tonic::Status;

use super::advance_checkout::Advanced;
use crate::Orders;
use crate::domain::order::Order;
use crate::store;

/// A checkout with its orders, by shop; nothing if there is none. Who asks is not checked.
pub async fn get_checkout(orders: &Orders, id: CheckoutId) -> Result<Option<Advanced>, Status> {
    let together = orders.clone();
    let read = orders.0.readings.ask(id, move |ids| {
        let orders = together.clone();
        async move {
            match read_all(&orders, &ids).await {
                Ok(found) => ids.iter().map(|id| Ok(found.get(id).cloned())).collect(),
                Err(error) => {
                    let status = database_fault(&error);
                    ids.iter().map(|_| Err(status.clone())).collect()
                }
            }
        }
    });
    read.await?
}

async fn read_all(
    orders: &Orders,
    ids: &[CheckoutId],
) -> Result<HashMap<CheckoutId, Advanced>, DbErr> {
    let db = orders.0.database.reader();
    // Orders first: a checkout that is read after them is at least as far as they are.
    let mut made: HashMap<CheckoutId, Vec<Order>> = HashMap::with_capacity(ids.len());
    for order in store::order::of_checkouts(db, ids).await? {
        made.entry(order.checkout).or_default().push(order);
    }
    let checkouts = store::checkout::by_ids(db, ids.iter().copied()).await?;
    let advanced = checkouts.into_iter().map(|checkout| {
        let orders = made.remove(&checkout.id).unwrap_or_default();
        (checkout.id, Advanced { checkout, orders })
    });
    Ok(advanced.collect())
}
