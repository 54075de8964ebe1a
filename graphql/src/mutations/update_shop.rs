//! `updateShop`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::accounts::UpdateShopRequest;

use super::payload::payload;
use super::shop_decision::decided;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{LocalizedTextInput, ManagedShop, ShopKind};

/// Changes of what is said of a shop. What is left out stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateShopInput {
    /// The shop.
    shop_id: ID,
    /// Its name.
    name: Option<String>,
    /// What it is by law; it stays once the shop is submitted, unless it was refused.
    kind: Option<ShopKind>,
    /// Its tax code; as its kind, it stays, unless there was none.
    tax_code: Option<String>,
    /// Its ward.
    ward_code: Option<String>,
    /// House number, street, hamlet.
    address: Option<String>,
    /// Its telephone number.
    phone: Option<String>,
    /// What it says of itself.
    about: Option<LocalizedTextInput>,
}

payload! {
    /// What came of changing a shop.
    UpdateShopPayload {
        /// The shop as it is now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct UpdateShop;

#[Object]
impl UpdateShop {
    /// Changes what is said of a shop; only its owner may.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn update_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateShopInput,
    ) -> Result<UpdateShopPayload, Error> {
        let scope = Scope::of(ctx);
        let actor = scope.actor().await?;
        let request = UpdateShopRequest {
            actor_id: actor.user.id.clone(),
            shop_id: input.shop_id.0,
            name: input.name,
            kind: input.kind.map(ShopKind::number),
            tax_code: input.tax_code,
            ward_code: input.ward_code,
            address: input.address,
            phone: input.phone,
            about: input.about.map(Into::into),
        };
        let answer = scope.accounts.clone().update_shop(request).await;
        Ok(UpdateShopPayload::of(decided(scope, answer)?))
    }
}
