//! Holds stock and seats for a checkout: all of it or nothing, once a reference.

use kernel::{Timestamp, VariantId};
use platform::batching::{Unanswered, together_or_alone};
use platform::database::{Transaction, violated_constraint};
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
use crate::domain::waiting::{ClaimDigest, WaitingEntry, WaitingStatus};
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
    /// Too much is asked for at once.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

/// What is to be held.
#[derive(Clone, Debug)]
pub struct Holding {
    reference: String,
    /// In the order of the variants' ids, each once.
    lines: Vec<HoldLine>,
    expires_at: Timestamp,
}

/// Holds stock, or gives the hold that the reference has. A token of a waiting list's offer makes the
/// seats that are kept for its owner theirs; one that is unknown or ran out does nothing. What is asked
/// for at the same moment shares a transaction.
pub async fn hold_stock(
    catalog: &Catalog,
    reference: &str,
    mut lines: Vec<HoldLine>,
    expires_at: Timestamp,
    claim: Option<&ClaimDigest>,
) -> Result<Hold, HoldStockError> {
    lines.sort_by_key(|line| line.variant);
    let repeated = lines.windows(2).any(|pair| pair[0].variant == pair[1].variant);
    if lines.is_empty() || repeated || lines.iter().any(|line| line.quantity <= 0) {
        return Err(HoldStockError::Malformed);
    }
    let holding = Holding { reference: reference.to_owned(), lines, expires_at };
    if claim.is_some() {
        return hold_alone(catalog, &holding, claim).await;
    }
    let together = catalog.clone();
    let held = catalog.0.holdings.ask(holding, move |holdings| {
        let catalog = together.clone();
        async move { hold_all(&catalog, holdings).await }
    });
    held.await?
}

/// Holds in one transaction; one by one, if that fails.
async fn hold_all(catalog: &Catalog, holdings: Vec<Holding>) -> Vec<Result<Hold, HoldStockError>> {
    together_or_alone(
        holdings,
        |all| async move { hold_together(catalog, &all, None).await },
        |one| async move { hold_alone(catalog, &one, None).await },
    )
    .await
}

async fn hold_alone(
    catalog: &Catalog,
    holding: &Holding,
    claim: Option<&ClaimDigest>,
) -> Result<Hold, HoldStockError> {
    match hold_together(catalog, std::slice::from_ref(holding), claim).await {
        // The reference has a hold: from before, or somebody made it at the same moment.
        Err(error) if violated_constraint(&error).is_some() => {
            let db = catalog.0.database.reader();
            let made = store::hold::by_reference(db, &holding.reference).await?;
            made.ok_or(HoldStockError::Database(error))
        }
        Err(error) => Err(error.into()),
        Ok(outcomes) => outcomes.into_iter().next().unwrap_or(Err(HoldStockError::Malformed)),
    }
}

/// One transaction for all of them, in their order; what is refused takes nothing from the others. Hardly any
/// reference has a hold already, so only of what is refused it is looked up; else the database refuses a second
/// hold, and nothing was done.
async fn hold_together(
    catalog: &Catalog,
    holdings: &[Holding],
    claim: Option<&ClaimDigest>,
) -> Result<Vec<Result<Hold, HoldStockError>>, DbErr> {
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // Holds are locked before stock and departures, as where they are settled.
    let claimed = lock_offer(&tx, claim).await?;
    let wanted = holdings.iter().flat_map(|holding| &holding.lines);
    let mut taken = Taken::lock(&tx, wanted).await?;
    taken.find_products(&tx).await?;
    let claimed = claimed.filter(|(entry, _)| taken.release_offer(entry));
    let mut new: Vec<Hold> = Vec::new();
    let mut outcomes = Vec::with_capacity(holdings.len());
    for holding in holdings {
        // The same request twice at once.
        if let Some(twin) = new.iter().find(|hold| hold.reference == holding.reference) {
            outcomes.push(Ok(twin.clone()));
            continue;
        }
        // The offers say what there was before.
        let offers = taken.offers_of(holding.lines.iter().map(|line| line.variant), now);
        match taken.take(&holding.lines, now) {
            Err(problems) => outcomes.push(Err(HoldStockError::Lines(problems))),
            Ok((lines, seats)) => {
                let hold = Hold {
                    id: ids::new(),
                    reference: holding.reference.clone(),
                    status: HoldStatus::Held,
                    expires_at: holding.expires_at,
                    offers: Offers { offers }.encode_to_vec(),
                    lines,
                    seats,
                };
                new.push(hold.clone());
                outcomes.push(Ok(hold));
            }
        }
    }
    give_earlier(&tx, holdings, &mut outcomes).await?;
    if new.is_empty() {
        // Nothing was taken, so an offer that was claimed stays with who waits.
        return Ok(outcomes);
    }
    if let Some((entry, kept)) = claimed {
        store::hold::set_status(&tx, [kept.id], HoldStatus::Released).await?;
        store::waiting::set_status(&tx, [entry.id], WaitingStatus::Claimed).await?;
        // Who takes fewer seats than were kept leaves the others to the next.
        offer_seats(&tx, taken.departures_mut(), now).await?;
    }
    taken.write(&tx).await?;
    store::hold::insert(&tx, &new, now).await?;
    // Search shows whether something can be bought: it must hear when the last piece is held.
    let told: Vec<_> = taken.sold_out(now).into_iter().map(changed).collect();
    outbox::publish_all(&tx, now, told).await?;
    tx.commit().await?;
    Ok(outcomes)
}

/// What is refused may be held already: its own hold took what is no longer there. It is looked up after the
/// stock was locked, for who held the lock may just have made it.
async fn give_earlier(
    tx: &Transaction,
    holdings: &[Holding],
    outcomes: &mut [Result<Hold, HoldStockError>],
) -> Result<(), DbErr> {
    let refused = holdings.iter().zip(outcomes.iter()).filter(|(_, outcome)| outcome.is_err());
    let refused: Vec<&str> = refused.map(|(holding, _)| holding.reference.as_str()).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let made = store::hold::by_references(tx, refused).await?;
    for (holding, outcome) in holdings.iter().zip(outcomes) {
        let earlier = made.get(&holding.reference).filter(|_| outcome.is_err());
        if let Some(earlier) = earlier {
            *outcome = Ok(earlier.clone());
        }
    }
    Ok(())
}

/// The open offer that a token claims, and the locked hold that keeps its seats.
async fn lock_offer(
    tx: &Transaction,
    claim: Option<&ClaimDigest>,
) -> Result<Option<(WaitingEntry, Hold)>, DbErr> {
    let Some(claim) = claim else { return Ok(None) };
    let entry = store::waiting::offered_to(tx, claim).await?;
    let Some(entry) = entry else { return Ok(None) };
    let kept = store::hold::lock(tx, &[entry.id.to_string()]).await?.pop();
    // It may have run out while the lock was waited for.
    Ok(kept.filter(|kept| kept.status == HoldStatus::Held).map(|kept| (entry, kept)))
}
