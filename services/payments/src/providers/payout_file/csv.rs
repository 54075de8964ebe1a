//! The payout file as CSV, for banks' own upload pages and for people to look over.
//!
//! A line of names, then a line per transfer. Cells that a spreadsheet would take for a formula are
//! made harmless: an account's holder is whatever somebody typed.

use super::{PayoutFile, carried_by_banks};
use crate::domain::csv_line::{Cell, csv_line};

/// Names of the columns.
const COLUMNS: [&str; 7] =
    ["number", "bank_bin", "account_number", "account_holder", "amount", "currency", "memo"];

/// Writes the file.
pub fn write(file: &PayoutFile) -> String {
    let mut text = csv_line(&COLUMNS.map(Cell::text));
    for (place, transfer) in file.parts.transfers.iter().enumerate() {
        text += &csv_line(&[
            Cell::Count(place as u64 + 1),
            Cell::text(transfer.payee.bank_bin()),
            Cell::text(transfer.payee.number()),
            Cell::text(carried_by_banks(transfer.payee.holder())),
            Cell::Amount(transfer.amount),
            Cell::text(file.currency().code()),
            Cell::text(transfer.remittance_text()),
        ]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::{parts, transfer};
    use super::*;
    use crate::domain::csv_line::tests::read;

    #[test]
    fn a_line_per_transfer_sums_to_the_file_and_no_name_becomes_a_formula() {
        let transfers = vec![
            transfer(1, 1_250_000, "Lê Thị Bưởi", "Tiền hàng, ngày \"20\""),
            transfer(2, 75_000, "=HYPERLINK(\"http://x\")", ""),
            transfer(3, 5, "@Ba", ""),
            transfer(4, 5, "+Bốn", ""),
            transfer(5, 5, "-Năm", ""),
        ];
        let codes: Vec<String> = transfers.iter().map(|one| one.reference.to_string()).collect();
        let file = PayoutFile::new(parts(transfers)).unwrap();
        let lines = read(&write(&file));
        assert_eq!(lines[0], COLUMNS);
        let memo = format!("{} Tien hang, ngay \"20\"", codes[0]);
        let first = ["1", "970436", "0011002233", "Le Thi Buoi", "1250000", "VND", &memo];
        assert_eq!(lines[1], first);
        let holders: Vec<&str> = lines[2..].iter().map(|line| line[3].as_str()).collect();
        assert_eq!(holders, ["'=HYPERLINK(\"http://x\")", "'@Ba", "'+Bon", "'-Nam"]);
        let sum: i64 = lines[1..].iter().map(|line| line[4].parse::<i64>().unwrap()).sum();
        assert_eq!((sum, lines.len() - 1), (file.total().minor, file.count()));
    }
}
