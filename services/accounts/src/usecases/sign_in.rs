//! Somebody with an account begins a session.

use super::signed_in::begin_session;
use super::{Failure, SignedIn};
use crate::domain::login::Login;
use crate::domain::password::Password;
use crate::service::Context;
use crate::{store, throttle};

/// Begins a session for who knows a login and its password. An unknown login and a wrong password
/// look and take the same.
pub async fn sign_in(
    cx: &Context,
    login: &str,
    password: &str,
    client_address: &str,
) -> Result<SignedIn, Failure> {
    let login_read = Login::read(login);
    let counted = login_read.as_ref().map_or(login.trim(), Login::as_str);
    throttle::sign_in(&cx.limiter, counted, client_address).await?;
    let known = match &login_read {
        Some(login) => store::users::by_login(cx.database.reader(), login).await?,
        None => None,
    };
    let (user, hash) = known.map(|known| (known.user, known.password_hash)).unzip();
    let right = cx.passwords.check(Password::offered(password), hash.clone()).await?;
    let Some((user, hash)) = user.zip(hash).filter(|_| right) else {
        return Err(refused());
    };

    let tx = cx.database.begin().await?;
    // Whoever changed it meanwhile ended all sessions: none may begin with the old one after that.
    if !store::users::keeps_password(&tx, user.id, &hash).await? {
        return Err(refused());
    }
    let signed_in = begin_session(cx, &tx, user).await?;
    tx.commit().await?;
    metrics::counter!("accounts_sign_ins", "outcome" => "done").increment(1);
    Ok(signed_in)
}

fn refused() -> Failure {
    metrics::counter!("accounts_sign_ins", "outcome" => "refused").increment(1);
    Failure::WrongCredentials
}
