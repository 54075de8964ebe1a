//! A shop's statement as tables: day by day, and line by line.

use kernel::{MoneyError, Timestamp};

use super::{Cell, Table, Takeaway, Words};
use crate::domain::shop_line::ShopLine;
use crate::domain::shop_statement::{ShopStatement, StatementSums};
use crate::domain::vietnam_calendar::{VietnamDay, vietnam_moment};

/// Whose statement it is, and of when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementOf {
    /// Name of the shop.
    pub shop_name: String,
    /// Its tax code, or nothing.
    pub tax_code: String,
    /// The first day.
    pub from: VietnamDay,
    /// The last day.
    pub to: VietnamDay,
    /// When it is made.
    pub made_at: Timestamp,
}

/// The tables of a statement. Lines are the second one, where any are given.
pub fn shop_statement(
    words: &Words,
    of: &StatementOf,
    statement: &ShopStatement,
    lines: &[ShopLine],
) -> Result<Takeaway, MoneyError> {
    let mut head = vec![(words.say("shop"), Cell::text(&of.shop_name))];
    if !of.tax_code.is_empty() {
        head.push((words.say("tax_code"), Cell::text(&of.tax_code)));
    }
    head.extend([
        (words.say("from"), Cell::text(of.from.written())),
        (words.say("to"), Cell::text(of.to.written())),
        (words.say("made_at"), Cell::text(vietnam_moment(of.made_at))),
        (words.say("opening"), Cell::Amount(statement.opening)),
        (words.say("closing"), Cell::Amount(statement.closing)),
    ]);
    let mut total = vec![Cell::text(words.say("total"))];
    // Most shops have nothing of it, and no column for it.
    let direct = !statement.total.direct.is_zero()
        || statement.days.iter().any(|day| !day.sums.direct.is_zero());
    total.extend(amounts(&statement.total, direct));
    total.push(Cell::Amount(statement.closing));
    let days = statement.days.iter().map(|day| {
        let mut row = vec![Cell::text(day.day.written())];
        row.extend(amounts(&day.sums, direct));
        row.push(Cell::Amount(day.owed));
        row
    });
    let mut headings =
        words.all(["day", "sales", "fees", "vat_sum", "pit_sum", "refunds", "paid_out", "owed"]);
    if direct {
        headings.insert(6, words.say("direct_sum"));
    }
    let by_day =
        Table { name: words.say("by_day"), headings, rows: days.collect(), total: Some(total) };
    let mut tables = vec![by_day];
    if !lines.is_empty() {
        tables.push(of_lines(words, statement, lines)?);
    }
    Ok(Takeaway {
        locale: words.locale,
        title: words.say("statement"),
        head,
        tables,
        page_words: words.say("page"),
    })
}

/// In the order of the headings.
fn amounts(sums: &StatementSums, direct: bool) -> Vec<Cell> {
    let mut amounts = vec![sums.sales, sums.fees, sums.vat, sums.pit, sums.refunds];
    amounts.extend(direct.then_some(sums.direct));
    amounts.push(sums.paid_out);
    amounts.into_iter().map(Cell::Amount).collect()
}

fn of_lines(
    words: &Words,
    statement: &ShopStatement,
    lines: &[ShopLine],
) -> Result<Table, MoneyError> {
    let text = |id: Option<String>| Cell::text(id.unwrap_or_default());
    let rows = lines.iter().map(|line| {
        vec![
            Cell::text(vietnam_moment(line.posted_at)),
            Cell::text(words.say(line.kind.name())),
            Cell::Amount(line.amount),
            text(line.order.map(|id| id.to_string())),
            text(line.payment.map(|id| id.to_string())),
            text(line.payout.map(|id| id.to_string())),
        ]
    });
    let total = vec![
        Cell::text(words.say("total")),
        Cell::empty(),
        Cell::Amount(statement.total.change()?),
        Cell::empty(),
        Cell::empty(),
        Cell::empty(),
    ];
    let headings = words.all(["time", "kind", "amount", "order", "payment", "payout"]);
    Ok(Table { name: words.say("lines"), headings, rows: rows.collect(), total: Some(total) })
}
