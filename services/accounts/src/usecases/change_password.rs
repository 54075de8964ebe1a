//! Somebody who is signed in chooses another password.

use kernel::UserId;

use super::signed_in::begin_session;
use super::{Failure, SignedIn, new_password};
use crate::domain::audit::Action;
use crate::domain::password::Password;
use crate::service::Context;
use crate::store::users::Credentials;
use crate::{store, throttle};

/// Replaces the password of a person who knows it. Every session ends, for one of them may be why;
/// whoever did it goes on in a new one.
pub async fn change_password(
    cx: &Context,
    actor: UserId,
    old_password: &str,
    new_password: &str,
    client_address: &str,
) -> Result<SignedIn, Failure> {
    let known = store::users::credentials(cx.database.reader(), actor).await?;
    let Credentials { user, password_hash } = known.ok_or(Failure::UnknownActor(actor))?;
    let chosen = new_password::choose(new_password, &user)?;
    throttle::password_again(&cx.limiter, actor, client_address).await?;
    let offered = Password::offered(old_password);
    if !cx.passwords.check(offered, Some(password_hash.clone())).await? {
        return Err(Failure::WrongPassword { field: "oldPassword" });
    }
    // Hashed outside the transaction: it takes longer than everything else together.
    let new_hash = cx.passwords.hash(chosen).await?;

    let tx = cx.database.begin().await?;
    // Somebody else may have been quicker: then the old password is not the one that was checked.
    if !store::users::replace_password(&tx, actor, &password_hash, new_hash).await? {
        return Err(Failure::WrongPassword { field: "oldPassword" });
    }
    let now = cx.clock.now();
    store::password_resets::end_all(&tx, actor, now).await?;
    store::contact_letters::end_awaited(&tx, actor, now).await?;
    // Whoever else knew the password may have named one, and invited somebody.
    store::shops::take_back_waiting_accounts(&tx, actor, now).await?;
    store::invitations::end_all_of_inviter(&tx, actor, now).await?;
    let ended = store::sessions::revoke_all(&tx, actor, now).await?;
    let signed_in = begin_session(cx, &tx, user).await?;
    new_password::note(&tx, now, &signed_in.user, Action::PasswordChanged, ended).await?;
    tx.commit().await?;
    metrics::counter!("accounts_passwords_replaced", "how" => "changed").increment(1);
    Ok(signed_in)
}
