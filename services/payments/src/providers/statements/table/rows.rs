//! From a row's cells to a line.

use kernel::{Currency, Money, fold};

use super::columns::{Column, ColumnMapping};
use super::{amounts, dates};
use crate::domain::statement::{StatementLine, UnreadableLine, UnreadableReason};

/// The most characters of a row that a report repeats.
const MAX_TEXT: usize = 500;

/// Where everything is in a row.
pub struct Places {
    mapping: ColumnMapping,
    date: Option<usize>,
    time: Option<usize>,
    reference: Option<usize>,
    debit: Option<usize>,
    credit: Option<usize>,
    amount: Option<usize>,
    balance: Option<usize>,
    details: Option<usize>,
    counterparty_name: Option<usize>,
    counterparty_account: Option<usize>,
    currency: Option<usize>,
    account: Option<usize>,
}

impl Places {
    /// The places of a mapping.
    pub fn of(mapping: ColumnMapping) -> Self {
        let place = |column| mapping.place(column);
        Self {
            date: place(Column::Date),
            time: place(Column::Time),
            reference: place(Column::Reference),
            debit: place(Column::Debit),
            credit: place(Column::Credit),
            amount: place(Column::Amount),
            balance: place(Column::Balance),
            details: place(Column::Details),
            counterparty_name: place(Column::CounterpartyName),
            counterparty_account: place(Column::CounterpartyAccount),
            currency: place(Column::Currency),
            account: place(Column::Account),
            mapping,
        }
    }

    /// The line of a row; none for rows that tell of no money: empty ones, sums, page ends, headers
    /// that a bank repeats.
    pub fn line<'a>(
        &self,
        line: u64,
        cell: impl Fn(usize) -> Option<&'a str>,
        cells: usize,
    ) -> Option<Result<StatementLine, UnreadableLine>> {
        let at = |place: Option<usize>| place.and_then(&cell).map_or("", str::trim);
        if (0..cells).all(|place| cell(place).is_none_or(|text| text.trim().is_empty())) {
            return None;
        }
        let unreadable = |reason| {
            let text: Vec<&str> = (0..cells).filter_map(&cell).collect();
            let text: String = text.join(",").chars().take(MAX_TEXT).collect();
            Some(Err(UnreadableLine { line, text, reason }))
        };
        let date_text = at(self.date);
        let Some(booked_at) =
            dates::read(date_text, self.time.map(|place| at(Some(place))), self.mapping.date_order)
        else {
            let first: Vec<&str> = (0..cells).filter_map(&cell).collect();
            return if self.tells_of_no_money(&first) {
                None
            } else {
                unreadable(UnreadableReason::Date(date_text.to_owned()))
            };
        };
        let currency = match at(self.currency) {
            "" => self.mapping.currency,
            code => match code.to_ascii_uppercase().parse::<Currency>() {
                Ok(currency) => currency,
                Err(_) => return unreadable(UnreadableReason::Currency(code.to_owned())),
            },
        };
        let amount = match self.amount_of(&at, currency) {
            Ok(amount) => amount,
            Err(reason) => return unreadable(reason),
        };
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let account = match at(self.account) {
            "" => self.mapping.account.clone().unwrap_or_default(),
            account => account.to_owned(),
        };
        Some(Ok(StatementLine {
            line,
            account,
            booked_at,
            amount,
            memo: at(self.details).to_owned(),
            bank_reference: at(self.reference).to_owned(),
            provider_id: None,
            counterparty_name: given(at(self.counterparty_name)),
            counterparty_account: given(at(self.counterparty_account)),
            balance: amounts::read(at(self.balance), currency),
        }))
    }

    fn amount_of<'a>(
        &self,
        at: &impl Fn(Option<usize>) -> &'a str,
        currency: Currency,
    ) -> Result<Money, UnreadableReason> {
        let read = |text: &str| match text {
            "" | "-" => Ok(None),
            text => amounts::read(text, currency)
                .map(|money| Some(money).filter(|money| money.minor != 0))
                .ok_or_else(|| UnreadableReason::Amount(text.to_owned())),
        };
        if self.credit.is_none() && self.debit.is_none() {
            return read(at(self.amount))?
                .ok_or(UnreadableReason::Amount(at(self.amount).to_owned()));
        }
        // Some banks write what went without a sign, some with one.
        match (read(at(self.debit))?, read(at(self.credit))?) {
            (Some(debit), None) => Ok(Money::new(-debit.minor.abs(), currency)),
            (None, Some(credit)) => Ok(credit),
            (None, None) if self.amount.is_some() => {
                read(at(self.amount))?.ok_or(UnreadableReason::Direction)
            }
            _ => Err(UnreadableReason::Direction),
        }
    }

    fn tells_of_no_money(&self, cells: &[&str]) -> bool {
        let header = &self.mapping.header;
        let repeated = !header.is_empty()
            && cells.len() == header.len()
            && cells.iter().zip(header).all(|(cell, head)| cell.trim() == head.trim());
        let filled: Vec<&str> =
            cells.iter().copied().filter(|cell| !cell.trim().is_empty()).collect();
        let first = filled.first().map(|cell| fold(cell)).unwrap_or_default();
        let no_amount = [self.debit, self.credit, self.amount]
            .into_iter()
            .flatten()
            .filter_map(|place| cells.get(place))
            .all(|cell| cell.trim().is_empty());
        let no_day = self
            .date
            .and_then(|place| cells.get(place))
            .is_none_or(|cell| !cell.bytes().any(|byte| byte.is_ascii_digit()));
        let of_a_footer = FOOTERS.iter().any(|word| first.trim_start().starts_with(word));
        // A row without day and amount tells of no money, whatever it says: signatures, notes.
        repeated || of_a_footer || (no_amount && no_day)
    }
}

/// How rows begin that sum up or end a page.
const FOOTERS: [&str; 14] = [
    "tong",
    "cong",
    "total",
    "sum",
    "so du dau",
    "so du cuoi",
    "opening",
    "closing",
    "trang",
    "page",
    "phat sinh trong ky",
    "so du",
    "ngay in",
    "printed",
];
