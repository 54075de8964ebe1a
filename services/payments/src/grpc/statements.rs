//! Statements in the words of the contract.

use proto::payments as contract;

use crate::store::statement::{Problem, Statement, StatementStatus};

/// A line that could not be read.
pub fn problem_message(problem: Problem) -> contract::StatementProblem {
    let Problem { line, text, reason } = problem;
    contract::StatementProblem { line: line.cast_signed(), text, reason }
}

/// A statement, without its problems.
pub fn statement_message(statement: Statement) -> contract::BankStatement {
    let counts = statement.counts;
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
    }
}
