//! A shop sells no more seats on some days: a storm, a holiday. What is sold stands.

use kernel::{ProductId, ShopScope};
use time::Date;

use super::update_departure::{ChangeDepartureError, tell_search};
use crate::Catalog;
use crate::domain::calendar::{begin_of, end_of};
use crate::domain::departure::{Departure, DepartureStatus};
use crate::store;

/// Closes all departures of a tour on some days, both included; gives them. Those that were closed or
/// cancelled before stay as they are.
pub async fn black_out_departures(
    catalog: &Catalog,
    scope: ShopScope,
    product: ProductId,
    days: (Date, Date),
) -> Result<Vec<Departure>, ChangeDepartureError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let (from, to) = (begin_of(days.0), end_of(days.1));
    let tx = service.database.begin().await?;
    let known = store::product::lock(&tx, scope, product).await?;
    known.ok_or(ChangeDepartureError::Unknown)?;
    let before = store::departure::lock_open_of_product(&tx, product, from, to).await?;
    let after: Vec<Departure> = before
        .iter()
        .map(|departure| Departure { status: DepartureStatus::Closed, ..departure.clone() })
        .collect();
    store::departure::close(&tx, &after).await?;
    tell_search(&tx, before.iter().zip(&after), now).await?;
    tx.commit().await?;
    Ok(after)
}
