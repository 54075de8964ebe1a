//! An owner takes an invitation back.

use kernel::{ShopId, ShopInvitationId, UserId};
use serde_json::json;

use super::decision::lock_shop;
use super::{Failure, ShopDecision, members};
use crate::domain::audit::Action;
use crate::domain::invitation::Invitation;
use crate::domain::membership::Right;
use crate::service::Context;
use crate::store;

/// Ends an open invitation of a shop; gives it as it was.
pub async fn revoke_shop_invitation(
    cx: &Context,
    actor: UserId,
    shop: ShopId,
    id: ShopInvitationId,
) -> Result<Invitation, Failure> {
    let now = cx.clock.now();
    let asked = ShopDecision { actor, shop, reason: String::new() };
    let tx = cx.database.begin().await?;
    let shop = lock_shop(&tx, &asked, Right::Owner).await?;
    let open = store::invitations::open_of_shop(&tx, shop.id, now).await?;
    let invitation = open.into_iter().find(|one| one.id == id).ok_or(Failure::UnknownInvitation)?;
    if !store::invitations::end(&tx, (shop.id, id), now).await? {
        return Err(Failure::UnknownInvitation);
    }
    let detail = json!({ "invitation": id.to_string() });
    members::note(&tx, &shop, (actor, Action::InvitationRevoked), &detail, now).await?;
    tx.commit().await?;
    Ok(invitation)
}
