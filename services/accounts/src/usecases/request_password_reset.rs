//! Somebody forgot their password and asks for a letter.

use uuid::Uuid;

use super::Failure;
use crate::domain::login::Login;
use crate::service::Context;
use crate::{store, throttle};

/// Notes that a letter is asked for. It does the same whoever asks and whether or not anybody has the login, so
/// that neither the answer nor its time tells; whose it is, who sends the letter finds out
/// (`send_reset_letters.rs`).
pub async fn request_password_reset(
    cx: &Context,
    login: &str,
    client_address: &str,
) -> Result<(), Failure> {
    throttle::request_password_reset(&cx.limiter, client_address).await?;
    // What is no login at all is nobody's, as everybody can see. Where no letters leave, none is noted.
    let Some(login) = Login::read(login).filter(|_| cx.mailing.is_some()) else { return Ok(()) };
    let tx = cx.database.begin().await?;
    store::password_resets::insert(&tx, Uuid::now_v7(), &login, cx.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
