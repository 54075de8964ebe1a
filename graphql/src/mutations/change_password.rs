//! `changePassword`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use proto::accounts::ChangePasswordRequest;

use super::sign_in::opened;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{Session, User, UserError};

/// Attempts from one address, and in which time. Each alias counts. Accounts limits per person.
const ATTEMPTS: u32 = 30;
const PERIOD: Duration = Duration::from_mins(1);

/// The old password and the new one.
#[derive(Clone, Debug, InputObject)]
pub struct ChangePasswordInput {
    /// The password until now.
    #[graphql(secret)]
    old_password: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    new_password: String,
}

/// What came of changing the password.
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// The session that takes the place of all others.
    session: Option<Session>,
    /// Whose password it is.
    user: Option<User>,
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ChangePassword;

#[Object]
impl ChangePassword {
    /// Changes the password of who is signed in. Every session of theirs ends; the answer holds a new one.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload, Error> {
        let scope = Scope::of(ctx);
        Ok(match change_password(scope, input).await? {
            Ok((session, user)) => ChangePasswordPayload {
                session: Some(session),
                user: Some(user),
                user_errors: Vec::new(),
            },
            Err(user_errors) => ChangePasswordPayload { session: None, user: None, user_errors },
        })
    }
}

async fn change_password(
    scope: &Scope,
    input: ChangePasswordInput,
) -> Result<Outcome<(Session, User)>, Error> {
    if let Err(errors) = scope.throttle("change-password", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let ChangePasswordInput { old_password, new_password } = input;
    let request = ChangePasswordRequest {
        user_id: scope.actor().await?.user.id.clone(),
        old_password,
        new_password,
        client_address: scope.address.clone(),
    };
    match scope.outcome(scope.accounts.clone().change_password(request).await)? {
        Ok(signed_in) => Ok(Ok(opened(scope, signed_in).await?)),
        Err(errors) => Ok(Err(errors)),
    }
}
