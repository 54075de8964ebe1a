//! A line of a CSV file that people open in a spreadsheet.
//!
//! Written as RFC 4180 says. Text that a spreadsheet would take for a formula gets an apostrophe in
//! front (OWASP, "CSV Injection"): a shop's name must not run on an operator's machine.

use kernel::Money;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words that somebody wrote.
    Text(String),
    /// An amount in major units, without its currency; a minus stays a minus.
    Amount(Money),
    /// A number of things.
    Count(u64),
}

impl Cell {
    /// A cell of words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    fn written(&self) -> String {
        match self {
            Self::Text(words) => quoted(&without_formula(words)),
            Self::Amount(amount) => amount.to_decimal_string(),
            Self::Count(count) => count.to_string(),
        }
    }
}

/// A line with its end.
pub fn csv_line(cells: &[Cell]) -> String {
    let cells: Vec<String> = cells.iter().map(Cell::written).collect();
    cells.join(",") + "\r\n"
}

/// Words that no spreadsheet takes for a formula: an apostrophe stands before those that it would.
pub fn without_formula(words: &str) -> String {
    // Spreadsheets skip white space before they look for a formula; full-width signs count too.
    let formula = words.starts_with(['\t', '\r', '\n'])
        || words.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { format!("'{words}") } else { words.to_owned() }
}

fn quoted(words: &str) -> String {
    let plain = !words.contains([',', '"', '\r', '\n', ';', '\t']);
    if plain { words.to_owned() } else { format!("\"{}\"", words.replace('"', "\"\"")) }
}

#[cfg(test)]
pub mod tests {
    use kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    /// The cells of each line, read as RFC 4180 says.
    pub fn read(text: &str) -> Vec<Vec<String>> {
        let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
        let (mut within, mut letters) = (false, text.chars().peekable());
        while let Some(letter) = letters.next() {
            match letter {
                '"' if within && letters.peek() == Some(&'"') => cell.extend(letters.next()),
                '"' => within = !within,
                ',' if !within => line.push(std::mem::take(&mut cell)),
                '\r' if !within => {
                    assert_eq!(letters.next(), Some('\n'));
                    line.push(std::mem::take(&mut cell));
                    lines.push(std::mem::take(&mut line));
                }
                other => cell.push(other),
            }
        }
        assert!(cell.is_empty() && line.is_empty(), "the last line has an end");
        lines
    }

    #[test]
    fn text_that_would_be_a_formula_is_made_harmless_and_amounts_stay_numbers() {
        for (words, written) in [
            ("=1+1", "'=1+1"),
            ("+84 901", "'+84 901"),
            ("-cmd", "'-cmd"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("Bánh Pía", "Bánh Pía"),
            ("a-b", "a-b"),
            ("Lê \"Hai\", Cái Răng", "\"Lê \"\"Hai\"\", Cái Răng\""),
        ] {
            assert_eq!(csv_line(&[Cell::text(words)]), format!("{written}\r\n"));
        }
        let amounts = [Cell::Amount(Money::vnd(-500)), Cell::Amount(Money::new(-5, Currency::Usd))];
        assert_eq!(csv_line(&amounts), "-500,-0.05\r\n");
    }

    proptest! {
        #[test]
        fn any_words_come_back_as_they_were_and_no_cell_begins_a_formula(words in proptest::collection::vec("[=+@\\-\t\r\n\",; a-zĐ]{0,8}", 1..5)) {
            let cells: Vec<Cell> = words.iter().map(Cell::text).collect();
            let lines = read(&csv_line(&cells));
            prop_assert_eq!(lines.len(), 1);
            let read = lines.first().unwrap();
            prop_assert_eq!(read.len(), words.len());
            for (cell, words) in read.iter().zip(&words) {
                prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), words);
                prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']));
            }
        }
    }
}
