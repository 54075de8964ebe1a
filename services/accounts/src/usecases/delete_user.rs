//! Somebody deletes their account. Nothing is left that tells who they were; what they did stays under an id that
//! is nobody's, for books and numbers must (Law 91/2025/QH15; Law on Accounting 88/2015/QH13, article 41).

use std::time::Duration;

use kernel::UserId;
use platform::{ids, outbox};
use serde_json::json;
use uuid::Uuid;

use super::{Failure, members, password_again};
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::contact_letter::{ContactLetter, News};
use crate::domain::shop::ShopStatus;
use crate::events::{self, MemberChange};
use crate::service::Context;
use crate::store;

/// The most shops that one person works for: as many as they can leave in one transaction.
const SHOPS_AT_MOST: u64 = 1_000;

/// Deletes the account of a person who types their password again: all at once, with the event by which the other
/// services forget them, and one last letter to their email address, which is kept until it left or is given up.
/// Refused while a shop of theirs is not closed; operators stay. Of shops that they closed
/// stays what tax and accounting law demand.
pub async fn delete_user(
    cx: &Context,
    actor: UserId,
    password: &str,
    client_address: &str,
) -> Result<(), Failure> {
    let hash = password_again::check(cx, actor, password, client_address).await?;
    let now = cx.clock.now();
    let tx = cx.database.begin().await?;
    let user = store::users::lock(&tx, actor).await?.ok_or(Failure::UnknownActor(actor))?;
    // Whoever changed the password meanwhile ended what the old one may do.
    if !store::users::keeps_password(&tx, actor, &hash).await? {
        return Err(Failure::WrongPassword { field: "password" });
    }
    if user.operator {
        return Err(Failure::OperatorStays);
    }
    let works_for = store::members::of_person(&tx, actor, SHOPS_AT_MOST).await?;
    for (shop, _) in works_for {
        let Some(shop) = store::shops::lock(&tx, shop).await? else { continue };
        if shop.owner_id != actor {
            store::members::remove(&tx, shop.id, actor).await?;
            members::tell(&tx, &shop, actor, MemberChange::Left, now, now).await?;
            let detail = json!({ "member": actor.to_string() });
            members::note(&tx, &shop, (actor, Action::MemberLeft), &detail, now).await?;
        } else if shop.status != ShopStatus::Closed {
            return Err(Failure::ShopNotClosed);
        }
    }
    store::invitations::end_all_of_inviter(&tx, actor, now).await?;
    store::password_resets::forget_person(&tx, &user).await?;
    store::contact_letters::forget_person(&tx, actor).await?;
    // Whoever was robbed reads of it; nobody else knows the address any more. Where no letters leave, none is noted.
    if let Some(told) = user.email.filter(|_| cx.mailing.is_some()) {
        let of = (actor, News::AccountDeleted);
        let last = ContactLetter::written(Uuid::now_v7(), of, told, now, Duration::ZERO);
        store::contact_letters::insert(&tx, &last).await?;
    }
    store::letters::forget_person(&tx, actor).await?;
    store::sessions::forget_person(&tx, actor).await?;
    store::users::anonymise(&tx, actor, cx.passwords.of_nobody()).await?;
    outbox::publish(&tx, now, actor, events::user_forgotten(actor)).await?;
    let record = AuditRecord {
        actor: Some(actor),
        action: Action::AccountDeleted,
        subject_id: actor.to_string(),
        detail: "{}".to_owned(),
    };
    store::audit::append(&tx, ids::new(), now, record).await?;
    tx.commit().await?;
    metrics::counter!("accounts_deleted").increment(1);
    Ok(())
}
