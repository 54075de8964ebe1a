//! The ledger's books: the trial balance, statements of accounts, and closing.

use kernel::{Currency, UserId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::fault;
use super::queue::any_fault;
use super::reports::days_of;
use crate::Payments;
use crate::doctor::books_balance;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::store::ledger_closing::Closing;
use crate::usecases::account_statement::account_statement;
use crate::usecases::close_books::{CloseBooksError, close_books};

/// The most closings that are listed.
const MOST_LISTED: u64 = 100;

/// What every account holds, and whether all of it sums to zero.
pub async fn trial_balance(payments: &Payments) -> Result<contract::TrialBalance, Status> {
    let database = &payments.0.database;
    let balances = store::ledger::balances(database.reader()).await.map_err(fault)?;
    let balanced = books_balance(database).await.map_err(fault)?;
    let lines = balances
        .into_iter()
        .map(|balance| contract::TrialBalanceLine {
            account: balance.account,
            currency: balance.debit.currency.code().to_owned(),
            debit: balance.debit.minor,
            credit: balance.credit.minor,
            balance: balance.debit.minor - balance.credit.minor,
        })
        .collect();
    Ok(contract::TrialBalance { lines, balanced })
}

pub async fn statement(
    payments: &Payments,
    request: contract::GetAccountStatementRequest,
) -> Result<contract::AccountStatement, Status> {
    let days = days_of(&request.from, &request.to)?;
    let currency = match request.currency.as_str() {
        "" => Currency::Vnd,
        code => code.parse().map_err(|_| {
            Status::from(Refused::new(RefusalCode::CurrencyNotSupported).at(&["currency"]))
        })?,
    };
    let statement = account_statement(payments, &request.account, currency, days).await;
    let statement = statement.map_err(|error| any_fault(&error))?;
    Ok(contract::AccountStatement {
        opening: Some(statement.opening.into()),
        debits: Some(statement.debits.into()),
        credits: Some(statement.credits.into()),
        closing: Some(statement.closing.into()),
        entries: statement.entries,
        foots: statement.foots(),
    })
}

pub async fn close(
    payments: &Payments,
    request: contract::CloseBooksRequest,
) -> Result<contract::LedgerClosing, Status> {
    let invalid = |_| Status::from(Refused::new(RefusalCode::Invalid).at(&["until"]));
    let last_day = request.until.parse::<VietnamDay>().map_err(invalid)?;
    let by = parse_id::<UserId>(&request.asked_by)?;
    match close_books(payments, last_day, by).await {
        Ok(closing) => Ok(closing_message(closing)),
        Err(CloseBooksError::NotOver(_)) => {
            Err(Refused::new(RefusalCode::OutOfRange).at(&["until"]).into())
        }
        Err(CloseBooksError::ClosedBefore(day)) => {
            Err(Refused::new(RefusalCode::PeriodClosed).fact("until", day).at(&["until"]).into())
        }
        Err(CloseBooksError::Database(error)) => Err(fault(error)),
    }
}

pub async fn closings(payments: &Payments) -> Result<contract::LedgerClosings, Status> {
    let found = store::ledger_closing::newest(payments.0.database.reader(), MOST_LISTED).await;
    let closings = found.map_err(fault)?.into_iter().map(closing_message).collect();
    Ok(contract::LedgerClosings { closings })
}

fn closing_message(closing: Closing) -> contract::LedgerClosing {
    let last = VietnamDay::of_epoch_day(VietnamDay::of(closing.until).epoch_day() - 1);
    contract::LedgerClosing {
        until: last.map(|day| day.to_string()).unwrap_or_default(),
        requested_by: closing.requested_by.to_string(),
        requested_at: closing.requested_at.micros(),
        closed_by: closing.closed.map(|closed| closed.by.to_string()).unwrap_or_default(),
        closed_at: closing.closed.map_or(0, |closed| closed.at.micros()),
        postings: closing.closed.map_or(0, |closed| closed.sequence),
    }
}
