//! The operator's reconciliation as tables: day by day and account, and the queue by age.

use kernel::{Currency, Money, Timestamp};

use super::{Cell, Table, Takeaway, Words};
use crate::domain::reconciled_day::{AgedQueue, ReconciledDay, Tally};
use crate::domain::vietnam_calendar::{VietnamDay, vietnam_moment};

/// The tables of a reconciliation of some days.
pub fn reconciliation(
    words: &Words,
    (from, to, made_at): (VietnamDay, VietnamDay, Timestamp),
    days: &[ReconciledDay],
    aging: &[AgedQueue],
) -> Takeaway {
    let foots = days.iter().all(ReconciledDay::foots);
    let head = vec![
        (words.say("from"), Cell::text(from.written())),
        (words.say("to"), Cell::text(to.written())),
        (words.say("made_at"), Cell::text(vietnam_moment(made_at))),
        (words.say("foots"), Cell::text(words.say(if foots { "yes" } else { "no" }))),
    ];
    Takeaway {
        locale: words.locale,
        title: words.say("reconciliation"),
        head,
        tables: vec![by_day(words, days), queue(words, aging)],
        page_words: words.say("page"),
    }
}

fn by_day(words: &Words, days: &[ReconciledDay]) -> Table {
    let sums = ["credits", "matched", "resolved", "waiting", "debits", "explained", "unexplained"];
    let mut headings = words.all(["day", "account"]);
    for sum in sums {
        headings.extend([words.say("count"), words.say(sum)]);
    }
    let rows = days.iter().map(|day| {
        let mut row = vec![Cell::text(day.day.written()), Cell::text(&day.account)];
        for tally in day.tallies() {
            row.extend(cells(tally, day.currency));
        }
        row
    });
    // Sums of several currencies are no sum: then there is none.
    let currency = days.first().map_or(Currency::Vnd, |day| day.currency);
    let alike = days.iter().all(|day| day.currency == currency);
    let total = alike.then(|| {
        let mut total = vec![Cell::text(words.say("total")), Cell::empty()];
        for place in 0..sums.len() {
            let tallies = days.iter().filter_map(|day| day.tallies().get(place).copied());
            total.extend(cells(tallies.fold(Tally::default(), Tally::plus), currency));
        }
        total
    });
    Table { name: words.say("by_day"), headings, rows: rows.collect(), total }
}

fn queue(words: &Words, aging: &[AgedQueue]) -> Table {
    let rows = aging.iter().map(|age| {
        let days = match age.to_days {
            Some(to) => format!("{}–{to}", age.from_days),
            None => format!("{}+", age.from_days),
        };
        let mut row = vec![Cell::text(days)];
        row.extend(cells(age.waiting, Currency::Vnd));
        row
    });
    let all = aging.iter().map(|age| age.waiting).fold(Tally::default(), Tally::plus);
    let mut total = vec![Cell::text(words.say("total"))];
    total.extend(cells(all, Currency::Vnd));
    let headings = words.all(["age", "count", "amount"]);
    Table { name: words.say("queue"), headings, rows: rows.collect(), total: Some(total) }
}

const fn cells(tally: Tally, currency: Currency) -> [Cell; 2] {
    [Cell::Count(tally.count), Cell::Amount(Money::new(tally.minor, currency))]
}
