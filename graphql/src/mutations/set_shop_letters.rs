//! `setShopLetters`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::accounts::SetShopLettersRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// Whether somebody wants letters of a shop's orders.
#[derive(Clone, Debug, InputObject)]
pub struct SetShopLettersInput {
    /// The shop.
    shop_id: ID,
    /// Whether they want them.
    wanted: bool,
}

payload! {
    /// What came of it.
    SetShopLettersPayload {
        /// Whether they get letters from now on.
        wanted: bool
    }
}

#[derive(Default)]
pub struct SetShopLetters;

#[Object]
impl SetShopLetters {
    /// Says whether who is signed in gets letters of new orders of a shop, of orders that are called off, and of
    /// what buyers want to send back. Every member says it for themselves.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn set_shop_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which shop, and whether.")] input: SetShopLettersInput,
    ) -> Result<SetShopLettersPayload, Error> {
        let scope = Scope::of(ctx);
        let request = SetShopLettersRequest {
            actor_id: scope.actor().await?.user.id.clone(),
            shop_id: input.shop_id.0,
            wanted: input.wanted,
        };
        let outcome = scope.outcome(scope.accounts.clone().set_shop_letters(request).await)?;
        Ok(SetShopLettersPayload::of(outcome.map(|letters| letters.wanted)))
    }
}
