//! `inviteShopMember`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::accounts::InviteShopMemberRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{ShopInvitation, ShopRole};

/// Whom to invite, and as what.
#[derive(Clone, Debug, InputObject)]
pub struct InviteShopMemberInput {
    /// The shop.
    shop_id: ID,
    /// A telephone number or an email. An email gets a letter; for a telephone number the answer has the link.
    contact: String,
    /// What they may do for the shop. To be its owner means that it is handed over.
    #[graphql(default_with = "ShopRole::Staff")]
    role: ShopRole,
    /// The owner's password, once more; needed where the shop is handed over.
    #[graphql(secret)]
    password: Option<String>,
}

payload! {
    /// What came of inviting somebody.
    InviteShopMemberPayload {
        /// The invitation.
        invitation: ShopInvitation
    }
}

#[derive(Default)]
pub struct InviteShopMember;

#[Object]
impl InviteShopMember {
    /// Invites somebody to work for a shop, with a link that works once, for a week; inviting them again makes
    /// another link, and the one before counts no more. Only the owner may. Handing the shop over asks for the
    /// password, and can be accepted after a pause only.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn invite_shop_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and as what.")] input: InviteShopMemberInput,
    ) -> Result<InviteShopMemberPayload, Error> {
        let scope = Scope::of(ctx);
        let request = InviteShopMemberRequest {
            actor_id: scope.actor().await?.user.id.clone(),
            shop_id: input.shop_id.0,
            contact: input.contact,
            role: input.role.number(),
            password: input.password.unwrap_or_default(),
            client_address: scope.address.clone(),
        };
        let outcome = scope.outcome(scope.accounts.clone().invite_shop_member(request).await)?;
        let outcome = outcome.map(|invitation| ShopInvitation::of(invitation, scope));
        Ok(InviteShopMemberPayload::of(outcome))
    }
}
