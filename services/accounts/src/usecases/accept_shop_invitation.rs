//! Somebody who is signed in accepts an invitation: they work for the shop, or it is theirs.

use kernel::{Timestamp, UserId};
use platform::database::Transaction;
use platform::{outbox, secrets};
use serde_json::json;

use super::{Failure, members};
use crate::domain::audit::Action;
use crate::domain::input::{InputRefused, Problem};
use crate::domain::invitation::{Invitation, InvitationRefused};
use crate::domain::membership::{Joining, MOST_MEMBERS, Member, ShopRole};
use crate::domain::shop::Shop;
use crate::domain::shop_application::SHOPS_PER_OWNER;
use crate::events::{self, MemberChange};
use crate::service::Context;
use crate::{store, throttle};

/// Uses the token of an invitation, once. What is refused leaves it as it is.
pub async fn accept_shop_invitation(
    cx: &Context,
    actor: UserId,
    token: &str,
    client_address: &str,
) -> Result<Shop, Failure> {
    throttle::accept_invitation(&cx.limiter, client_address).await?;
    let token_hash = secrets::digest(token);
    let known = store::invitations::by_token(cx.database.reader(), token_hash).await?;
    let known = known.ok_or(InvitationRefused::Invalid)?;
    let now = cx.clock.now();

    let tx = cx.database.begin().await?;
    // People before shops, as everybody who locks both: so their shops are counted one after the other, and nobody
    // joins whose account is deleted at this moment.
    store::users::lock(&tx, actor).await?.ok_or(Failure::UnknownActor(actor))?;
    let shop = store::shops::lock(&tx, known.shop).await?.ok_or(Failure::UnknownShop)?;
    // As it is now that nobody else changes it.
    let invitation = store::invitations::by_token(&tx, token_hash).await?;
    let invitation = invitation.ok_or(InvitationRefused::Invalid)?;
    invitation.acceptable(now)?;
    shop.takes_people()?;
    let joining = store::shops::standing(&tx, actor, shop.id).await?.joining(&invitation)?;
    if !store::invitations::use_up(&tx, invitation.id, actor, now).await? {
        return Err(InvitationRefused::Invalid.into());
    }
    let shop = match joining {
        Joining::Staff => join(&tx, shop, actor, &invitation, now).await?,
        Joining::Owner => hand_over(&tx, shop, actor, &invitation, now).await?,
    };
    tx.commit().await?;
    metrics::counter!("accounts_invitations", "what" => "accepted").increment(1);
    Ok(shop)
}

async fn join(
    tx: &Transaction,
    shop: Shop,
    actor: UserId,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<Shop, Failure> {
    refuse_too_many(store::members::count(tx, shop.id).await?, MOST_MEMBERS)?;
    let member = Member { person: actor, role: ShopRole::Staff, since: now };
    store::members::insert(tx, shop.id, &member).await?;
    members::tell(tx, &shop, actor, MemberChange::Joined, now, now).await?;
    let detail = json!({ "invitation": invitation.id.to_string() });
    members::note(tx, &shop, (actor, Action::MemberJoined), &detail, now).await?;
    Ok(shop)
}

/// The owner of before goes on as staff. What they had offered others does not bind the new one.
async fn hand_over(
    tx: &Transaction,
    shop: Shop,
    actor: UserId,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<Shop, Failure> {
    refuse_too_many(store::shops::count_of_owner(tx, actor).await?, SHOPS_PER_OWNER)?;
    store::members::set_role(tx, (shop.id, shop.owner_id), ShopRole::Staff).await?;
    if !store::members::set_role(tx, (shop.id, actor), ShopRole::Owner).await? {
        let member = Member { person: actor, role: ShopRole::Owner, since: now };
        store::members::insert(tx, shop.id, &member).await?;
    }
    let handed = Shop { owner_id: actor, ..shop.clone() };
    store::shops::update(tx, &handed).await?;
    store::invitations::end_all(tx, shop.id, now).await?;
    outbox::publish(tx, now, shop.id, events::shop_changed(&handed, now)).await?;
    members::tell(tx, &shop, actor, MemberChange::HandedOver, now, now).await?;
    let detail =
        json!({ "from": shop.owner_id.to_string(), "invitation": invitation.id.to_string() });
    members::note(tx, &handed, (actor, Action::ShopHandedOver), &detail, now).await?;
    Ok(handed)
}

fn refuse_too_many(count: u64, maximum: u64) -> Result<(), Failure> {
    if count < maximum {
        return Ok(());
    }
    Err(Failure::Input(vec![InputRefused::new(&[], Problem::TooMany { maximum })]))
}
