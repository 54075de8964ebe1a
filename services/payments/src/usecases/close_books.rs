//! Closes the books up to a day: one person asks, another who asks for the same day closes. Nothing is
//! posted into a closed period; corrections go into the open one. The database itself refuses.

use kernel::UserId;
use platform::ids;
use sea_orm::DbErr;

use crate::Payments;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::store::ledger_closing::Closing;

/// Why the books are not closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseBooksError {
    /// The day is not over.
    #[error("{0} is not over")]
    NotOver(VietnamDay),
    /// They are closed to this day, or a later one.
    #[error("the books are closed to {0}")]
    ClosedBefore(VietnamDay),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Asks to close the books up to a day, the day included; closes them if another person has asked for
/// the same. Asking again changes nothing.
pub async fn close_books(
    payments: &Payments,
    last_day: VietnamDay,
    by: UserId,
) -> Result<Closing, CloseBooksError> {
    let service = &payments.0;
    let now = service.clock.now();
    if last_day >= VietnamDay::of(now) {
        return Err(CloseBooksError::NotOver(last_day));
    }
    let until = last_day.next().begins();
    // Long before anybody is kept from posting; what is posted meanwhile is added below.
    let summed = match store::ledger_closing::at(service.database.reader(), until).await? {
        Some(asked) if asked.closed.is_none() && asked.requested_by != by => {
            Some(store::ledger_closing::sum_before(service.database.reader(), until).await?)
        }
        _ => None,
    };
    let tx = service.database.begin().await?;
    // Nobody posts while the books are closed.
    let _end = store::ledger::lock(&tx).await?;
    let known = store::ledger_closing::at(&tx, until).await?;
    if let Some(closing) = known.filter(|closing| closing.closed.is_some()) {
        return Ok(closing);
    }
    if let Some(closed) = store::ledger_closing::closed_until(&tx).await?
        && closed >= until
    {
        let last = VietnamDay::of(closed).epoch_day() - 1;
        return Err(CloseBooksError::ClosedBefore(
            VietnamDay::of_epoch_day(last).unwrap_or(last_day),
        ));
    }
    let closing = match known {
        None => {
            let asked = Closing {
                id: ids::new(),
                until,
                requested_by: by,
                requested_at: now,
                closed: None,
            };
            store::ledger_closing::insert(&tx, &asked).await?;
            asked
        }
        Some(mine) if mine.requested_by == by => return Ok(mine),
        Some(asked) => {
            let summed = match summed {
                Some(summed) => summed,
                // It was asked for this very moment.
                None => store::ledger_closing::sum_before(&tx, until).await?,
            };
            let closed = store::ledger_closing::close(&tx, &asked, summed, by, now).await?;
            Closing { closed: Some(closed), ..asked }
        }
    };
    tx.commit().await?;
    Ok(closing)
}
