//! `updateProduct`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::{Attribute, Attributes, UpdateProductRequest};

use super::create_product::AttributeInput;
use super::payload::payload;
use super::product_of_shop::changed;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{LocalizedTextInput, Product};

/// Changes of a product. What is left out stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateProductInput {
    /// Whose it is.
    shop_id: ID,
    /// The product.
    product_id: ID,
    /// Its name.
    title: Option<LocalizedTextInput>,
    /// What it is.
    description: Option<LocalizedTextInput>,
    /// The category that it stands in.
    category_slug: Option<String>,
    /// The unit of its prices: kg, box.
    unit: Option<String>,
    /// Where it comes from; empty for its shop's ward.
    ward_code: Option<String>,
    /// OCOP stars, 3 to 5, or 0 for none.
    ocop_stars: Option<u32>,
    /// What is said of it besides: all of it, in the place of what was said before.
    attributes: Option<Vec<AttributeInput>>,
}

payload! {
    /// What came of changing a product.
    UpdateProductPayload {
        /// The product as it is now.
        product: Product
    }
}

#[derive(Default)]
pub struct UpdateProduct;

#[Object]
impl UpdateProduct {
    /// Changes a product.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateProductInput,
    ) -> Result<UpdateProductPayload, Error> {
        let scope = Scope::of(ctx);
        let attributes = input.attributes.map(|all| {
            let all = all.into_iter();
            let all = all.map(|one| Attribute { name: one.name, value: one.value });
            Attributes { attributes: all.collect() }
        });
        let request = UpdateProductRequest {
            shop_id: input.shop_id.0,
            product_id: input.product_id.0,
            title: input.title.map(Into::into),
            description: input.description.map(Into::into),
            category_slug: input.category_slug,
            unit: input.unit,
            ward_code: input.ward_code,
            ocop_stars: input.ocop_stars,
            attributes,
        };
        let answer = scope.catalog.clone().update_product(request).await;
        Ok(UpdateProductPayload::of(changed(scope, answer)?))
    }
}
