//! `signUp`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use proto::accounts::SignUpRequest;

use super::sign_in::opened;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{Locale, Session, User, UserError};

/// New accounts from one address, and in which time. Many people share one behind a mobile network.
const ATTEMPTS: u32 = 60;
const PERIOD: Duration = Duration::from_mins(10);

/// Who signs up. A telephone number or an email is needed.
#[derive(Clone, Debug, InputObject)]
pub struct SignUpInput {
    /// Their name.
    name: String,
    /// Their telephone number.
    phone: Option<String>,
    /// Their email.
    email: Option<String>,
    /// 8 to 128 characters.
    #[graphql(secret)]
    password: String,
    /// Their language; the request's when left out.
    locale: Option<Locale>,
    /// The version of the terms that they read and agree to: that of `terms`. Left out, they agree later
    /// (`acceptTerms`).
    accepted_terms: Option<String>,
}

/// What came of signing up.
#[derive(SimpleObject)]
pub struct SignUpPayload {
    /// The session.
    session: Option<Session>,
    /// Who signed up.
    user: Option<User>,
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SignUp;

#[Object]
impl SignUp {
    /// Makes an account and signs in.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs up.")] input: SignUpInput,
    ) -> Result<SignUpPayload, Error> {
        let scope = Scope::of(ctx);
        Ok(match sign_up(scope, input).await? {
            Ok((session, user)) => {
                SignUpPayload { session: Some(session), user: Some(user), user_errors: Vec::new() }
            }
            Err(user_errors) => SignUpPayload { session: None, user: None, user_errors },
        })
    }
}

async fn sign_up(scope: &Scope, input: SignUpInput) -> Result<Outcome<(Session, User)>, Error> {
    if let Err(errors) = scope.throttle("sign-up", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let locale = input.locale.map_or(scope.locale, Into::into);
    let request = SignUpRequest {
        name: input.name,
        phone: input.phone.unwrap_or_default(),
        email: input.email.unwrap_or_default(),
        password: input.password,
        locale: locale.tag().to_owned(),
        client_address: scope.address.clone(),
        accepted_terms: input.accepted_terms,
    };
    match scope.outcome(scope.accounts.clone().sign_up(request).await)? {
        Ok(signed_in) => Ok(Ok(opened(scope, signed_in).await?)),
        Err(errors) => Ok(Err(errors)),
    }
}
