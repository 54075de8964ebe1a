//! What the columns of a table hold.

use kernel::{Currency, fold};
use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The day of booking, with or without the time.
    Date,
    /// The time of day.
    Time,
    /// The bank's reference or document number.
    Reference,
    /// Money that went, without a sign.
    Debit,
    /// Money that came.
    Credit,
    /// Money with a sign.
    Amount,
    /// What the account held afterwards.
    Balance,
    /// What the payer wrote and the bank added.
    Details,
    /// Name of the other side.
    CounterpartyName,
    /// Account of the other side.
    CounterpartyAccount,
    /// The currency.
    Currency,
    /// The account itself.
    Account,
}

/// In which order a date's numbers stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31/12/2026, as in Vietnam.
    #[default]
    DayFirst,
    /// 12/31/2026.
    MonthFirst,
}

/// How a table is understood. It can be shown, corrected and kept for the next statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// What each column holds; none: nothing that matters.
    pub columns: Vec<Option<Column>>,
    /// In which order dates are written.
    pub date_order: DateOrder,
    /// The account, where the letterhead names it.
    pub account: Option<String>,
    /// The currency of rows that name none.
    pub currency: Currency,
    /// How many rows stand above the first line, the header among them.
    pub rows_above: usize,
    /// The header as it is written, to recognise it when a bank repeats it on each page.
    pub header: Vec<String>,
}

impl Column {
    /// Every meaning.
    pub const ALL: [Self; 12] = [
        Self::Date,
        Self::Time,
        Self::Reference,
        Self::Debit,
        Self::Credit,
        Self::Amount,
        Self::Balance,
        Self::Details,
        Self::CounterpartyName,
        Self::CounterpartyAccount,
        Self::Currency,
        Self::Account,
    ];
}

impl ColumnMapping {
    /// Where a column is.
    pub fn place(&self, wanted: Column) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(wanted))
    }

    /// By what tables of one kind are known again: the account and the header, however it is written.
    /// Without a header there is nothing to know them by.
    pub fn shape(&self) -> Option<String> {
        if self.header.is_empty() {
            return None;
        }
        let header: Vec<String> =
            self.header.iter().map(|cell| fold(cell).trim().to_owned()).collect();
        let account = self.account.as_deref().unwrap_or_default();
        // PostgreSQL keeps no NUL.
        Some(format!("{account}\n{}", header.join("\t")).replace('\0', ""))
    }

    /// The same table with its columns understood as another says, if both are as wide.
    #[must_use]
    pub fn understood_as(mut self, other: &Self) -> Self {
        if self.columns.len() == other.columns.len() {
            self.columns.clone_from(&other.columns);
            self.date_order = other.date_order;
        }
        self
    }

    /// Whether a statement can be read by it: it has dates and amounts.
    pub fn is_complete(&self) -> bool {
        let has = |column| self.place(column).is_some();
        has(Column::Date) && (has(Column::Credit) || has(Column::Debit) || has(Column::Amount))
    }
}

/// What a header's cell says, in Vietnamese with or without diacritics, or English.
pub fn column_of(header: &str) -> Option<Column> {
    let folded = fold(header);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join(" ");
    let glued = words.concat();
    if joined.is_empty() || joined.len() > 80 {
        return None;
    }
    let says = |terms: &[&str]| {
        terms.iter().any(|term| {
            // "chi" alone is money that goes; "chi nhánh" and "chi tiết" are not.
            let padded = format!(" {joined} ");
            let within = term.len() > 3 && padded.contains(&format!(" {term} "));
            within || joined == *term || glued == term.replace(' ', "")
        })
    };
    // "Nợ" is money that goes; "No." is a number.
    if joined == "no" && !header.is_ascii() {
        return Some(Column::Debit);
    }
    // The order matters: "số dư" before "số", "tài khoản đối ứng" before "tài khoản".
    TERMS.iter().find(|(terms, _)| says(terms)).map(|(_, column)| *column)
}

