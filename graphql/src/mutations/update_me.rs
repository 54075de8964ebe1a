//! `updateMe`

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use proto::accounts::UpdateUserRequest;

use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{Locale, User, UserError};

/// What somebody corrects of themselves; what is left out stays.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateMeInput {
    /// Their name.
    name: Option<String>,
    /// Their language.
    locale: Option<Locale>,
    /// Their telephone number; empty where there shall be none.
    phone: Option<String>,
    /// Their email; empty where there shall be none. Another one counts once it is confirmed.
    email: Option<String>,
    /// Their password once more: needed where telephone number or email change.
    #[graphql(secret)]
    password: Option<String>,
}

/// What came of it.
#[derive(SimpleObject)]
pub struct UpdateMePayload {
    /// Who they are now.
    user: Option<User>,
    /// The email that a letter went to, and that counts once the letter's link is used.
    awaited_email: Option<String>,
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct UpdateMe;

#[Object]
impl UpdateMe {
    /// Whoever is signed in corrects what is kept of them. The email until now is told where it, or the telephone
    /// number, changes.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn update_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they correct.")] input: UpdateMeInput,
    ) -> Result<UpdateMePayload, Error> {
        let scope = Scope::of(ctx);
        Ok(match update_me(scope, input).await? {
            Ok((user, awaited_email)) => {
                UpdateMePayload { user: Some(user), awaited_email, user_errors: Vec::new() }
            }
            Err(user_errors) => UpdateMePayload { user: None, awaited_email: None, user_errors },
        })
    }
}

async fn update_me(
    scope: &Scope,
    input: UpdateMeInput,
) -> Result<Outcome<(User, Option<String>)>, Error> {
    let locale = input.locale.map(kernel::Locale::from);
    let request = UpdateUserRequest {
        user_id: scope.actor().await?.user.id.clone(),
        name: input.name,
        phone: input.phone,
        email: input.email,
        locale: locale.map(|locale| locale.tag().to_owned()),
        password: input.password.unwrap_or_default(),
        client_address: scope.address.clone(),
    };
    match scope.outcome(scope.accounts.clone().update_user(request).await)? {
        Ok(updated) => {
            let user = User::of(scope.actor_now().await?);
            Ok(Ok((user, Some(updated.awaited_email).filter(|email| !email.is_empty()))))
        }
        Err(errors) => Ok(Err(errors)),
    }
}
