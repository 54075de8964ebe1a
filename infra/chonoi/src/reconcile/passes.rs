//! The two passes over the statements.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use kernel::Money;
use payments::reconciliation::{Book, CreditState, Fact, FactNumber, Moment, Rule};
use payments::statements::{self, Opened};
use payments::{Occurrences, StatementLine, UnreadableLine};

use super::expected::{Expected, ExpectedLine};
use super::footing::{Footing, OUTGOING, StatementFooting, UNREADABLE};
use super::words::Words;
use super::writing::Table;
use super::{moments, name_of};

/// Lines between two words on the progress.
const PROGRESS_EVERY: u64 = 100_000;
/// Lines of the queue that the table shows.
const SHOWN: usize = 10;

/// What the first pass decided.
pub struct Decided {
    book: Book,
    lines: Vec<ExpectedLine>,
    problems: Vec<String>,
    facts: u32,
}

/// The first pass: takes every line and decides.
pub fn decide(expected: Expected, files: &[PathBuf]) -> anyhow::Result<Decided> {
    let Expected { mut book, lines, problems } = expected;
    let mut facts = 0;
    for file in files {
        let mut occurrences = Occurrences::new();
        let mut progress = Progress::of(file);
        for line in open(file)?.lines {
            progress.step();
            if let Ok(line) = line {
                let number = book.take(&fact_of(&line, &mut occurrences));
                facts = facts.max(number + 1);
            }
        }
    }
    book.settle();
    Ok(Decided { book, lines, problems, facts })
}

/// The second pass: writes what was decided on each line.
pub fn write(
    decided: &mut Decided,
    files: &[PathBuf],
    out: &Path,
    words: &Words,
) -> anyhow::Result<Footing> {
    const MATCHES: [&str; 7] =
        ["file", "line", "booked_at", "amount", "reference", "state", "rule"];
    const QUEUE: [&str; 9] = [
        "file",
        "line",
        "booked_at",
        "amount",
        "reference",
        "state",
        "rule",
        "reason",
        "suggestions",
    ];
    let mut writing = Writing {
        matches: Table::begin(out.join("matches.csv"), &MATCHES)?,
        queue: Table::begin(out.join("queue.csv"), &QUEUE)?,
        footing: Footing { problems: decided.problems.clone(), ..Footing::default() },
        words,
    };
    let mut next = 0;
    for file in files {
        let opened = open(file)?;
        let mut statement = StatementFooting {
            file: name_of(file),
            format: opened.format.to_owned(),
            ..StatementFooting::default()
        };
        let mut occurrences = Occurrences::new();
        for line in opened.lines {
            statement.lines += 1;
            let line = match line {
                Ok(line) => line,
                Err(unreadable) => {
                    writing.unreadable(&mut statement, &unreadable)?;
                    continue;
                }
            };
            let fact = fact_of(&line, &mut occurrences);
            let number = decided.book.take(&fact);
            ensure!(number < decided.facts, "{} changed while it was read", file.display());
            let came =
                if line.amount.minor > 0 { &mut statement.credits } else { &mut statement.debits };
            came.add(line.amount);
            if number < next {
                statement.repeated.add(line.amount);
                continue;
            }
            next = number + 1;
            writing.decided(decided, &statement.file, &line, &fact, number)?;
        }
        writing.footing.statements.push(statement);
    }
    write_open(decided, &mut writing.footing, out)?;
    writing.matches.end()?;
    writing.queue.end()?;
    Ok(writing.footing)
}

struct Writing<'a> {
    matches: Table,
    queue: Table,
    footing: Footing,
    words: &'a Words,
}

