//! `resetPassword`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use proto::accounts::ResetPasswordRequest;

use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::UserError;

/// Attempts from one address, and in which time. Each alias counts.
const ATTEMPTS: u32 = 30;
const PERIOD: Duration = Duration::from_mins(1);

/// The letter's link, and the new password.
#[derive(Clone, Debug, InputObject)]
pub struct ResetPasswordInput {
    /// The secret of the letter's link; it works once, for half an hour.
    #[graphql(secret)]
    token: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    new_password: String,
}

/// What came of setting the password anew.
#[derive(SimpleObject)]
pub struct ResetPasswordPayload {
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ResetPassword;

#[Object]
impl ResetPassword {
    /// Sets a forgotten password anew. Every session ends: sign in with the new one.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter's link, and the new password.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload, Error> {
        let scope = Scope::of(ctx);
        let outcome = reset_password(scope, input).await?;
        Ok(ResetPasswordPayload { user_errors: outcome.err().unwrap_or_default() })
    }
}

async fn reset_password(scope: &Scope, input: ResetPasswordInput) -> Result<Outcome<()>, Error> {
    if let Err(errors) = scope.throttle("reset-password", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let ResetPasswordInput { token, new_password } = input;
    let client_address = scope.address.clone();
    let request = ResetPasswordRequest { token, new_password, client_address };
    let outcome = scope.outcome(scope.accounts.clone().reset_password(request).await)?;
    Ok(outcome.map(|_| ()))
}
