//! camt.053 and camt.054 (ISO 20022), any version: elements are known by their names, whatever the
//! namespace. One line for each transaction of an entry where their amounts sum to the entry's, else
//! one line for the entry.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Currency, Money, Timestamp};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::lines::{Counting, decimal, midnight, signed, unreadable};
use crate::domain::statement::{StatementLine, UnreadableLine, UnreadableReason};

/// The deepest nesting: ISO's own messages stay below twenty.
const DEEPEST: usize = 64;
/// The most transactions of one entry.
const MAX_TRANSACTIONS: usize = 100_000;
/// The most bytes of one text.
const MAX_TEXT: usize = 4_096;

type Item = Result<StatementLine, UnreadableLine>;

/// Reads a file of statements or notifications.
pub fn read<'a>(input: impl BufRead + 'a) -> impl Iterator<Item = Item> + 'a {
    let (input, lines) = Counting::of(input);
    let mut reader = Reader::from_reader(input);
    // Banks' files are told about where they are wrong; a name that does not match is no reason to stop.
    reader.config_mut().check_end_names = false;
    Camt {
        reader,
        lines,
        buffer: Vec::new(),
        path: Vec::new(),
        text: String::new(),
        currency_of_amount: None,
        account: String::new(),
        entry: None,
        ready: VecDeque::new(),
        ended: false,
    }
}

/// Money with its direction, as far as it is told.
#[derive(Clone, Debug, Default)]
struct Told {
    amount: String,
    currency: String,
    direction: String,
}

/// An entry or one of its transactions.
#[derive(Clone, Debug, Default)]
struct Details {
    told: Told,
    memo: Vec<String>,
    references: Vec<String>,
    end_to_end: String,
    debtor: (String, String),
    creditor: (String, String),
}

#[derive(Default)]
struct Entry {
    line: u64,
    own: Details,
    booked: String,
    value: String,
    additional: String,
    transactions: Vec<Details>,
}

struct Camt<R> {
    reader: Reader<Counting<R>>,
    lines: Arc<AtomicU64>,
    buffer: Vec<u8>,
    path: Vec<String>,
    text: String,
    currency_of_amount: Option<String>,
    account: String,
    entry: Option<Entry>,
    ready: VecDeque<Item>,
    ended: bool,
}

impl<R: BufRead> Iterator for Camt<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while self.ready.is_empty() && !self.ended {
            self.step();
        }
        self.ready.pop_front()
    }
}

impl<R: BufRead> Camt<R> {
    fn step(&mut self) {
        self.buffer.clear();
        let line = self.lines.load(Ordering::Relaxed);
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Start(start)) => {
                let (name, currency) = (name_of(&start), currency_of(&start));
                self.begin(line, name, currency);
            }
            Ok(Event::End(_)) => self.finish(),
            Ok(Event::Text(text)) => self.text.push_str(&text),
            Ok(Event::CData(text)) => self.text.push_str(&text),
            Ok(Event::GeneralRef(reference)) => {
                let resolved = match &*reference {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => reference.resolve_char_ref().ok().flatten(),
                };
                self.text.extend(resolved);
            }
            Ok(Event::Eof) => self.end(line, None),
            Ok(_) => {}
            Err(error) => self.end(line, Some(error.to_string())),
        }
        if self.text.len() > MAX_TEXT {
            self.text.clear();
        }
    }

    fn begin(&mut self, line: u64, name: String, currency: Option<String>) {
        if self.path.len() >= DEEPEST {
            self.end(line, Some(format!("nested deeper than {DEEPEST}")));
            return;
        }
        self.text.clear();
        match name.as_str() {
            "Stmt" | "Ntfctn" | "Rpt" => self.account.clear(),
            "Ntry" => self.entry = Some(Entry { line, ..Entry::default() }),
            "TxDtls" => {
                if let Some(entry) = &mut self.entry
                    && entry.transactions.len() < MAX_TRANSACTIONS
                {
                    entry.transactions.push(Details::default());
                }
            }
            "Amt" => self.currency_of_amount = currency,
            _ => {}
        }
        self.path.push(name);
    }

    fn finish(&mut self) {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let Some(name) = self.path.pop() else { return };
        if name == "Ntry" {
            if let Some(entry) = self.entry.take() {
                self.ready.extend(entry.lines(&self.account));
            }
            return;
        }
        let within = |wanted: &str| self.path.iter().any(|own| own == wanted);
        match &mut self.entry {
            None if text.is_empty() => {}
            None if within("Acct") && (name == "IBAN" || (name == "Id" && within("Othr"))) => {
                self.account = text;
            }
            None => {}
            Some(entry) => {
                let currency = self.currency_of_amount.clone().unwrap_or_default();
                entry.take(&name, text, &self.path, currency);
            }
        }
    }

    fn end(&mut self, line: u64, error: Option<String>) {
        // An entry that the file's end cuts is told, too.
        let cut = self.entry.take();
        let error =
            error.or_else(|| cut.as_ref().map(|_| "the file ends within an entry".to_owned()));
        if let Some(error) = error {
            let line = cut.map_or(line, |entry| entry.line);
            self.ready.push_back(Err(unreadable(line, "", UnreadableReason::Format(error))));
        }
        self.ended = true;
    }
}

