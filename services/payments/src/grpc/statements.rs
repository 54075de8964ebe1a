//! Statements in the words of the contract.

use kernel::{StatementId, UserId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::fault;
use super::refunds::scope_of;
use crate::Payments;
use crate::providers::statements::StatementFormat;
use crate::providers::statements::table::columns::{Column, DateOrder};
use crate::store;
use crate::store::statement::{Problem, Statement, StatementStatus};
use crate::usecases::check_statement::Said;
use crate::usecases::correct_statement_columns::{
    CorrectColumnsError, CorrectStatementColumns, correct_statement_columns,
};
use crate::usecases::import_statement::{
    ImportStatementError, MAX_BYTES, import_said_statement, import_shop_statement, understood,
};
use crate::usecases::retry_bank_statement::{RetryBankStatementError, retry_bank_statement};

/// The longest number of an account that is told (ISO 13616).
const LONGEST_ACCOUNT: usize = 34;

pub async fn import(
    payments: &Payments,
    request: contract::ImportBankStatementRequest,
) -> Result<contract::BankStatement, Status> {
    let said = Said {
        account: Some(request.account_id.clone()).filter(|account| !account.is_empty()),
        format: format_of(request.format()),
    };
    let contract::ImportBankStatementRequest { file_name, file, imported_by, shop_id, .. } =
        request;
    let taken = match scope_of(&shop_id)? {
        None => import_said_statement(payments, &file_name, file, &imported_by, said).await,
        Some(shop) => import_shop_statement(payments, shop, &file_name, file, &imported_by).await,
    };
    let refused = match taken {
        Ok(statement) => return Ok(statement_message(statement)),
        Err(ImportStatementError::Empty | ImportStatementError::Unreadable(_)) => {
            Refused::new(RefusalCode::FileUnreadable).at(&["file"])
        }
        Err(ImportStatementError::TooLarge) => {
            Refused::new(RefusalCode::FileTooLarge).fact("maximum", MAX_BYTES).at(&["file"])
        }
        Err(ImportStatementError::OtherFormat(format)) => {
            Refused::new(RefusalCode::FileOfOtherFormat).fact("format", format).at(&["format"])
        }
        Err(ImportStatementError::UnknownAccount) => {
            Refused::new(RefusalCode::NotFound).at(&["accountId"])
        }
        Err(ImportStatementError::OtherAccount(account)) => {
            // Of a file that may hold anything: no more than an account is told.
            let account: String = account.chars().take(LONGEST_ACCOUNT).collect();
            Refused::new(RefusalCode::FileOfOtherAccount)
                .fact("account", account)
                .at(&["accountId"])
        }
        Err(ImportStatementError::NoAccount) => {
            Refused::new(RefusalCode::PayeeAccountRequired).at(&["shopId"])
        }
        Err(ImportStatementError::Database(error)) => return Err(database_fault(&error)),
        Err(ImportStatementError::Reading(error)) => return Err(Status::from_error(error.into())),
    };
    Err(refused.into())
}

const fn format_of(format: contract::BankStatementFormat) -> Option<StatementFormat> {
    Some(match format {
        contract::BankStatementFormat::Unspecified => return None,
        contract::BankStatementFormat::Camt053 => StatementFormat::Camt053,
        contract::BankStatementFormat::Camt054 => StatementFormat::Camt054,
        contract::BankStatementFormat::Mt940 => StatementFormat::Mt940,
        contract::BankStatementFormat::Ofx => StatementFormat::Ofx,
        contract::BankStatementFormat::Csv => StatementFormat::Csv,
        contract::BankStatementFormat::Xlsx => StatementFormat::Xlsx,
    })
}

pub async fn get(
    payments: &Payments,
    request: contract::GetBankStatementRequest,
) -> Result<contract::BankStatement, Status> {
    let id = parse_id::<StatementId>(&request.id)?;
    let scope = scope_of(&request.shop_id)?;
    let db = payments.0.database.reader();
    let found = store::statement::by_id(db, id).await.map_err(fault)?;
    let found = found.filter(|statement| {
        scope.is_none_or(|scope| {
            statement.of_shop.as_ref().is_some_and(|(shop, _)| *shop == scope.shop())
        })
    });
    let statement = found.ok_or_else(|| Status::not_found("no such statement"))?;
    let problems = store::statement::problems(db, id).await.map_err(fault)?;
    let mut message = statement_message(statement);
    message.problems = problems.into_iter().map(problem_message).collect();
    Ok(message)
}

pub async fn correct_columns(
    payments: &Payments,
    request: contract::CorrectStatementColumnsRequest,
) -> Result<contract::BankStatement, Status> {
    let date_order = match request.date_order() {
        contract::DateOrder::MonthFirst => DateOrder::MonthFirst,
        contract::DateOrder::DayFirst | contract::DateOrder::Unspecified => DateOrder::DayFirst,
    };
    let columns = request.columns().map(column_of).collect();
    let said = CorrectStatementColumns {
        statement: parse_id::<StatementId>(&request.statement_id)?,
        columns,
        date_order,
        by: parse_id::<UserId>(&request.corrected_by)?,
    };
    let statement = correct_statement_columns(payments, said).await.map_err(refused)?;
    Ok(statement_message(statement))
}

pub async fn retry(
    payments: &Payments,
    request: &contract::RetryBankStatementRequest,
) -> Result<contract::BankStatement, Status> {
    let id = parse_id::<StatementId>(&request.statement_id)?;
    match retry_bank_statement(payments, id).await {
        Ok(statement) => Ok(statement_message(statement)),
        Err(RetryBankStatementError::Unknown) => Err(Status::not_found("no such statement")),
        Err(RetryBankStatementError::Done) => {
            let refused = Refused::new(RefusalCode::StatusConflict).fact("status", "DONE");
            Err(refused.at(&["statementId"]).into())
        }
        Err(RetryBankStatementError::Database(error)) => Err(database_fault(&error)),
    }
}

fn refused(error: CorrectColumnsError) -> Status {
    let refused = match error {
        CorrectColumnsError::Unknown => return Status::not_found("no such statement"),
        CorrectColumnsError::NotATable => Refused::new(RefusalCode::Invalid).at(&["statementId"]),
        CorrectColumnsError::BeingRead => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "WAITING").at(&["statementId"])
        }
        CorrectColumnsError::Width(width) => Refused::new(RefusalCode::OutOfRange)
            .fact("minimum", width)
            .fact("maximum", width)
            .at(&["columns"]),
        CorrectColumnsError::Twice => Refused::new(RefusalCode::AlreadyTaken).at(&["columns"]),
        CorrectColumnsError::Incomplete => Refused::new(RefusalCode::Required).at(&["columns"]),
        CorrectColumnsError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

const fn column_of(column: contract::StatementColumn) -> Option<Column> {
    Some(match column {
        contract::StatementColumn::Unspecified => return None,
        contract::StatementColumn::ColumnDate => Column::Date,
        contract::StatementColumn::ColumnTime => Column::Time,
        contract::StatementColumn::ColumnReference => Column::Reference,
        contract::StatementColumn::ColumnDebit => Column::Debit,
        contract::StatementColumn::ColumnCredit => Column::Credit,
        contract::StatementColumn::ColumnAmount => Column::Amount,
        contract::StatementColumn::ColumnBalance => Column::Balance,
        contract::StatementColumn::ColumnDetails => Column::Details,
        contract::StatementColumn::ColumnCounterpartyName => Column::CounterpartyName,
        contract::StatementColumn::ColumnCounterpartyAccount => Column::CounterpartyAccount,
        contract::StatementColumn::ColumnCurrency => Column::Currency,
        contract::StatementColumn::ColumnAccount => Column::Account,
    })
}

const fn column_message(column: Option<Column>) -> contract::StatementColumn {
    match column {
        None => contract::StatementColumn::Unspecified,
        Some(Column::Date) => contract::StatementColumn::ColumnDate,
        Some(Column::Time) => contract::StatementColumn::ColumnTime,
        Some(Column::Reference) => contract::StatementColumn::ColumnReference,
        Some(Column::Debit) => contract::StatementColumn::ColumnDebit,
        Some(Column::Credit) => contract::StatementColumn::ColumnCredit,
        Some(Column::Amount) => contract::StatementColumn::ColumnAmount,
        Some(Column::Balance) => contract::StatementColumn::ColumnBalance,
        Some(Column::Details) => contract::StatementColumn::ColumnDetails,
        Some(Column::CounterpartyName) => contract::StatementColumn::ColumnCounterpartyName,
        Some(Column::CounterpartyAccount) => contract::StatementColumn::ColumnCounterpartyAccount,
        Some(Column::Currency) => contract::StatementColumn::ColumnCurrency,
        Some(Column::Account) => contract::StatementColumn::ColumnAccount,
    }
}

/// A line that could not be read.
pub fn problem_message(problem: Problem) -> contract::StatementProblem {
    let Problem { line, text, reason } = problem;
    contract::StatementProblem { line: line.cast_signed(), text, reason }
}

/// A statement, without its problems.
pub fn statement_message(statement: Statement) -> contract::BankStatement {
    let counts = statement.counts;
    let mapping = statement.mapping.as_deref().and_then(understood);
    let date_order = match mapping.as_ref().map(|mapping| mapping.date_order) {
        None => contract::DateOrder::Unspecified,
        Some(DateOrder::DayFirst) => contract::DateOrder::DayFirst,
        Some(DateOrder::MonthFirst) => contract::DateOrder::MonthFirst,
    };
    let columns = mapping.iter().flat_map(|mapping| {
        mapping.columns.iter().enumerate().map(|(place, column)| contract::UnderstoodColumn {
            header: mapping.header.get(place).cloned().unwrap_or_default(),
            holds: column_message(*column).into(),
        })
    });
    let columns = columns.collect();
    contract::BankStatement {
        id: statement.id.to_string(),
        file_name: statement.file_name,
        format: statement.format,
        status: match statement.status {
            StatementStatus::Waiting => contract::BankStatementStatus::StatementWaiting,
            StatementStatus::Done => contract::BankStatementStatus::StatementDone,
            StatementStatus::Failed => contract::BankStatementStatus::StatementFailed,
        }
        .into(),
        lines: counts.lines_read as i64,
        new_credits: counts.credits_new as i64,
        known_credits: counts.credits_known as i64,
        matched_credits: counts.credits_matched as i64,
        debits: counts.debits as i64,
        unreadable: counts.unreadable as i64,
        created_at: statement.created_at.micros(),
        problems: Vec::new(),
        columns,
        date_order: date_order.into(),
    }
}
