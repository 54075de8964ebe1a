//! Somebody who is signed in types the password once more: whoever has only the session cannot.

use kernel::UserId;

use super::Failure;
use crate::domain::password::Password;
use crate::service::Context;
use crate::{store, throttle};

/// The hash that the password fits.
pub async fn check(
    cx: &Context,
    actor: UserId,
    password: &str,
    client_address: &str,
) -> Result<String, Failure> {
    throttle::password_again(&cx.limiter, actor, client_address).await?;
    let hash = store::users::password_hash(cx.database.reader(), actor).await?;
    let hash = hash.ok_or(Failure::UnknownActor(actor))?;
    if cx.passwords.check(Password::offered(password), Some(hash.clone())).await? {
        Ok(hash)
    } else {
        Err(Failure::WrongPassword { field: "password" })
    }
}
