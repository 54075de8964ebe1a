//! `acceptShopInvitation`

use std::time::Duration;

use async_graphql::{Context, Error, InputObject, Object};
use proto::accounts::AcceptShopInvitationRequest;

use super::payload::payload;
use super::shop_decision::decided;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::ManagedShop;

/// Attempts from one address, and in which time. Each alias counts.
const ATTEMPTS: u32 = 30;
const PERIOD: Duration = Duration::from_mins(1);

/// Which invitation is accepted.
#[derive(Clone, Debug, InputObject)]
pub struct AcceptShopInvitationInput {
    /// The secret of the invitation's link; it works once.
    #[graphql(secret)]
    token: String,
}

payload! {
    /// What came of accepting an invitation.
    AcceptShopInvitationPayload {
        /// The shop that one acts for now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct AcceptShopInvitation;

#[Object]
impl AcceptShopInvitation {
    /// Accepts an invitation in the name of who is signed in: they work for the shop, or it is theirs.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn accept_shop_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AcceptShopInvitationInput,
    ) -> Result<AcceptShopInvitationPayload, Error> {
        let scope = Scope::of(ctx);
        Ok(AcceptShopInvitationPayload::of(accept(scope, input).await?))
    }
}

async fn accept(
    scope: &Scope,
    input: AcceptShopInvitationInput,
) -> Result<Outcome<ManagedShop>, Error> {
    if let Err(errors) = scope.throttle("accept-invitation", ATTEMPTS, PERIOD).await {
        return Ok(Err(errors));
    }
    let request = AcceptShopInvitationRequest {
        actor_id: scope.actor().await?.user.id.clone(),
        token: input.token,
        client_address: scope.address.clone(),
    };
    decided(scope, scope.accounts.clone().accept_shop_invitation(request).await)
}
