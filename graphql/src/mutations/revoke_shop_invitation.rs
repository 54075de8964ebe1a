//! `revokeShopInvitation`

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use proto::accounts::RevokeShopInvitationRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::UserError;

/// Which invitation is taken back.
#[derive(Clone, Debug, InputObject)]
pub struct RevokeShopInvitationInput {
    /// The shop.
    shop_id: ID,
    /// The invitation.
    invitation_id: ID,
}

/// What came of taking an invitation back.
#[derive(SimpleObject)]
pub struct RevokeShopInvitationPayload {
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct RevokeShopInvitation;

#[Object]
impl RevokeShopInvitation {
    /// Takes an invitation back: its link counts no more. Only the owner may.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn revoke_shop_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeShopInvitationInput,
    ) -> Result<RevokeShopInvitationPayload, Error> {
        let scope = Scope::of(ctx);
        let request = RevokeShopInvitationRequest {
            actor_id: scope.actor().await?.user.id.clone(),
            shop_id: input.shop_id.0,
            invitation_id: input.invitation_id.0,
        };
        let outcome =
            scope.outcome(scope.accounts.clone().revoke_shop_invitation(request).await)?;
        Ok(RevokeShopInvitationPayload { user_errors: outcome.err().unwrap_or_default() })
    }
}
