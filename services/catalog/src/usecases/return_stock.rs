//! Goods that were sold come back and can be sold again. Once a reference, and never more than their
//! hold sold.

use std::collections::BTreeMap;

use kernel::{ProductId, VariantId};
use platform::idempotency::{Recalled, recall, remember};
use platform::outbox;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::hold::{HoldLine, HoldStatus};
use crate::store;
use crate::store::variant::Quantities;

/// The namespace of the references.
const KEYS: &str = "return_stock";

/// Why nothing came back: of goods or of seats.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// The reference has 1 to 128 characters.
    #[error("the reference has 1 to 128 characters")]
    Reference,
    /// The reference was used for something else.
    #[error("the reference was used for something else")]
    ReferenceReused,
    /// There is no line, or a quantity is not positive, or a variant stands twice.
    #[error("the lines are malformed")]
    Malformed,
    /// Fewer were sold: which line, and how many of it can still come back.
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

/// What shall come back, by variant, if it is asked for as it must be.
pub fn wanted_back(reference: &str, lines: &[HoldLine]) -> Result<Quantities, ReturnError> {
    if !(1..=128).contains(&reference.len()) {
        return Err(ReturnError::Reference);
    }
    let wanted: Quantities = lines.iter().map(|line| (line.variant, line.quantity)).collect();
    if wanted.len() != lines.len() || lines.is_empty() || wanted.values().any(|count| *count <= 0) {
        return Err(ReturnError::Malformed);
    }
    Ok(wanted)
}

/// Adds sold goods to the stock again.
pub async fn return_stock(
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
    // The hold first, then the variants: as everybody does who settles holds.
    let found = store::hold::lock(&tx, &[hold.to_owned()]).await?.pop();
    let locked = store::variant::lock(&tx, wanted.keys().copied()).await?;
    match recall(&tx, KEYS, reference, body.as_bytes()).await? {
        Recalled::New => {}
        Recalled::Same(_) => return Ok(()),
        Recalled::Different => return Err(ReturnError::ReferenceReused),
    }
    let sold = found.filter(|hold| hold.status == HoldStatus::Committed);
    let left: BTreeMap<VariantId, i64> = match &sold {
        Some(hold) => store::hold::returnable(&tx, hold.id).await?,
        None => BTreeMap::new(),
    };
    for (place, line) in lines.iter().enumerate() {
        let there = left.get(&line.variant).copied().unwrap_or_default();
        if line.quantity > there {
            return Err(ReturnError::NotSold { line: place, sold: there });
        }
    }
    if let Some(hold) = &sold {
        store::hold::add_returned(&tx, hold.id, &wanted).await?;
    }
    store::variant::move_stock(&tx, &wanted, 1, 0).await?;
    for (variant, quantity) in &wanted {
        store::variant::record_movement(&tx, *variant, *quantity, reference, now).await?;
    }
    remember(&tx, KEYS, reference, body.as_bytes(), &[], now).await?;
    // Search hears of what can be bought again.
    let sold_out = locked.iter().filter(|one| one.variant.available() == 0);
    let products = sold_out.map(|one| ProductId::from_uuid(one.product));
    let products = store::product::by_ids(&tx, products).await?;
    outbox::publish_all(&tx, now, products.iter().map(changed).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    Ok(())
}
