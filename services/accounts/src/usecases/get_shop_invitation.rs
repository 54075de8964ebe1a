//! Whoever has an invitation's link looks at what it offers.

use platform::secrets;

use super::Failure;
use crate::domain::invitation::{Invitation, InvitationRefused};
use crate::domain::shop::Shop;
use crate::service::Context;
use crate::store;

/// The invitation of a token and its shop, also while it does not count yet. A look changes nothing.
pub async fn get_shop_invitation(cx: &Context, token: &str) -> Result<(Invitation, Shop), Failure> {
    let reader = cx.database.reader();
    let found = store::invitations::by_token(reader, secrets::digest(token)).await?;
    let invitation = found.ok_or(Failure::UnknownInvitation)?;
    if invitation.acceptable(cx.clock.now()) == Err(InvitationRefused::Invalid) {
        return Err(Failure::UnknownInvitation);
    }
    let shop = store::shops::by_ids(reader, &[invitation.shop]).await?.pop();
    Ok((invitation, shop.ok_or(Failure::UnknownShop)?))
}
