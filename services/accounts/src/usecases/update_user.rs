//! People correct what is kept of them. How they are reached, and sign in, changes only with their password; another
//! email address only once its reader confirms it, and the address until now is told.

use std::time::Duration;

use kernel::{Timestamp, UserId};
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;
use serde_json::json;
use uuid::Uuid;

use super::sign_up::{refuse_taken, taken_meanwhile};
use super::{Failure, password_again};
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::contact_letter::{ContactLetter, News};
use crate::domain::email::Email;
use crate::domain::input::{InputRefused, Problem};
use crate::domain::person_change::{Changed, PersonChange, PersonForm};
use crate::domain::user::User;
use crate::service::Context;
use crate::{store, throttle};

/// What somebody wants to be different of themselves.
pub struct UpdateUser {
    /// Who.
    pub actor: UserId,
    /// What they typed.
    pub form: PersonForm,
    /// Their password once more; asked for where it changes how they are reached.
    pub password: String,
    /// Where it was typed, for throttling.
    pub client_address: String,
}

/// What came of it.
pub struct Updated {
    /// The person as they are now.
    pub user: User,
    /// The email address that counts once it is confirmed.
    pub awaited_email: Option<Email>,
}

/// Corrects a person. What is typed as it is already changes nothing. Sessions go on: who had only one of them
/// could not do it. Operators, and whoever owns a shop, may have another email address, never none.
pub async fn update_user(cx: &Context, asked: UpdateUser) -> Result<Updated, Failure> {
    let UpdateUser { actor, form, password, client_address } = asked;
    let change = PersonChange::read(&form).map_err(Failure::Input)?;
    let reader = cx.database.reader();
    let known = store::users::by_ids(reader, &[actor]).await?.pop();
    let known = known.ok_or(Failure::UnknownActor(actor))?;
    let planned = change.of(&known).map_err(Failure::Input)?;
    let mut hash = None;
    if planned.asks_for_password() {
        if password.is_empty() {
            return Err(password_required());
        }
        hash = Some(password_again::check(cx, actor, &password, &client_address).await?);
    }
    if let Some(email) = &planned.awaited_email {
        if cx.mailing.is_none() {
            return Err(Failure::LettersOff);
        }
        throttle::confirm_email(&cx.limiter, actor).await?;
        refuse_taken(cx, None, Some(email)).await?;
    }
    if planned.phone_changed {
        throttle::change_phone(&cx.limiter, actor).await?;
        refuse_taken(cx, planned.user.phone.as_ref(), None).await?;
    }
    if planned.user.name != known.name || planned.user.locale != known.locale {
        throttle::correct_person(&cx.limiter, actor).await?;
    }

    let now = cx.clock.now();
    let tx = cx.database.begin().await?;
    let before = store::users::lock(&tx, actor).await?.ok_or(Failure::UnknownActor(actor))?;
    // Whoever changed the password meanwhile ended what the old one may do.
    if let Some(hash) = &hash
        && !store::users::keeps_password(&tx, actor, hash).await?
    {
        return Err(Failure::WrongPassword { field: "password" });
    }
    // Once more: the person may have changed meanwhile.
    let changed = change.of(&before).map_err(Failure::Input)?;
    if changed.asks_for_password() && hash.is_none() {
        return Err(password_required());
    }
    let guarded = before.operator || store::shops::count_of_owner(&tx, actor).await? > 0;
    // Without a mailbox nobody reads of what comes next, and no letter could set the password anew.
    if changed.email_gone && guarded {
        return Err(Failure::Input(vec![InputRefused::new(&["email"], Problem::Required)]));
    }
    let Changed { user, awaited_email, .. } = &changed;
    if *user == before && awaited_email.is_none() {
        return Ok(Updated { user: before, awaited_email: None });
    }
    store::users::update(&tx, user).await.map_err(taken_meanwhile)?;
    // Whoever is robbed of such a mailbox would not read where a shop's money goes, or who resets an operator's
    // password: they read of this first.
    let pause = if guarded { cx.payout_cooling_off } else { Duration::ZERO };
    write_letters(cx, &tx, &before, &changed, (now, pause)).await?;
    note(&tx, &before, &changed, now).await?;
    tx.commit().await?;
    Ok(Updated { user: changed.user, awaited_email: changed.awaited_email })
}

fn password_required() -> Failure {
    Failure::Input(vec![InputRefused::new(&["password"], Problem::Required)])
}

/// Who wants another address gets a letter there, whose link counts after a pause; the address until now is told of
/// whatever changed.
async fn write_letters(
    cx: &Context,
    tx: &Transaction,
    before: &User,
    changed: &Changed,
    (now, pause): (Timestamp, Duration),
) -> Result<(), DbErr> {
    let mut letters = Vec::new();
    if let Some(wanted) = &changed.awaited_email {
        // The latest counts.
        store::contact_letters::end_awaited(tx, before.id, now).await?;
        letters.push((News::Confirm, wanted, pause));
    }
    if let Some(told) = &before.email {
        let news = [
            (changed.awaited_email.is_some(), News::EmailAsked),
            (changed.email_gone, News::EmailChanged),
            (changed.phone_changed, News::PhoneChanged),
        ];
        let news = news.into_iter().filter(|(happened, _)| *happened);
        letters.extend(news.map(|(_, news)| (news, told, Duration::ZERO)));
    }
    // Where no letters leave, none is noted.
    for (news, address, pause) in letters.into_iter().filter(|_| cx.mailing.is_some()) {
        let of = (before.id, news);
        let letter = ContactLetter::written(Uuid::now_v7(), of, address.clone(), now, pause);
        store::contact_letters::insert(tx, &letter).await?;
    }
    if changed.email_gone {
        // Who wants no address does not want the other one, and what waits in the old mailbox counts no more.
        store::contact_letters::end_awaited(tx, before.id, now).await?;
        store::password_resets::end_all(tx, before.id, now).await?;
    }
    Ok(())
}

/// Notes which fields changed, and never what they say.
async fn note(
    tx: &Transaction,
    before: &User,
    changed: &Changed,
    now: Timestamp,
) -> Result<(), DbErr> {
    let fields = [
        ("name", changed.user.name != before.name),
        ("locale", changed.user.locale != before.locale),
        ("phone", changed.phone_changed),
        ("email", changed.email_gone),
        ("awaitedEmail", changed.awaited_email.is_some()),
    ];
    let fields: Vec<&str> =
        fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect();
    let record = AuditRecord {
        actor: Some(before.id),
        action: Action::PersonUpdated,
        subject_id: before.id.to_string(),
        detail: json!({ "fields": fields }).to_string(),
    };
    store::audit::append(tx, ids::new(), now, record).await
}
