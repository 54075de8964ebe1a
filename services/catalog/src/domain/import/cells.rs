//! What the cells of shops' other programs mean: prices, pieces, yes and no, descriptions.

use kernel::{Currency, Money, fold};

use super::chonoi::{grouped, read_price};
use super::problems::{ImportProblem, ProblemCode};
use super::shopify::text_of_html;
use super::table::Row;

/// The price in a column; what is wrong with it is noted.
pub fn price(row: &Row<'_>, column: &str, problems: &mut Vec<ImportProblem>) -> Option<Money> {
    let text = row.cell(column);
    let price = read_price(text, Currency::Vnd);
    if price.is_none() {
        let code = if text.is_empty() { ProblemCode::Required } else { ProblemCode::NotAPrice };
        problems.push(ImportProblem::new(row.line, column, code, text));
    }
    price
}

/// How many pieces there are, if it is said.
///
/// What is weighed may be there in fractions, of which nobody can buy the rest: only whole ones count. A
/// program that sells what it does not have goes below zero, where there is nothing to sell.
pub fn pieces(
    line: u32,
    column: &str,
    text: &str,
    problems: &mut Vec<ImportProblem>,
) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    let whole = match text.strip_prefix('-') {
        Some(below) => whole_of(below).map(|_| 0),
        None => whole_of(text),
    };
    if whole.is_none() {
        problems.push(ImportProblem::new(line, column, ProblemCode::NotANumber, text));
    }
    whole
}

fn whole_of(text: &str) -> Option<i64> {
    grouped(text).or_else(|| {
        let (whole, fraction) = text.rsplit_once(['.', ','])?;
        let is_fraction = !fraction.is_empty() && fraction.bytes().all(|c| c.is_ascii_digit());
        is_fraction.then(|| grouped(whole)).flatten()
    })
}

/// Whether a cell says no: `0`, `Không`, `FALSE`.
pub fn is_no(text: &str) -> bool {
    matches!(fold(text).as_str(), "0" | "khong" | "false" | "no")
}

/// The words of a description, which the editors of these programs write as HTML.
pub fn description(text: &str) -> String {
    let is_html = ["</", "<br", "<p", "<img"].iter().any(|tag| text.contains(tag));
    if is_html { text_of_html(text) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_pieces_that_are_there_can_be_sold() {
        for (text, count) in [
            ("12", Some(12)),
            ("1.200", Some(1_200)),
            ("1,200", Some(1_200)),
            ("12.5", Some(12)),
            ("0,75", Some(0)),
            ("1,200.25", Some(1_200)),
            ("12.3450", Some(12)),
            ("-3", Some(0)),
            ("-0.5", Some(0)),
            ("nhiều", None),
            ("1.", None),
            ("-", None),
            ("", None),
        ] {
            let mut problems = Vec::new();
            assert_eq!(pieces(1, "Tồn kho", text, &mut problems), count, "{text}");
            assert_eq!(problems.is_empty(), count.is_some() || text.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_description_is_its_words() {
        assert_eq!(description("<p>Ngon &amp; sạch</p><p>Cái Răng</p>"), "Ngon & sạch\nCái Răng");
        assert_eq!(description("nhỏ <5 kg"), "nhỏ <5 kg");
    }

    #[test]
    fn no_is_said_in_several_ways() {
        assert!(["0", "Không", "FALSE"].into_iter().all(is_no));
        assert!(!["", "1", "Có", "TRUE"].into_iter().any(is_no));
    }
}
