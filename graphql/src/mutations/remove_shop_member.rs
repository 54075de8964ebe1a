//! `removeShopMember`

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use proto::accounts::RemoveShopMemberRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::UserError;

/// Who is let go.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveShopMemberInput {
    /// The shop.
    shop_id: ID,
    /// The person.
    user_id: ID,
}

/// What came of letting somebody go.
#[derive(SimpleObject)]
pub struct RemoveShopMemberPayload {
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct RemoveShopMember;

#[Object]
impl RemoveShopMember {
    /// Lets somebody who works for a shop go: from their next request on they are nothing to it. Only the owner may,
    /// and the owner stays until the shop is handed over.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn remove_shop_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: RemoveShopMemberInput,
    ) -> Result<RemoveShopMemberPayload, Error> {
        let scope = Scope::of(ctx);
        let request = RemoveShopMemberRequest {
            actor_id: scope.actor().await?.user.id.clone(),
            shop_id: input.shop_id.0,
            user_id: input.user_id.0,
        };
        let outcome = scope.outcome(scope.accounts.clone().remove_shop_member(request).await)?;
        Ok(RemoveShopMemberPayload { user_errors: outcome.err().unwrap_or_default() })
    }
}
