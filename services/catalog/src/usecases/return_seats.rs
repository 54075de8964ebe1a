//! Seats come back: a guest cancelled. Once a reference, and never more than were sold.

use platform::idempotency::{Recalled, recall, remember};

use super::offer_seats::offer_seats;
use super::return_stock::{ReturnError, wanted_back};
use super::update_departure::tell_search;
use crate::Catalog;
use crate::domain::hold::HoldLine;
use crate::domain::seats::{SoldLine, returned};
use crate::store;

/// Sets sold seats free. Add-ons are counted back, too, though they take no seat.
pub async fn return_seats(
    catalog: &Catalog,
    reference: &str,
    hold: &str,
    lines: &[HoldLine],
) -> Result<(), ReturnError> {
    let wanted = wanted_back(reference, lines)?;
    let service = &catalog.0;
    let now = service.clock.now();
    let body = format!("{hold}:{wanted:?}");
    let tx = service.database.begin().await?;
    let before = store::departure::lock_of_variants(&tx, wanted.keys().copied()).await?;
    match recall(&tx, "return_seats", reference, body.as_bytes()).await? {
        Recalled::New => {}
        Recalled::Same(_) => return Ok(()),
        Recalled::Different => return Err(ReturnError::ReferenceReused),
    }
    // Who returns seats holds the departure's lock: nobody else changes what was returned of it.
    let sold = store::seats::sold_of_variants(&tx, wanted.keys().copied(), hold).await?;
    let mut after = before.clone();
    for (place, line) in lines.iter().enumerate() {
        let mut own: Vec<SoldLine> =
            sold.iter().filter(|sold| sold.variant == line.variant).cloned().collect();
        let there: i64 = own.iter().map(SoldLine::remaining).sum();
        let Some(changed) = returned(&mut own, line.quantity) else {
            return Err(ReturnError::NotSold { line: place, sold: there });
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
