//! The pure core of reconciliation: how fast, and how right.

use std::time::Instant;

use anyhow::ensure;
use journeys::matching_set::{book_of, judge, matching_set};

use crate::load::median;
use crate::report::Report;

/// Open payments while matching is measured.
const OPEN: usize = 1_000_000;
/// Credits that are matched against them.
const CREDITS: u32 = 500_000;
/// Credits between two decisions, as a service would take them.
const BATCH: usize = 1_000;
/// The set's seed; printed, so that a finding can be repeated.
const SEED: u64 = 20_261_123;

/// Matches the set three times.
pub fn measure(report: &mut Report) -> anyhow::Result<()> {
    let (open, credits) = matching_set(SEED, OPEN, CREDITS as usize);
    let mut rates = Vec::new();
    let mut outcome = None;
    for _ in 0..3 {
        let mut book = book_of(&open)?;
        let begun = Instant::now();
        for some in credits.chunks(BATCH) {
            for credit in some {
                book.take(&credit.fact());
            }
            book.settle();
        }
        rates.push(f64::from(CREDITS) / begun.elapsed().as_secs_f64());
        outcome = Some(judge(&mut book, &credits, BATCH));
    }
    let rate = median(&mut rates);
    report.row(
        &format!("credits against {OPEN} open payments"),
        &format!("{rate:.0}/s"),
        "aim ≥ 500,000/s",
    );
    let Some(outcome) = outcome else { return Ok(()) };
    let readable = f64::from(outcome.readable_matched) / f64::from(outcome.readable) * 100.0;
    report.row(
        &format!("of {} credits (seed {SEED}), matched by themselves", outcome.credits),
        &format!("{}, wrongly {}", outcome.matched_right, outcome.matched_wrong),
        "aim: 0 wrongly",
    );
    report.row(
        "of those with a readable code and the exact amount, matched",
        &format!("{readable:.3} % of {}", outcome.readable),
        "aim ≥ 99.5 %",
    );
    report.row("waiting for a person", &outcome.queued.to_string(), "");
    ensure!(outcome.matched_wrong == 0, "a credit was matched wrongly");
    ensure!(readable >= 99.5, "too few readable codes were matched");
    Ok(())
}
