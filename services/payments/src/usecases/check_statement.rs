//! Whether a statement is what its bringer says that it is: of this account, in this format. What it says of
//! itself wins over what somebody thinks of it: such a file is refused before anything of it is taken.

use std::io::Cursor;

use super::import_statement::ImportStatementError;
use crate::providers::statements::{self, Opened, StatementFormat};

/// The most lines that are looked at for their account.
const MOST_LOOKED_AT: usize = 10_000;

/// What somebody says of a statement that is brought.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The number of the account that it is of: lines of any other are not read.
    pub account: Option<String>,
    /// Its format: nothing is guessed.
    pub format: Option<StatementFormat>,
}

/// Opens a statement as somebody says it is.
pub fn opened<'a>(body: &'a [u8], said: &Said) -> Result<Opened<'a>, ImportStatementError> {
    let reader = match said.format {
        Some(format) => Some(reader_of(body, format)?),
        None => None,
    };
    if let Some(account) = &said.account {
        check_account(body, reader, account)?;
    }
    read(body, reader)
}

fn read<'a>(
    body: &'a [u8],
    reader: Option<&'static str>,
) -> Result<Opened<'a>, ImportStatementError> {
    let opened = statements::read_as(reader, Cursor::new(body), None);
    opened.map_err(|error| ImportStatementError::Unreadable(error.to_string()))
}

/// The reader of a format, if the file is not plainly of another one: it says that it is, or the reader makes
/// nothing of it.
fn reader_of(body: &[u8], format: StatementFormat) -> Result<&'static str, ImportStatementError> {
    let reader = format.reader();
    match StatementFormat::said_by(body) {
        Some(found) if found == format => Ok(reader),
        Some(found) => Err(ImportStatementError::OtherFormat(found.name())),
        None if format == StatementFormat::Csv => Ok(reader),
        None => {
            let read = statements::read_as(Some(reader), Cursor::new(body), None);
            let makes_sense = read.is_ok_and(|mut opened| opened.lines.any(|line| line.is_ok()));
            let other = || ImportStatementError::OtherFormat(StatementFormat::Csv.name());
            makes_sense.then_some(reader).ok_or_else(other)
        }
    }
}

/// Refuses a statement that names accounts, and none of them is the one. One that names none is of the account
/// that it was brought for.
fn check_account(
    body: &[u8],
    reader: Option<&'static str>,
    account: &str,
) -> Result<(), ImportStatementError> {
    let mut other = None;
    for line in read(body, reader)?.lines.take(MOST_LOOKED_AT).flatten() {
        let mut named = line.account;
        named.retain(|letter| letter.is_ascii_alphanumeric());
        if named == account {
            return Ok(());
        }
        other = other.or(Some(named).filter(|named| !named.is_empty()));
    }
    match other {
        Some(other) => Err(ImportStatementError::OtherAccount(other)),
        None => Ok(()),
    }
}
