//! An owner lets one of a shop's people go.

use kernel::{ShopId, UserId};
use serde_json::json;

use super::decision::lock_shop;
use super::{Failure, ShopDecision, members};
use crate::domain::audit::Action;
use crate::domain::membership::Right;
use crate::events::MemberChange;
use crate::service::Context;
use crate::store;

/// Takes somebody from a shop's people. They have no right left with their next request; invitations of the shop to
/// them end, too.
pub async fn remove_shop_member(
    cx: &Context,
    actor: UserId,
    shop: ShopId,
    person: UserId,
) -> Result<(), Failure> {
    let now = cx.clock.now();
    let asked = ShopDecision { actor, shop, reason: String::new() };
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, &asked, Right::Owner).await?;
    store::shops::standing(&tx, person, shop.id).await?.going()?;
    store::members::remove(&tx, shop.id, person).await?;
    if let Some(user) = store::users::by_ids(&tx, &[person]).await?.pop() {
        let phone = user.phone.map(|phone| phone.as_str().to_owned());
        let email = user.email.map(|email| email.as_str().to_owned());
        let contacts = phone.into_iter().chain(email).collect();
        store::invitations::end_to(&tx, shop.id, contacts, now).await?;
    }
    members::tell(&tx, &shop, person, MemberChange::Removed, now, now).await?;
    let detail = json!({ "member": person.to_string() });
    members::note(&tx, &shop, (actor, Action::MemberRemoved), &detail, now).await?;
    tx.commit().await?;
    Ok(())
}
