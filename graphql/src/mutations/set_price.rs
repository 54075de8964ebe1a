//! `setPrice`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::SetPriceRequest;

use super::payload::payload;
use super::product_of_shop::changed;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{MoneyInput, Product};

/// A new price.
#[derive(Clone, Debug, InputObject)]
pub struct SetPriceInput {
    /// Whose it is.
    shop_id: ID,
    /// Of what.
    variant_id: ID,
    /// The price of one.
    price: MoneyInput,
}

payload! {
    /// What came of setting a price.
    SetPricePayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct SetPrice;

#[Object]
impl SetPrice {
    /// Sets the price of something. Checkouts that have begun keep theirs.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn set_price(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The price.")] input: SetPriceInput,
    ) -> Result<SetPricePayload, Error> {
        let scope = Scope::of(ctx);
        let price = match input.price.read(&["price", "amount"], scope.locale) {
            Ok(price) => Some(price),
            Err(errors) => return Ok(SetPricePayload::of(Err(errors))),
        };
        let (shop_id, variant_id) = (input.shop_id.0, input.variant_id.0);
        let request = SetPriceRequest { shop_id, variant_id, price };
        let answer = scope.catalog.clone().set_price(request).await;
        Ok(SetPricePayload::of(changed(scope, answer)?))
    }
}
