//! `terms`

use async_graphql::{Context, Error, Object};
use proto::common::Empty;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Terms;

#[derive(Default)]
pub struct TermsQuery;

#[Object]
impl TermsQuery {
    /// What whoever signs up agrees to, as it is now, in the caller's language.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn terms(&self, ctx: &Context<'_>) -> Result<Terms, Error> {
        let scope = Scope::of(ctx);
        let terms = scope.answer(scope.accounts.clone().get_terms(Empty {}).await)?;
        Ok(Terms::of(terms, scope.locale))
    }
}