impl Entry {
    fn take(&mut self, name: &str, text: String, path: &[String], currency: String) {
        let parent = path.last().map_or("", String::as_str);
        let grandparent = path.iter().rev().nth(1).map_or("", String::as_str);
        if parent == "Ntry" {
            match name {
                "Amt" => (self.own.told.amount, self.own.told.currency) = (text, currency),
                "CdtDbtInd" => self.own.told.direction = text,
                "AcctSvcrRef" | "NtryRef" => self.own.references.push(text),
                "AddtlNtryInf" => self.additional = text,
                _ => {}
            }
            return;
        }
        if ["Dt", "DtTm"].contains(&name) && grandparent == "Ntry" {
            match parent {
                "BookgDt" => self.booked = text,
                "ValDt" => self.value = text,
                _ => {}
            }
            return;
        }
        let Some(details) =
            self.transactions.last_mut().filter(|_| path.iter().any(|own| own == "TxDtls"))
        else {
            return;
        };
        let side = |wanted: &str| path.iter().any(|own| own == wanted);
        match (name, parent) {
            ("Amt", "TxDtls" | "TxAmt") => {
                (details.told.amount, details.told.currency) = (text, currency)
            }
            ("CdtDbtInd", "TxDtls") => details.told.direction = text,
            ("EndToEndId", "Refs") => details.end_to_end = text,
            ("AcctSvcrRef" | "TxId" | "InstrId" | "MsgId", "Refs") => details.references.push(text),
            ("Ustrd", "RmtInf")
            | ("Ref", "CdtrRefInf")
            | ("AddtlRmtInf", "Strd")
            | ("AddtlTxInf", "TxDtls") => {
                details.memo.push(text);
            }
            ("Nm", _) if side("Dbtr") && !side("UltmtDbtr") => details.debtor.0 = text,
            ("Nm", _) if side("Cdtr") && !side("UltmtCdtr") => details.creditor.0 = text,
            ("IBAN", _) | ("Id", "Othr") if side("DbtrAcct") => details.debtor.1 = text,
            ("IBAN", _) | ("Id", "Othr") if side("CdtrAcct") => details.creditor.1 = text,
            _ => {}
        }
    }

