//! Amounts as banks and people write them. Whole numbers only; no float comes near.

use kernel::{Currency, Money};

use crate::providers::believable;

/// Reads an amount: `1.250.000`, `1,250,000.00`, `+1.250.000 VND`, `(500.000)`, `-500000`, `500.000đ`.
///
/// A mark with three digits behind it stands between thousands, unless the currency has three
/// decimals or another mark follows; any other last mark begins the decimals, of which a currency
/// without any has only zeros.
pub fn read(cell: &str, currency: Currency) -> Option<Money> {
    let mut negative = false;
    let mut digits = String::with_capacity(cell.len());
    let mut marks: Vec<(usize, char)> = Vec::new();
    for c in cell.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '.' | ',' | '\'' => marks.push((digits.len(), c)),
            '-' | '−' | '(' => negative = true,
            c if c == '+' || c == ')' || c.is_whitespace() || is_of_currency(c) => {}
            _ => return None,
        }
    }
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let exponent = currency.exponent() as usize;
    let decimals = decimals(&digits, &marks, exponent)?;
    let minor: i64 = match decimals {
        count if count <= exponent => {
            let padded: String =
                digits.chars().chain(std::iter::repeat_n('0', exponent - count)).collect();
            padded.parse().ok()?
        }
        // Zeros behind the mark say nothing.
        count => {
            let (whole, rest) = digits.split_at(digits.len() - (count - exponent));
            if rest.bytes().any(|digit| digit != b'0') {
                return None;
            }
            whole.parse().ok()?
        }
    };
    let minor = believable(minor)?;
    Some(Money::new(if negative { -minor } else { minor }, currency))
}

/// How many of the digits are decimals; none if the marks make no number.
fn decimals(digits: &str, marks: &[(usize, char)], exponent: usize) -> Option<usize> {
    let Some((last, sign)) = marks.last() else { return Some(0) };
    let behind = digits.len() - last;
    let others: Vec<&(usize, char)> = marks[..marks.len() - 1].iter().collect();
    let alone = others.is_empty();
    let same = others.iter().all(|(_, other)| other == sign);
    // Groups of three from the front to the last mark.
    let mut before = *last;
    for (place, _) in others.iter().rev() {
        if before - place != 3 {
            return None;
        }
        before = *place;
    }
    if behind == 3 && same && (!alone || exponent != 3) {
        return (before <= 3 || alone).then_some(0).filter(|_| before <= 3);
    }
    // A decimal mark is another than those between thousands.
    if !alone && same {
        return None;
    }
    (alone || before <= 3).then_some(behind)
}

fn is_of_currency(c: char) -> bool {
    matches!(
        c,
        'V' | 'N'
            | 'D'
            | 'v'
            | 'n'
            | 'd'
            | 'đ'
            | 'Đ'
            | '₫'
            | 'U'
            | 'S'
            | '$'
            | '€'
            | 'E'
            | 'R'
            | '\u{a0}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (cell, minor) in [
            ("1250000", Some(1_250_000)),
            ("1.250.000", Some(1_250_000)),
            ("10.000.000.000.000", Some(10_000_000_000_000)),
            ("10.000.000.000.001", None),
            ("1,250,000", Some(1_250_000)),
            ("1,250,000.00", Some(1_250_000)),
            ("1.250.000,00", Some(1_250_000)),
            ("+1.250.000 VND", Some(1_250_000)),
            ("500.000đ", Some(500_000)),
            ("(500.000)", Some(-500_000)),
            ("-500000", Some(-500_000)),
            ("50000.0", Some(50_000)),
            ("0", Some(0)),
            ("1,5", None),
            ("1.25.000", None),
            ("1234.567.890", None),
            ("abc", None),
            ("", None),
            ("12/09/2024", None),
        ] {
            assert_eq!(read(cell, Currency::Vnd).map(|money| money.minor), minor, "{cell}");
        }
        for (cell, minor) in [
            ("12.5", Some(1_250)),
            ("1,234.50", Some(123_450)),
            ("1.234,5", Some(123_450)),
            ("1.234", Some(123_400)),
            ("-0.01", Some(-1)),
            ("1.005,001", None),
        ] {
            assert_eq!(read(cell, Currency::Usd).map(|money| money.minor), minor, "{cell}");
        }
    }
}
