//! `confirmEmail`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object};
use proto::accounts::ConfirmEmailRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// Attempts from one address, and in which time. Each alias counts.
const ATTEMPTS: u32 = 30;
const PERIOD: Duration = Duration::from_mins(1);

/// What confirms an email.
#[derive(Clone, Debug, InputObject)]
pub struct ConfirmEmailInput {
    /// The secret of the letter's link.
    #[graphql(secret)]
    token: String,
}

payload! {
    /// What came of confirming.
    ConfirmEmailPayload {
        /// The email that counts from now on.
        email: String
    }
}

#[derive(Default)]
pub struct ConfirmEmail;

#[Object]
impl ConfirmEmail {
    /// Confirms an email with the link of the letter that went there, once. Whoever has the link may, signed in or not.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn confirm_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What confirms it.")] input: ConfirmEmailInput,
    ) -> Result<ConfirmEmailPayload, Error> {
        let scope = Scope::of(ctx);
        if let Err(errors) = scope.throttle("confirm-email", ATTEMPTS, PERIOD).await {
            return Ok(ConfirmEmailPayload::of(Err(errors)));
        }
        let client_address = scope.address.clone();
        let request = ConfirmEmailRequest { token: input.token, client_address };
        let outcome = scope.outcome(scope.accounts.clone().confirm_email(request).await)?;
        Ok(ConfirmEmailPayload::of(outcome.map(|user| user.email)))
    }
}
