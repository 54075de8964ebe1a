//! The table that a person reads.

use std::fmt::Write;
use std::path::Path;

use kernel::{Currency, Money};

use super::footing::{Footing, Tally, UNREADABLE};
use super::words::Words;

/// The table.
pub fn table(footing: &Footing, words: &Words, out: &Path) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n", words.table("title"));
    for statement in &footing.statements {
        let lines = words.table("lines");
        let _ = writeln!(
            text,
            "  {} {} ({}, {} {lines})",
            words.table("statements"),
            statement.file,
            statement.format,
            statement.lines,
        );
    }
    let mut rows = vec![
        [words.table("what"), words.table("count"), words.table("sum")].map(ToOwned::to_owned),
    ];
    for (state, tally) in &footing.states {
        rows.push(row(words, words.state(state), tally));
    }
    let mut repeated = Tally::default();
    let mut unreadable = 0;
    for statement in &footing.statements {
        repeated.count += statement.repeated.count;
        for (currency, sum) in &statement.repeated.sums {
            *repeated.sums.entry(*currency).or_default() += sum;
        }
        unreadable += statement.unreadable;
    }
    if repeated.count > 0 {
        rows.push(row(words, words.state("repeated"), &repeated));
    }
    if unreadable > 0 {
        rows.push([words.state(UNREADABLE).to_owned(), unreadable.to_string(), String::new()]);
    }
    rows.push([String::new(), String::new(), String::new()]);
    for (name, tally) in
        [("expected", &footing.expected), ("paid", &footing.paid), ("open", &footing.open)]
    {
        rows.push(row(words, words.table(name), tally));
    }
    text.push('\n');
    aligned(&mut text, &rows);
    if !footing.first_queued.is_empty() {
        let _ = writeln!(text, "\n{}\n", words.table("queue"));
        for [file, line, booked_at, amount, reference, state, _, reason, suggestions] in
            &footing.first_queued
        {
            let named = [reference.as_str(), suggestions.as_str()].join(" ");
            let state = words.state(state);
            let _ = writeln!(
                text,
                "  {file}:{line}  {booked_at}  {amount}  {state}: {reason}  {}",
                named.trim()
            );
        }
    }
    if !footing.problems.is_empty() {
        let _ = writeln!(text, "\n{}: {}", words.table("problems"), footing.problems.len());
    }
    let _ = writeln!(
        text,
        "\n{}\n{}: {}/{{matches,queue,open}}.csv, report.json",
        words.table("foots"),
        words.table("files"),
        out.display()
    );
    text
}

fn row(words: &Words, name: &str, tally: &Tally) -> [String; 3] {
    let written = |(currency, sum): (&Currency, &i128)| {
        // No statement has sums beyond 64 bits.
        let amount = i64::try_from(*sum).map(|sum| Money::new(sum, *currency));
        amount.map_or_else(|_| sum.to_string(), |amount| words.money(amount))
    };
    let sums: Vec<String> = tally.sums.iter().map(written).collect();
    [name.to_owned(), tally.count.to_string(), sums.join(" + ")]
}

fn aligned(text: &mut String, rows: &[[String; 3]]) {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let (first, second, third) = (width(0), width(1), width(2));
    for [name, count, sum] in rows {
        let _ = writeln!(text, "  {name:<first$}  {count:>second$}  {sum:>third$}");
    }
}
