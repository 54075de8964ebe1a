//! Seats come back: a guest cancelled. Once a reference, and never more than were sold.

use std::collections::BTreeMap;

use kernel::VariantId;
use platform::idempotency::{Recalled, recall, remember};
use sea_orm::DbErr;

use super::offer_seats::offer_seats;
use super::update_departure::tell_search;
use crate::Catalog;
use crate::domain::hold::HoldLine;
use crate::domain::seats::{SoldLine, returned};
use crate::store;

/// Why no seats came back.
#[derive(Debug, thiserror::Error)]
pub enum ReturnSeatsError {
    /// The reference has 1 to 128 characters.
    #[error("the reference has 1 to 128 characters")]
    Reference,
    /// The reference was used for other seats.
    #[error("the reference was used for other seats")]
    ReferenceReused,
    /// There is no line, or a quantity is not positive, or a variant stands twice.
    #[error("the lines are malformed")]
    Malformed,
    /// Fewer were sold: which line, and how many.
    #[error("only {sold} of line {line} were sold")]
    NotSold {
        /// Place of the line.
        line: usize,
        /// How many can come back.
        sold: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Sets sold seats free. Add-ons are counted back, too, though they take no seat.
pub async fn return_seats(
    catalog: &Catalog,
    reference: &str,
    hold: &str,
    lines: &[HoldLine],
) -> Result<(), ReturnSeatsError> {
    if !(1..=128).contains(&reference.len()) {
        return Err(ReturnSeatsError::Reference);
    }
    let wanted: BTreeMap<VariantId, i64> =
        lines.iter().map(|line| (line.variant, line.quantity)).collect();
    if wanted.len() != lines.len() || lines.is_empty() || wanted.values().any(|count| *count <= 0) {
        return Err(ReturnSeatsError::Malformed);
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let body = format!("{hold}:{wanted:?}");
    let tx = service.database.begin().await?;
    let before = store::departure::lock_of_variants(&tx, wanted.keys().copied()).await?;
    match recall(&tx, "return_seats", reference, body.as_bytes()).await? {
        Recalled::New => {}
        Recalled::Same(_) => return Ok(()),
        Recalled::Different => return Err(ReturnSeatsError::ReferenceReused),
    }
    // Who returns seats holds the departure's lock: nobody else changes what was returned of it.
    let sold = store::seats::sold_of_variants(&tx, wanted.keys().copied(), hold).await?;
    let mut after = before.clone();
    for (place, line) in lines.iter().enumerate() {
        let mut own: Vec<SoldLine> =
            sold.iter().filter(|sold| sold.variant == line.variant).cloned().collect();
        let there: i64 = own.iter().map(SoldLine::remaining).sum();
        let Some(changed) = returned(&mut own, line.quantity) else {
            return Err(ReturnSeatsError::NotSold { line: place, sold: there });
        };
        for (sold, seats) in changed {
            if let Some(one) = after.iter_mut().find(|one| one.id == sold.departure) {
                one.seats.give_back(seats);
            }
            store::seats::write_returned(&tx, &sold).await?;
        }
    }
    offer_seats(&tx, &mut after, now).await?;
    store::departure::write_seats(&tx, &after).await?;
    remember(&tx, "return_seats", reference, body.as_bytes(), &[], now).await?;
    tell_search(&tx, before.iter().zip(&after), now).await?;
    tx.commit().await?;
    Ok(())
}
