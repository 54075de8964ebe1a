//! Somebody confirms that an email address is theirs, with the link of the letter that went there.

use std::time::Duration;

use platform::{ids, secrets};
use uuid::Uuid;

use super::Failure;
use super::sign_up::taken_meanwhile;
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::contact_letter::{ConfirmationRefused, ContactLetter, News};
use crate::domain::user::User;
use crate::service::Context;
use crate::{store, throttle};

/// Uses the link of a letter, once: its address is the person's from now on, the address until now is told, and
/// letters to reset the password that wait there count no more.
pub async fn confirm_email(
    cx: &Context,
    token: &str,
    client_address: &str,
) -> Result<User, Failure> {
    throttle::use_email_link(&cx.limiter, client_address).await?;
    let token_hash = secrets::digest(token);
    let letter = store::contact_letters::by_token(cx.database.reader(), token_hash).await?;
    let letter = letter.ok_or(ConfirmationRefused::Invalid)?;
    let now = cx.clock.now();
    letter.counts(now)?;

    let tx = cx.database.begin().await?;
    // The person first, then what hangs on them: who changes the password goes the same way.
    let before = store::users::lock(&tx, letter.person).await?;
    let before = before.ok_or(Failure::UnknownActor(letter.person))?;
    if !store::contact_letters::use_up(&tx, letter.id, now).await? {
        return Err(ConfirmationRefused::Invalid.into());
    }
    let user = User { email: Some(letter.address), ..before.clone() };
    store::users::update(&tx, &user).await.map_err(taken_meanwhile)?;
    store::password_resets::end_all(&tx, user.id, now).await?;
    if let Some(told) = before.email {
        let of = (user.id, News::EmailChanged);
        let told = ContactLetter::written(Uuid::now_v7(), of, told, now, Duration::ZERO);
        store::contact_letters::insert(&tx, &told).await?;
    }
    let record = AuditRecord {
        actor: Some(user.id),
        action: Action::EmailConfirmed,
        subject_id: user.id.to_string(),
        detail: "{}".to_owned(),
    };
    store::audit::append(&tx, ids::new(), now, record).await?;
    tx.commit().await?;
    Ok(user)
}
