//! `shopInvitation`

use async_graphql::{Context, Error, Object};
use proto::accounts::GetShopInvitationRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::OfferedShopRole;

#[derive(Default)]
pub struct ShopInvitationQuery;

#[Object]
impl ShopInvitationQuery {
    /// What an invitation offers, for who has its link; nothing for one that does not count any more.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn shop_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret of its link.", secret)] token: String,
    ) -> Result<Option<OfferedShopRole>, Error> {
        let scope = Scope::of(ctx);
        let request = GetShopInvitationRequest { token };
        let found = scope.found(scope.accounts.clone().get_shop_invitation(request).await)?;
        found.map(OfferedShopRole::of).transpose()
    }
}
