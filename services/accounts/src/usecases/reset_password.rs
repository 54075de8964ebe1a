//! Somebody sets a forgotten password anew, with the link of a letter.

use platform::secrets;

use super::{Failure, new_password};
use crate::domain::audit::Action;
use crate::service::Context;
use crate::store::users::Credentials;
use crate::{store, throttle};

/// Uses the token of a letter, once. Every session of the person ends, and every other letter of theirs counts
/// no more; they sign in with the new password. A password that may not be chosen leaves the token as it is.
pub async fn reset_password(
    cx: &Context,
    token: &str,
    new_password: &str,
    client_address: &str,
) -> Result<(), Failure> {
    throttle::reset_password(&cx.limiter, client_address).await?;
    let (reader, token_hash) = (cx.database.reader(), secrets::digest(token));
    let person = store::password_resets::person_of(reader, token_hash, cx.clock.now()).await?;
    let person = person.ok_or(Failure::ResetLinkInvalid)?;
    let known = store::users::credentials(reader, person).await?;
    let Credentials { user, .. } = known.ok_or(Failure::UnknownActor(person))?;
    let chosen = new_password::choose(new_password, &user)?;
    // Hashed outside the transaction: it takes longer than everything else together.
    let new_hash = cx.passwords.hash(chosen).await?;

    let tx = cx.database.begin().await?;
    // The person first, then what hangs on them: who changes the password goes the same way.
    store::users::set_password(&tx, person, new_hash).await?;
    let now = cx.clock.now();
    if !store::password_resets::use_up(&tx, token_hash, now).await? {
        return Err(Failure::ResetLinkInvalid);
    }
    store::password_resets::end_all(&tx, person, now).await?;
    store::contact_letters::end_awaited(&tx, person, now).await?;
    // Whoever else knew the password may have named one, and invited somebody.
    store::shops::take_back_waiting_accounts(&tx, person, now).await?;
    store::invitations::end_all_of_inviter(&tx, person, now).await?;
    let ended = store::sessions::revoke_all(&tx, person, now).await?;
    new_password::note(&tx, now, &user, Action::PasswordReset, ended).await?;
    tx.commit().await?;
    metrics::counter!("accounts_passwords_replaced", "how" => "reset").increment(1);
    Ok(())
}