    fn lines(self, account: &str) -> Vec<Item> {
        let text =
            format!("{} {} {}", self.own.told.amount, self.own.told.currency, self.additional);
        let refused = |reason| unreadable(self.line, &text, reason);
        let whole = match self.own.told.money() {
            Ok(whole) => whole,
            Err(reason) => return vec![Err(refused(reason))],
        };
        let moment = [&self.booked, &self.value].into_iter().find_map(|text| moment_of(text));
        let Some(booked_at) = moment else {
            return vec![Err(refused(UnreadableReason::Date(self.booked.clone())))];
        };
        let parts = self.parts(whole);
        let line = |amount: Money, details: &Details| {
            let credit = amount.minor > 0;
            // The other side: who sent what came, who got what went.
            let (name, other) = if credit { &details.debtor } else { &details.creditor };
            let mut memo = details.memo.clone();
            if memo.is_empty() && !self.additional.is_empty() {
                memo.push(self.additional.clone());
            }
            if !["", "NOTPROVIDED"].contains(&details.end_to_end.as_str()) {
                memo.push(details.end_to_end.clone());
            }
            let references = details.references.iter().chain(&self.own.references);
            let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            StatementLine {
                line: self.line,
                account: account.to_owned(),
                booked_at,
                amount,
                memo: memo.join(" "),
                bank_reference: references
                    .into_iter()
                    .find(|one| !one.is_empty())
                    .cloned()
                    .unwrap_or_default(),
                provider_id: None,
                counterparty_name: given(name),
                counterparty_account: given(other),
                balance: None,
            }
        };
        match parts {
            Some(parts) => parts
                .into_iter()
                .zip(&self.transactions)
                .map(|(amount, details)| Ok(line(amount, details)))
                .collect(),
            None => {
                // One transaction explains the entry, whatever amount it tells.
                let only = self.transactions.first().filter(|_| self.transactions.len() == 1);
                vec![Ok(line(whole, only.unwrap_or(&self.gathered())))]
            }
        }
    }

    /// The amounts of the transactions, if they are several and sum to the entry.
    fn parts(&self, whole: Money) -> Option<Vec<Money>> {
        if self.transactions.len() < 2 {
            return None;
        }
        let amount = |details: &Details| {
            let mut told = details.told.clone();
            if told.direction.is_empty() {
                told.direction.clone_from(&self.own.told.direction);
            }
            told.money().ok()
        };
        let parts: Vec<Money> = self.transactions.iter().map(amount).collect::<Option<_>>()?;
        let sum = Money::checked_sum(whole.currency, parts.iter().copied()).ok()?;
        (sum == whole).then_some(parts)
    }

    /// What the transactions tell together, where they cannot be told apart.
    fn gathered(&self) -> Details {
        let mut gathered = Details::default();
        for details in &self.transactions {
            gathered.memo.extend(details.memo.iter().cloned());
            gathered.references.extend(details.references.iter().cloned());
        }
        gathered
    }
}

impl Told {
    fn money(&self) -> Result<Money, UnreadableReason> {
        let currency: Currency =
            self.currency.parse().map_err(|_| UnreadableReason::Currency(self.currency.clone()))?;
        let minor = decimal(&self.amount, '.', currency)
            .filter(|minor| *minor != 0)
            .ok_or_else(|| UnreadableReason::Amount(self.amount.clone()))?;
        // The direction is the booking's own, of a reversal, too: ISO 20022's ReversalIndicator only
        // says that it takes another back.
        match self.direction.as_str() {
            "CRDT" => Ok(signed(minor, true, currency)),
            "DBIT" => Ok(signed(minor, false, currency)),
            _ => Err(UnreadableReason::Direction),
        }
    }
}

fn name_of(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

fn currency_of(start: &BytesStart<'_>) -> Option<String> {
    let attribute = start.attributes().flatten().find(|own| own.key.as_ref() == "Ccy")?;
    Some(attribute.value.as_ref().to_owned())
}

/// A day, or a moment with or without its zone.
fn moment_of(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment.into());
    }
    let local = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    if let Some(moment) = text.get(..19).and_then(|text| PrimitiveDateTime::parse(text, local).ok())
    {
        return Some(moment.assume_offset(offset!(+7)).into());
    }
    let day = format_description!("[year]-[month]-[day]");
    Some(midnight(Date::parse(text.get(..10)?, day).ok()?))
}

#[cfg(test)]
#[path = "camt_tests.rs"]
mod tests;
