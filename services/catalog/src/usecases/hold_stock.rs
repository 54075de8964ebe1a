//! Holds stock and seats for a checkout: all of it or nothing, once a reference.

use kernel::{Timestamp, VariantId};
use platform::database::{Transaction, violated_constraint};
use platform::secrets::digest;
use platform::{ids, outbox};
use prost::Message;
use proto::catalog::Offers;
use sea_orm::DbErr;

use super::offer_seats::offer_seats;
use super::take_lines::Taken;
use super::write_product::changed;
use crate::Catalog;
use crate::domain::hold::{Hold, HoldLine, HoldStatus};
use crate::domain::seats::SeatProblem;
use crate::domain::waiting::{WaitingEntry, WaitingStatus};
use crate::store;

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
    /// A departure does not take it.
    Seats {
        /// Place of the line.
        line: usize,
        /// What.
        variant: VariantId,
        /// Why.
        problem: SeatProblem,
    },
}

impl LineProblem {
    /// Place of the line.
    pub const fn line(&self) -> usize {
        match self {
            Self::NotForSale { line, .. }
            | Self::InsufficientStock { line, .. }
            | Self::Seats { line, .. } => *line,
        }
    }
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

/// Holds stock, or gives the hold that the reference has. A token of a waiting list's offer makes the
/// seats that are kept for its owner theirs; one that is unknown or ran out does nothing.
pub async fn hold_stock(
    catalog: &Catalog,
    reference: &str,
    mut lines: Vec<HoldLine>,
    expires_at: Timestamp,
    claim_token: &str,
) -> Result<Hold, HoldStockError> {
    lines.sort_by_key(|line| line.variant);
    let repeated = lines.windows(2).any(|pair| pair[0].variant == pair[1].variant);
    if lines.is_empty() || repeated || lines.iter().any(|line| line.quantity <= 0) {
        return Err(HoldStockError::Malformed);
    }
    match try_hold(catalog, reference, &lines, expires_at, claim_token).await {
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
    lines: &[HoldLine],
    expires_at: Timestamp,
    claim_token: &str,
) -> Result<Hold, HoldStockError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // Holds are locked before stock and departures, as where they are settled.
    let claimed = lock_offer(&tx, claim_token).await?;
    let mut taken = Taken::lock(&tx, lines).await?;
    // After the lock: who holds it may just have made this very hold.
    if let Some(made) = store::hold::by_reference(&tx, reference).await? {
        return Ok(made);
    }
    taken.find_products(&tx).await?;
    let claimed = claimed.filter(|(entry, _)| taken.release_offer(entry));
    // The offers say what there was before.
    let offers = Offers { offers: taken.offers(now) }.encode_to_vec();
    let (goods, seats) = taken.take(lines, now).map_err(HoldStockError::Lines)?;
    let hold = Hold {
        id: ids::new(),
        reference: reference.to_owned(),
        status: HoldStatus::Held,
        expires_at,
        offers,
        lines: goods,
        seats,
    };
    if let Some((entry, kept)) = claimed {
        store::hold::set_status(&tx, [kept.id], HoldStatus::Released).await?;
        store::waiting::set_status(&tx, [entry.id], WaitingStatus::Claimed).await?;
        // Who takes fewer seats than were kept leaves the others to the next.
        offer_seats(&tx, taken.departures_mut(), now).await?;
    }
    taken.write(&tx).await?;
    store::hold::insert(&tx, &hold, now).await?;
    // Search shows whether something can be bought: it must hear when the last piece is held.
    let told: Vec<_> = taken.sold_out(now).into_iter().map(changed).collect();
    outbox::publish_all(&tx, now, told).await?;
    tx.commit().await?;
    Ok(hold)
}

/// The open offer that a token claims, and the locked hold that keeps its seats.
async fn lock_offer(
    tx: &Transaction,
    claim_token: &str,
) -> Result<Option<(WaitingEntry, Hold)>, DbErr> {
    if claim_token.is_empty() {
        return Ok(None);
    }
    let entry = store::waiting::offered_to(tx, &digest(claim_token)).await?;
    let Some(entry) = entry else { return Ok(None) };
    let kept = store::hold::lock(tx, &[entry.id.to_string()]).await?.pop();
    // It may have run out while the lock was waited for.
    Ok(kept.filter(|kept| kept.status == HoldStatus::Held).map(|kept| (entry, kept)))
}