const TERMS: &[(&[&str], Column)] = &[
    (&["so du", "balance", "running balance", "so du cuoi"], Column::Balance),
    (
        &[
            "tai khoan doi ung",
            "tk doi ung",
            "stk doi ung",
            "offset account",
            "offsetaccount",
            "counterparty account",
            "counterparty_account",
            "so tai khoan doi ung",
            "corresponsive account",
            "beneficiary account",
            "tai khoan nguoi gui",
            "so tk nguoi chuyen",
        ],
        Column::CounterpartyAccount,
    ),
    (
        &[
            "ten doi ung",
            "ten tk doi ung",
            "ten tai khoan doi ung",
            "counterparty name",
            "counterparty",
            "don vi thu huong",
            "nguoi chuyen",
            "nguoi gui",
            "remitter",
            "payer",
            "doi tac",
            "offset name",
        ],
        Column::CounterpartyName,
    ),
    (
        &[
            "ghi co",
            "phat sinh co",
            "ps co",
            "tien vao",
            "so tien ghi co",
            "credit",
            "credit amount",
            "creditamount",
            "co credit",
            "thu",
            "co",
            "deposit",
            "money in",
            "amount in",
        ],
        Column::Credit,
    ),
    (
        &[
            "ghi no",
            "phat sinh no",
            "ps no",
            "tien ra",
            "so tien ghi no",
            "debit",
            "debit amount",
            "debitamount",
            "no debit",
            "chi",
            "withdrawal",
            "money out",
            "amount out",
        ],
        Column::Debit,
    ),
    (
        &[
            "noi dung",
            "dien giai",
            "mo ta",
            "chi tiet",
            "details",
            "detail",
            "description",
            "memo",
            "remark",
            "remarks",
            "transaction details",
            "transactiondetails",
            "transactions in detail",
            "content",
            "narrative",
            "noi dung giao dich",
            "payment details",
        ],
        Column::Details,
    ),
    (
        &[
            "so ct",
            "so chung tu",
            "so but toan",
            "ma giao dich",
            "ma gd",
            "so tham chieu",
            "doc no",
            "docno",
            "document number",
            "documentnumber",
            "reference",
            "reference number",
            "referencenumber",
            "ref",
            "transaction id",
            "transaction no",
            "trace",
            "but toan",
            "bank reference",
            "bank_reference",
        ],
        Column::Reference,
    ),
    (&["loai tien", "tien te", "currency", "ccy"], Column::Currency),
    (&["so tien", "amount", "gia tri", "so tien giao dich", "transaction amount"], Column::Amount),
    (
        &[
            "ngay",
            "ngay gd",
            "ngay giao dich",
            "ngay hach toan",
            "ngay hieu luc",
            "date",
            "tnx date",
            "tnxdate",
            "transaction date",
            "posting date",
            "booking date",
            "booked at",
            "booked_at",
            "value date",
            "thoi gian",
            "thoi gian giao dich",
        ],
        Column::Date,
    ),
    (&["gio", "time", "gio gd"], Column::Time),
    (
        &["so tai khoan", "tai khoan", "account", "account number", "account no", "stk"],
        Column::Account,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_vietnamese_banks_are_understood() {
        for (header, column) in [
            ("Ngày giao dịch", Column::Date),
            ("Ngày\nTNX Date", Column::Date),
            ("TNXDate", Column::Date),
            ("Số CT/ Doc No", Column::Reference),
            ("Số tiền ghi nợ/ Debit", Column::Debit),
            ("Số tiền ghi có/ Credit", Column::Credit),
            ("Phát sinh có", Column::Credit),
            ("PS Nợ", Column::Debit),
            ("CreditAmount", Column::Credit),
            ("Số dư/ Balance", Column::Balance),
            ("Nội dung chi tiết/ Transactions in detail", Column::Details),
            ("TransactionDetails", Column::Details),
            ("Diễn giải", Column::Details),
            ("OffsetAccount", Column::CounterpartyAccount),
            ("Tài khoản đối ứng", Column::CounterpartyAccount),
            ("Số tài khoản", Column::Account),
            ("Số tiền", Column::Amount),
            ("booked_at", Column::Date),
            ("memo", Column::Details),
            ("Time", Column::Time),
            ("Nợ", Column::Debit),
            ("Có", Column::Credit),
            ("Loại tiền", Column::Currency),
        ] {
            assert_eq!(column_of(header), Some(column), "{header}");
        }
        for header in ["", "STT", "No.", "PageId", "Chi nhánh giao dịch"] {
            assert_eq!(column_of(header), None, "{header}");
        }
    }
}
