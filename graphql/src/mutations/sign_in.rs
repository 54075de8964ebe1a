//! `signIn`

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use proto::accounts::{SignInRequest, SignedIn};

use crate::access::{Requires, auth};
use crate::caller::Session as CallerSession;
use crate::failure::Failure;
use crate::scope::{Outcome, Scope};
use crate::types::{Session, User, UserError};

/// Attempts from one address, and in which time. Each alias counts. Accounts limits per login.
const ATTEMPTS: u32 = 30;
const PERIOD: Duration = Duration::from_mins(1);

/// Who signs in.
#[derive(Clone, Debug, InputObject)]
pub struct SignInInput {
    /// Telephone number or email.
    login: String,
    /// The password.
    #[graphql(secret)]
    password: String,
}

/// What came of signing in.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// The session.
    session: Option<Session>,
    /// Who signed in.
    user: Option<User>,
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SignIn;

#[Object]
impl SignIn {
    /// Signs in.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<SignInPayload, Error> {
        let scope = Scope::of(ctx);
        Ok(match sign_in(scope, input).await? {
            Ok((session, user)) => {
                SignInPayload { session: Some(session), user: Some(user), user_errors: Vec::new() }
            }
            Err(user_errors) => SignInPayload { session: None, user: None, user_errors },
        })
    }
}

async fn sign_in(scope: &Scope, input: SignInInput) -> Result<Outcome<(Session, User)>, Error> {
    if let Err(errors) = scope.throttle("sign-in", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let SignInInput { login, password } = input;
    let request = SignInRequest { login, password, client_address: scope.address.clone() };
    match scope.outcome(scope.accounts.clone().sign_in(request).await)? {
        Ok(signed_in) => Ok(Ok(opened(scope, signed_in).await?)),
        Err(errors) => Ok(Err(errors)),
    }
}

/// The session that was opened, and whose it is with the shops they act for.
pub async fn opened(scope: &Scope, signed_in: SignedIn) -> Result<(Session, User), Error> {
    let SignedIn { token, expires_at, .. } = signed_in;
    let actor = CallerSession::new(Some(token.clone())).actor(&scope.accounts).await;
    let actor = actor.map_err(|status| scope.failed(&status))?;
    let actor: Arc<_> = actor
        .ok_or_else(|| scope.refuse(Failure::fault("a new session is nobody's", &expires_at)))?;
    Ok((Session::of(token, expires_at), User::of(actor)))
}
