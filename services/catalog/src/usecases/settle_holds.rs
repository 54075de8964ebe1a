//! Sells what was held, or sets it free: many holds with few statements, each hold once.

use std::collections::HashMap;

use kernel::{HoldId, ProductId, VariantId};
use platform::database::Transaction;
use platform::outbox;
use proto::events::HoldCommitRefused;
use proto::events::event::Body;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::hold::{Hold, HoldStatus, StockEffect};
use crate::store;
use crate::store::variant::{OfProduct, Quantities};

/// What became of holds.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// All holds, as they are now.
    pub holds: Vec<Hold>,
    /// References whose stock had been set free and is gone.
    pub refused: Vec<String>,
}

/// Sells what holds hold.
pub async fn commit_holds(
    catalog: &Catalog,
    tx: &Transaction,
    references: &[String],
) -> Result<Settled, DbErr> {
    let holds = store::hold::lock(tx, references).await?;
    settle(catalog, tx, holds, Hold::commit, HoldStatus::Committed).await
}

/// Sets free what holds hold.
pub async fn release_holds(
    catalog: &Catalog,
    tx: &Transaction,
    references: &[String],
) -> Result<Settled, DbErr> {
    let holds = store::hold::lock(tx, references).await?;
    settle(catalog, tx, holds, Hold::release, HoldStatus::Released).await
}

/// Sets free what locked holds hold whose time has gone by.
pub async fn expire(
    catalog: &Catalog,
    tx: &Transaction,
    holds: Vec<Hold>,
) -> Result<Settled, DbErr> {
    settle(catalog, tx, holds, Hold::release, HoldStatus::Expired).await
}

async fn settle(
    catalog: &Catalog,
    tx: &Transaction,
    mut holds: Vec<Hold>,
    effect: fn(&Hold) -> StockEffect,
    reached: HoldStatus,
) -> Result<Settled, DbErr> {
    let now = catalog.0.clock.now();
    let touched = holds.iter().filter(|hold| effect(hold) != StockEffect::None);
    let wanted: Vec<VariantId> =
        touched.flat_map(|hold| hold.lines.iter().map(|line| line.variant)).collect();
    if wanted.is_empty() {
        return Ok(Settled { holds, refused: Vec::new() });
    }
    // One order for all who lock: that of the ids.
    let locked = store::variant::lock(tx, wanted).await?;
    let mut free: HashMap<VariantId, i64> =
        locked.iter().map(|found| (found.variant.id, found.variant.available())).collect();
    let (mut sold_held, mut freed, mut sold_anew) =
        (Quantities::new(), Quantities::new(), Quantities::new());
    let (mut changed_holds, mut refused): (Vec<HoldId>, Vec<String>) = (Vec::new(), Vec::new());
    for hold in &mut holds {
        let quantities = match effect(hold) {
            StockEffect::None => continue,
            StockEffect::SellHeld => &mut sold_held,
            StockEffect::Free => &mut freed,
            StockEffect::SellAnew if !is_there(hold, &free) => {
                refused.push(hold.reference.clone());
                continue;
            }
            StockEffect::SellAnew => {
                for line in &hold.lines {
                    *free.entry(line.variant).or_default() -= line.quantity;
                }
                &mut sold_anew
            }
        };
        for line in &hold.lines {
            *quantities.entry(line.variant).or_default() += line.quantity;
        }
        hold.status = reached;
        changed_holds.push(hold.id);
    }
    store::variant::move_stock(tx, &sold_held, -1, -1).await?;
    store::variant::move_stock(tx, &freed, 0, -1).await?;
    store::variant::move_stock(tx, &sold_anew, -1, 0).await?;
    if !changed_holds.is_empty() {
        store::hold::set_status(tx, changed_holds, reached).await?;
    }
    tell(tx, &locked, &freed, &refused, now).await?;
    Ok(Settled { holds, refused })
}

fn is_there(hold: &Hold, free: &HashMap<VariantId, i64>) -> bool {
    hold.lines.iter().all(|line| free.get(&line.variant).is_some_and(|free| *free >= line.quantity))
}

/// Search hears of what can be bought again, orders of what was paid and is gone.
async fn tell(
    tx: &Transaction,
    locked: &[OfProduct],
    freed: &Quantities,
    refused: &[String],
    now: kernel::Timestamp,
) -> Result<(), DbErr> {
    let back = locked
        .iter()
        .filter(|found| found.variant.available() == 0 && freed.contains_key(&found.variant.id))
        .map(|found| ProductId::from_uuid(found.product));
    let products = store::product::by_ids(tx, back).await?;
    let mut events: Vec<(String, Body)> = products.iter().map(changed).collect();
    for reference in refused {
        let body = Body::HoldCommitRefused(HoldCommitRefused { reference: reference.clone() });
        events.push((reference.clone(), body));
    }
    outbox::publish_all(tx, now, events).await
}