impl Writing<'_> {
    fn decided(
        &mut self,
        decided: &mut Decided,
        file: &str,
        line: &StatementLine,
        fact: &Fact<'_>,
        number: FactNumber,
    ) -> anyhow::Result<()> {
        let verdict = decided.book.verdict(number);
        let named = decided.book.named_by(number);
        if line.amount.minor < 0 && verdict.rule == Rule::NoCode {
            self.footing.states.entry(OUTGOING).or_default().add(line.amount);
            return Ok(());
        }
        self.footing.states.entry(verdict.state.name()).or_default().add(line.amount);
        let references: Vec<&str> =
            named.iter().map(|number| &*decided.lines[*number as usize].reference).collect();
        let cells = [
            file.to_owned(),
            line.line.to_string(),
            moments::written(line.booked_at),
            plain(line.amount),
            references.join(";"),
            verdict.state.name().to_owned(),
            verdict.rule.name().to_owned(),
        ];
        if verdict.state.is_matched() {
            return self.matches.line(&cells);
        }
        let suggestions = if verdict.state == CreditState::Orphan {
            self.suggestions(decided, fact)
        } else {
            String::new()
        };
        let [file, line, booked_at, amount, reference, state, rule] = cells;
        let reason = self.words.rule(verdict.rule.name()).to_owned();
        self.wait([file, line, booked_at, amount, reference, state, rule, reason, suggestions])
    }

    fn suggestions(&self, decided: &mut Decided, fact: &Fact<'_>) -> String {
        let suggestions: Vec<String> = decided
            .book
            .suggest(fact)
            .iter()
            .map(|one| {
                let reference = &decided.lines[one.expectation as usize].reference;
                format!("{reference} ({})", self.words.reason(one.reason.name()))
            })
            .collect();
        suggestions.join("; ")
    }

    fn unreadable(
        &mut self,
        statement: &mut StatementFooting,
        unreadable: &UnreadableLine,
    ) -> anyhow::Result<()> {
        statement.unreadable += 1;
        let none = String::new;
        self.wait([
            statement.file.clone(),
            unreadable.line.to_string(),
            none(),
            none(),
            none(),
            UNREADABLE.to_owned(),
            none(),
            unreadable.reason.to_string(),
            none(),
        ])
    }

    fn wait(&mut self, cells: [String; 9]) -> anyhow::Result<()> {
        self.queue.line(&cells)?;
        if self.footing.first_queued.len() < SHOWN {
            self.footing.first_queued.push(cells);
        }
        Ok(())
    }
}

/// What is still open, and what came towards it.
fn write_open(decided: &Decided, footing: &mut Footing, out: &Path) -> anyhow::Result<()> {
    let header = ["reference", "amount", "currency", "due_from", "due_to", "received"];
    let mut table = Table::begin(out.join("open.csv"), &header)?;
    for (number, line) in (0..decided.book.expectations()).zip(&decided.lines) {
        let amount = decided.book.terms(number).amount;
        let paid = decided.book.paid(number);
        footing.expected.add(amount);
        if paid.paid {
            footing.paid.add(amount);
            continue;
        }
        footing.open.add(amount);
        table.line(&[
            &*line.reference,
            &plain(amount),
            amount.currency.code(),
            &line.due_from,
            &line.due_to,
            &plain(paid.received),
        ])?;
    }
    table.end()
}

fn fact_of<'a>(line: &'a StatementLine, occurrences: &mut Occurrences) -> Fact<'a> {
    let moment = Moment { at: line.booked_at, identity: occurrences.identity(line) };
    Fact { moment, amount: line.amount, memo: &line.memo }
}

fn plain(amount: Money) -> String {
    amount.to_decimal_string()
}

fn open(file: &Path) -> anyhow::Result<Opened<'_>> {
    statements::open(file, None).with_context(|| format!("{} cannot be read", file.display()))
}

/// Says on long files how far it is.
struct Progress<'a> {
    file: &'a Path,
    lines: u64,
}

impl<'a> Progress<'a> {
    const fn of(file: &'a Path) -> Self {
        Self { file, lines: 0 }
    }

    fn step(&mut self) {
        self.lines += 1;
        if self.lines.is_multiple_of(PROGRESS_EVERY) {
            eprintln!("{}: {}", self.file.display(), self.lines);
        }
    }
}
