//! `correctStatementColumns`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::payments::CorrectStatementColumnsRequest;
use tonic::Code;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{BankStatement, DateOrder, StatementColumn, UserError};

/// What the columns of a statement hold.
#[derive(Clone, Debug, InputObject)]
pub struct CorrectStatementColumnsInput {
    /// The statement.
    statement_id: ID,
    /// What each of its columns holds; null: nothing that matters.
    columns: Vec<Option<StatementColumn>>,
    /// In which order dates are written.
    #[graphql(default_with = "DateOrder::DayFirst")]
    date_order: DateOrder,
}

payload! {
    /// What came of saying what the columns of a statement hold.
    CorrectStatementColumnsPayload {
        /// The statement; read again if nothing of it had been taken.
        statement: BankStatement
    }
}

#[derive(Default)]
pub struct CorrectStatementColumns;

#[Object]
impl CorrectStatementColumns {
    /// Says what the columns of a statement hold: for this one, if nothing of it was taken, and for the
    /// next ones with the same header and account.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn correct_statement_columns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which statement, and what its columns hold.")]
        input: CorrectStatementColumnsInput,
    ) -> Result<CorrectStatementColumnsPayload, Error> {
        let scope = Scope::of(ctx);
        let holds = |column: Option<StatementColumn>| column.map_or(0, StatementColumn::number);
        let request = CorrectStatementColumnsRequest {
            statement_id: input.statement_id.0,
            columns: input.columns.into_iter().map(holds).collect(),
            date_order: input.date_order.number(),
            corrected_by: scope.actor().await?.user.id.clone(),
        };
        let answer = scope.payments.clone().correct_statement_columns(request).await;
        if answer.as_ref().is_err_and(|status| status.code() == Code::NotFound) {
            let refused = UserError::plain(RefusalCode::NotFound, &["statementId"], scope.locale);
            return Ok(CorrectStatementColumnsPayload::of(Err(vec![refused])));
        }
        let outcome = scope.outcome(answer)?;
        Ok(CorrectStatementColumnsPayload::of(outcome.map(BankStatement)))
    }
}
