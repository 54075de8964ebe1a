//! A checkout, with its orders where they are asked for. What is asked for at the same moment is read
//! together.

use std::collections::HashMap;

use kernel::CheckoutId;
use platform::rpc::database_fault;
use sea_orm::DbErr;
use tonic::Status;

use super::advance_checkout::Advanced;
use crate::Orders;
use crate::domain::order::Order;
use crate::store;

/// How much of a checkout is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The checkout alone, for who only asks where it stands.
    Itself,
    /// Its orders, too.
    WithOrders,
}

/// A checkout and, if asked for, its orders, by shop; nothing if there is none. Who asks is not checked.
pub async fn get_checkout(
    orders: &Orders,
    id: CheckoutId,
    extent: Extent,
) -> Result<Option<Advanced>, Status> {
    let together = orders.clone();
    let read = orders.0.readings.ask((id, extent), move |asked| {
        let orders = together.clone();
        async move {
            match read_all(&orders, &asked).await {
                Ok(found) => asked.iter().map(|(id, _)| Ok(found.get(id).cloned())).collect(),
                Err(error) => {
                    let status = database_fault(&error);
                    asked.iter().map(|_| Err(status.clone())).collect()
                }
            }
        }
    });
    read.await?
}

async fn read_all(
    orders: &Orders,
    asked: &[(CheckoutId, Extent)],
) -> Result<HashMap<CheckoutId, Advanced>, DbErr> {
    let db = orders.0.database.reader();
    let whole = asked.iter().filter(|(_, extent)| *extent == Extent::WithOrders);
    let whole: Vec<CheckoutId> = whole.map(|(id, _)| *id).collect();
    // Orders first: a checkout that is read after them is at least as far as they are.
    let mut made: HashMap<CheckoutId, Vec<Order>> = HashMap::with_capacity(whole.len());
    if !whole.is_empty() {
        for order in store::order::of_checkouts(db, &whole).await? {
            made.entry(order.checkout).or_default().push(order);
        }
    }
    let checkouts = store::checkout::by_ids(db, asked.iter().map(|(id, _)| *id)).await?;
    let advanced = checkouts.into_iter().map(|checkout| {
        let orders = made.remove(&checkout.id).unwrap_or_default();
        (checkout.id, Advanced { checkout, orders, payment: None })
    });
    Ok(advanced.collect())
}
