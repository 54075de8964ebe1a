//! `signOut`

use async_graphql::{Context, Error, Object, SimpleObject};
use proto::accounts::SignOutRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::UserError;

/// What came of signing out.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SignOut;

#[Object]
impl SignOut {
    /// Ends the session whose token was sent.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload, Error> {
        let scope = Scope::of(ctx);
        let token = scope.session.token().unwrap_or_default().to_owned();
        let outcome =
            scope.outcome(scope.accounts.clone().sign_out(SignOutRequest { token }).await)?;
        Ok(SignOutPayload { user_errors: outcome.err().unwrap_or_default() })
    }
}
