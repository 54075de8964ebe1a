//! `retryBankStatement`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::payments::RetryBankStatementRequest;
use tonic::Code;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{BankStatement, UserError};

/// A statement that could not be read.
#[derive(Clone, Debug, InputObject)]
pub struct RetryBankStatementInput {
    /// The statement.
    statement_id: ID,
}

payload! {
    /// What came of trying a statement again.
    RetryBankStatementPayload {
        /// The statement; it is read after the answer.
        statement: BankStatement
    }
}

#[derive(Default)]
pub struct RetryBankStatement;

#[Object]
impl RetryBankStatement {
    /// Has a statement that could not be read tried again, from the line to which it was read. One that is
    /// being read goes on as it is.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn retry_bank_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which statement.")] input: RetryBankStatementInput,
    ) -> Result<RetryBankStatementPayload, Error> {
        let scope = Scope::of(ctx);
        let request = RetryBankStatementRequest { statement_id: input.statement_id.0 };
        let answer = scope.payments.clone().retry_bank_statement(request).await;
        if answer.as_ref().is_err_and(|status| status.code() == Code::NotFound) {
            let refused = UserError::plain(RefusalCode::NotFound, &["statementId"], scope.locale);
            return Ok(RetryBankStatementPayload::of(Err(vec![refused])));
        }
        let outcome = scope.outcome(answer)?;
        Ok(RetryBankStatementPayload::of(outcome.map(BankStatement)))
    }
}
