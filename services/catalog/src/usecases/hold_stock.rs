//! Holds stock for a checkout: all of it or nothing, once a reference.

use std::collections::HashMap;

use kernel::{ProductId, Timestamp, VariantId};
use platform::database::violated_constraint;
use platform::{ids, outbox};
use prost::Message;
use proto::catalog::Offers;
use sea_orm::DbErr;
use uuid::Uuid;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::hold::{Hold, HoldLine, HoldStatus};
use crate::domain::product::Product;
use crate::messages::offer_message;
use crate::store;
use crate::store::variant::{OfProduct, Quantities};

/// Why nothing was held: every line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineProblem {
    /// It is not for sale: which line.
    NotForSale {
        /// Place of the line.
        line: usize,
        /// What.
        variant: VariantId,
    },
    /// There are not so many.
    InsufficientStock {
        /// Place of the line.
        line: usize,
        /// What.
        variant: VariantId,
        /// How many there are.
        available: i64,
    },
}

/// Why nothing was held.
#[derive(Debug, thiserror::Error)]
pub enum HoldStockError {
    /// Lines are wrong.
    #[error("some lines cannot be held")]
    Lines(Vec<LineProblem>),
    /// There is no line, or a quantity is not positive, or a variant stands twice.
    #[error("the lines are malformed")]
    Malformed,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Holds stock, or gives the hold that the reference has.
pub async fn hold_stock(
    catalog: &Catalog,
    reference: &str,
    mut lines: Vec<HoldLine>,
    expires_at: Timestamp,
) -> Result<Hold, HoldStockError> {
    lines.sort_by_key(|line| line.variant);
    let repeated = lines.windows(2).any(|pair| pair[0].variant == pair[1].variant);
    if lines.is_empty() || repeated || lines.iter().any(|line| line.quantity <= 0) {
        return Err(HoldStockError::Malformed);
    }
    match try_hold(catalog, reference, lines, expires_at).await {
        // The same reference at the same moment: the other one made the hold.
        Err(HoldStockError::Database(error)) if violated_constraint(&error).is_some() => {
            let made = store::hold::by_reference(catalog.0.database.reader(), reference).await?;
            made.ok_or(HoldStockError::Database(error))
        }
        other => other,
    }
}

async fn try_hold(
    catalog: &Catalog,
    reference: &str,
    lines: Vec<HoldLine>,
    expires_at: Timestamp,
) -> Result<Hold, HoldStockError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let variants = store::variant::lock(&tx, lines.iter().map(|line| line.variant)).await?;
    // After the lock: who holds it may just have made this very hold.
    if let Some(made) = store::hold::by_reference(&tx, reference).await? {
        return Ok(made);
    }
    let ids = variants.iter().map(|found| ProductId::from_uuid(found.product));
    let products = store::product::by_ids(&tx, ids).await?;
    let products: HashMap<Uuid, &Product> =
        products.iter().map(|product| (product.id.uuid(), product)).collect();
    let variants: HashMap<VariantId, &OfProduct> =
        variants.iter().map(|found| (found.variant.id, found)).collect();
    let problems = problems_of(&lines, &variants, &products);
    if !problems.is_empty() {
        return Err(HoldStockError::Lines(problems));
    }
    let quantities: Quantities = lines.iter().map(|line| (line.variant, line.quantity)).collect();
    let offers = variants.values().filter_map(|found| {
        products.get(&found.product).map(|product| offer_message(product, &found.variant))
    });
    let hold = Hold {
        id: ids::new(),
        reference: reference.to_owned(),
        status: HoldStatus::Held,
        expires_at,
        offers: Offers { offers: offers.collect() }.encode_to_vec(),
        lines,
    };
    store::variant::move_stock(&tx, &quantities, 0, 1).await?;
    store::hold::insert(&tx, &hold, now).await?;
    // Search shows whether something can be bought: it must hear when the last piece is held.
    let sold_out = hold.lines.iter().filter(|line| {
        variants.get(&line.variant).is_some_and(|found| found.variant.available() == line.quantity)
    });
    let told = sold_out
        .filter_map(|line| variants.get(&line.variant))
        .filter_map(|found| products.get(&found.product));
    outbox::publish_all(&tx, now, told.map(|product| changed(product)).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    Ok(hold)
}

fn problems_of(
    lines: &[HoldLine],
    variants: &HashMap<VariantId, &OfProduct>,
    products: &HashMap<Uuid, &Product>,
) -> Vec<LineProblem> {
    let mut problems = Vec::new();
    for (line, HoldLine { variant, quantity }) in lines.iter().enumerate() {
        let found = variants.get(variant);
        let visible = found
            .and_then(|found| products.get(&found.product))
            .is_some_and(|product| product.visible);
        match found {
            Some(found) if visible => {
                let available = found.variant.available();
                if available < *quantity {
                    problems.push(LineProblem::InsufficientStock {
                        line,
                        variant: *variant,
                        available,
                    });
                }
            }
            _ => problems.push(LineProblem::NotForSale { line, variant: *variant }),
        }
    }
    problems
}
