//! What shops and operators read: a shop's statement, the reconciliation of days.

use std::collections::BTreeMap;

use kernel::{Currency, Money, PageRequest, ShopScope, Timestamp};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::Payments;
use crate::domain::reconciled_day::{AgedQueue, ReconciledDay, Tally};
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::domain::shop_statement::ShopStatement;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::store::reconciled::{CreditSum, DebitSum};

/// A span of days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: VietnamDay,
    /// The last.
    pub to: VietnamDay,
}

impl Days {
    /// The moments between which they are, the end left out.
    pub fn span(self) -> (Timestamp, Timestamp) {
        (self.from.begins(), self.to.next().begins())
    }
}

/// A shop's statement, in đồng.
pub async fn shop_statement(
    payments: &Payments,
    scope: ShopScope,
    days: Days,
) -> anyhow::Result<ShopStatement> {
    let db = payments.0.database.reader();
    let (from, until) = days.span();
    let opening = store::shop_sums::owed_at(db, scope, from).await?;
    let opening = Money::vnd(opening.get(&Currency::Vnd).copied().unwrap_or_default());
    let sums = store::shop_sums::daily_sums(db, scope, (from, until)).await?;
    let mut by_day = BTreeMap::new();
    for ((day, currency, kind), sum) in sums {
        if let Some(day) = VietnamDay::of_epoch_day(day)
            && currency == Currency::Vnd
        {
            by_day.insert((day, kind), sum);
        }
    }
    Ok(ShopStatement::of(opening, &by_day)?)
}

/// The lines behind a statement's figures: of some kinds, or of all, if none is named.
pub async fn shop_lines(
    payments: &Payments,
    scope: ShopScope,
    days: Days,
    kinds: &[ShopLineKind],
    page: &PageRequest<Uuid>,
) -> Result<Vec<ShopLine>, DbErr> {
    let db = payments.0.database.reader();
    store::shop_line::page_of_shop(db, scope, days.span(), kinds, page).await
}

/// What the bank's days hold.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// Each day of each account, the newest first.
    pub days: Vec<ReconciledDay>,
    /// The queue by age.
    pub aging: Vec<AgedQueue>,
    /// What is asked for and not paid, now.
    pub expected: Tally,
}

/// Ages of the queue, in days.
const AGES: [(u16, Option<u16>); 4] = [(0, Some(1)), (2, Some(3)), (4, Some(7)), (8, None)];

/// The reconciliation of some days, and the queue as it is now.
pub async fn reconciliation(payments: &Payments, days: Days) -> Result<Reconciliation, DbErr> {
    let db = payments.0.database.reader();
    let (first, last) = (days.from.epoch_day(), days.to.epoch_day());
    let credits = store::reconciled::credits(db, first, last).await?;
    let debits = store::reconciled::debits(db, days.span()).await?;
    let now = payments.0.clock.now();
    let mut aging = Vec::with_capacity(AGES.len());
    for (from_days, to_days) in AGES {
        let span = of_age(now, from_days, to_days);
        let (count, minor) = store::reconciled::waiting_since(db, span).await?;
        aging.push(AgedQueue { from_days, to_days, waiting: Tally { count, minor } });
    }
    let (count, minor) = store::reconciled::expected(db).await?;
    let expected = Tally { count, minor };
    Ok(Reconciliation { days: by_day(&credits, &debits), aging, expected })
}

fn by_day(credits: &[CreditSum], debits: &[DebitSum]) -> Vec<ReconciledDay> {
    let mut rows: BTreeMap<(i64, &str, Currency), ReconciledDay> = BTreeMap::new();
    fn row<'a, 'b>(
        rows: &'b mut BTreeMap<(i64, &'a str, Currency), ReconciledDay>,
        (day, account, currency): (i64, &'a str, Currency),
    ) -> Option<&'b mut ReconciledDay> {
        let day_of = VietnamDay::of_epoch_day(day)?;
        let nothing = || ReconciledDay::nothing(day_of, account.to_owned(), currency);
        Some(rows.entry((day, account, currency)).or_insert_with(nothing))
    }
    for credit in credits {
        let key = (credit.day, credit.account.as_str(), credit.currency);
        let Some(row) = row(&mut rows, key) else { continue };
        row.credits.add(credit.count, credit.sum);
        let part = match (credit.state.is_matched(), &credit.resolution) {
            (true, _) => &mut row.matched,
            (false, Some(_)) => &mut row.resolved,
            (false, None) => &mut row.waiting,
        };
        part.add(credit.count, credit.sum);
        let state = credit.resolution.clone().unwrap_or_else(|| credit.state.name().to_owned());
        row.states.entry(state).or_default().add(credit.count, credit.sum);
    }
    for debit in debits {
        let key = (debit.day, debit.account.as_str(), debit.currency);
        let Some(row) = row(&mut rows, key) else { continue };
        row.debits.add(debit.count, debit.sum);
        let part = if debit.matched { &mut row.explained } else { &mut row.unexplained };
        part.add(debit.count, debit.sum);
    }
    rows.into_values().rev().collect()
}

/// When we were told of what is so many to so many days old, the end left out.
pub fn of_age(now: Timestamp, from: u16, to: Option<u16>) -> (Timestamp, Timestamp) {
    let ago = |days: i64| Timestamp::from_micros(now.micros().saturating_sub(days * DAY));
    let begin = to.map_or(Timestamp::from_micros(i64::MIN), |to| ago(i64::from(to) + 1));
    // What came this very moment is new, too.
    let end = if from == 0 { Timestamp::from_micros(i64::MAX) } else { ago(i64::from(from)) };
    (begin, end)
}

const DAY: i64 = 24 * 3_600 * 1_000_000;
