//! `requestPasswordReset`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use proto::accounts::RequestPasswordResetRequest;

use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::UserError;

/// Letters asked for from one address, and in which time. Each alias counts. Accounts limits per person.
const ATTEMPTS: u32 = 10;
const PERIOD: Duration = Duration::from_mins(1);

/// Who forgot their password.
#[derive(Clone, Debug, InputObject)]
pub struct RequestPasswordResetInput {
    /// Telephone number or email.
    login: String,
}

/// What came of asking for a letter: the same, whoever asked.
#[derive(SimpleObject)]
pub struct RequestPasswordResetPayload {
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct RequestPasswordReset;

#[Object]
impl RequestPasswordReset {
    /// Asks for a letter whose link sets the password anew. Whether anybody gets one is not told.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who forgot their password.")] input: RequestPasswordResetInput,
    ) -> Result<RequestPasswordResetPayload, Error> {
        let scope = Scope::of(ctx);
        let outcome = request_password_reset(scope, input).await?;
        Ok(RequestPasswordResetPayload { user_errors: outcome.err().unwrap_or_default() })
    }
}

async fn request_password_reset(
    scope: &Scope,
    input: RequestPasswordResetInput,
) -> Result<Outcome<()>, Error> {
    if let Err(errors) = scope.throttle("request-password-reset", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let client_address = scope.address.clone();
    let request = RequestPasswordResetRequest { login: input.login, client_address };
    let outcome = scope.outcome(scope.accounts.clone().request_password_reset(request).await)?;
    Ok(outcome.map(|_| ()))
}
