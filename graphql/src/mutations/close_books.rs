//! `closeBooks`

use async_graphql::{Context, Error, InputObject, Object};
use proto::payments::CloseBooksRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::LedgerClosing;

/// Books to be closed.
#[derive(Clone, Debug, InputObject)]
pub struct CloseBooksInput {
    /// The last day of the period, in Vietnam: `2026-10-31`.
    until: String,
}

payload! {
    /// What came of closing the books.
    CloseBooksPayload {
        /// The closing. It waits for a second person, or is done.
        closing: LedgerClosing
    }
}

#[derive(Default)]
pub struct CloseBooks;

#[Object]
impl CloseBooks {
    /// Asks to close the books up to a day; closes them, if another operator has asked for the same
    /// day. Nothing is posted into a closed period any more.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn close_books(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which day.")] input: CloseBooksInput,
    ) -> Result<CloseBooksPayload, Error> {
        let scope = Scope::of(ctx);
        let asked_by = scope.actor().await?.user.id.clone();
        let request = CloseBooksRequest { until: input.until, asked_by };
        let outcome = scope.outcome(scope.payments.clone().close_books(request).await)?;
        Ok(CloseBooksPayload::of(outcome.map(LedgerClosing)))
    }
}
