//! `deleteMyAccount`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object};
use proto::accounts::DeleteUserRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::personal_data;
use crate::scope::{Outcome, Scope};
use crate::types::UserError;

/// Attempts from one address, and in which time: each looks at all that somebody bought.
const ATTEMPTS: u32 = 10;
const PERIOD: Duration = Duration::from_mins(10);

/// Who wants to delete their account.
#[derive(Clone, Debug, InputObject)]
pub struct DeleteMyAccountInput {
    /// Their password, once more.
    #[graphql(secret)]
    password: String,
}

payload! {
    /// What came of deleting an account.
    DeleteMyAccountPayload {
        /// Whether it is deleted.
        deleted: bool
    }
}

#[derive(Default)]
pub struct DeleteMyAccount;

#[Object]
impl DeleteMyAccount {
    /// Deletes the account of whoever is signed in, for good: every session ends, and nothing is left that tells who
    /// they were. Refused while a shop of theirs is not closed, or something that they bought or money is on its way.
    /// Books and numbers stay.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn delete_my_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to.")] input: DeleteMyAccountInput,
    ) -> Result<DeleteMyAccountPayload, Error> {
        let scope = Scope::of(ctx);
        Ok(DeleteMyAccountPayload::of(delete(scope, input).await?))
    }
}

async fn delete(scope: &Scope, input: DeleteMyAccountInput) -> Result<Outcome<bool>, Error> {
    if let Err(errors) = scope.throttle("delete-my-account", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let actor = scope.actor().await?;
    if let Some(code) = personal_data::open::reason(scope, &actor).await? {
        return Ok(Err(vec![UserError::plain(code, &[], scope.locale)]));
    }
    let request = DeleteUserRequest {
        user_id: actor.user.id.clone(),
        password: input.password,
        client_address: scope.address.clone(),
    };
    let outcome = scope.outcome(scope.accounts.clone().delete_user(request).await)?;
    Ok(outcome.map(|_| true))
}
