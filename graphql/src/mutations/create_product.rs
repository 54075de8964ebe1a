//! `createProduct`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::catalog::{Attribute, CreateProductRequest, VariantInput as ProtoVariant};

use super::payload::payload;
use super::product_of_shop::changed;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{LocalizedTextInput, MoneyInput, Product, ProductKind};

/// Something to be said of a product.
#[derive(Clone, Debug, InputObject)]
pub struct AttributeInput {
    /// What is said.
    name: String,
    /// What it is.
    value: String,
}

/// A variant: what is priced, stocked and bought.
#[derive(Clone, Debug, InputObject)]
pub struct VariantInput {
    /// The shop's own number for it; made up when left out.
    sku: Option<String>,
    /// Its barcode (GTIN).
    barcode: Option<String>,
    /// The price of one.
    price: MoneyInput,
    /// How many there are.
    #[graphql(default)]
    stock: i64,
    /// The values of the product's options, in their order.
    options: Option<Vec<String>>,
}

/// A product to be made.
#[derive(Clone, Debug, InputObject)]
pub struct CreateProductInput {
    /// Whose it is.
    shop_id: ID,
    /// What kind of thing it is.
    #[graphql(default_with = "ProductKind::Goods")]
    kind: ProductKind,
    /// Its name.
    title: LocalizedTextInput,
    /// What it is.
    description: Option<LocalizedTextInput>,
    /// The category that it stands in.
    category_slug: Option<String>,
    /// The unit of its prices: kg, box.
    unit: Option<String>,
    /// Names of the options that make its variants, at most 3.
    options: Option<Vec<String>>,
    /// Its variants, one at least.
    variants: Vec<VariantInput>,
    /// What is said of it besides.
    attributes: Option<Vec<AttributeInput>>,
    /// Where it comes from, if not from its shop's ward.
    ward_code: Option<String>,
    /// OCOP stars, 3 to 5, or 0 for none.
    ocop_stars: Option<u32>,
    /// Whether it is offered at once.
    #[graphql(default)]
    publish: bool,
}

payload! {
    /// What came of making a product.
    CreateProductPayload {
        /// The new product.
        product: Product
    }
}

#[derive(Default)]
pub struct CreateProduct;

#[Object]
impl CreateProduct {
    /// Makes a product.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] input: CreateProductInput,
    ) -> Result<CreateProductPayload, Error> {
        let scope = Scope::of(ctx);
        let request = match request(input, scope) {
            Ok(request) => request,
            Err(errors) => return Ok(CreateProductPayload::of(Err(errors))),
        };
        let answer = scope.catalog.clone().create_product(request).await;
        Ok(CreateProductPayload::of(changed(scope, answer)?))
    }
}

fn request(input: CreateProductInput, scope: &Scope) -> Outcome<CreateProductRequest> {
    let mut variants = Vec::with_capacity(input.variants.len());
    for (index, variant) in input.variants.into_iter().enumerate() {
        let index = index.to_string();
        let path = ["variants", index.as_str(), "price", "amount"];
        variants.push(ProtoVariant {
            sku: variant.sku.unwrap_or_default(),
            barcode: variant.barcode.unwrap_or_default(),
            price: Some(variant.price.read(&path, scope.locale)?),
            stock: variant.stock,
            option_values: variant.options.unwrap_or_default(),
        });
    }
    let attributes = input.attributes.unwrap_or_default().into_iter();
    Ok(CreateProductRequest {
        shop_id: input.shop_id.0,
        kind: input.kind.number(),
        title: Some(input.title.into()),
        description: input.description.map(Into::into),
        category_slug: input.category_slug.unwrap_or_default(),
        unit: input.unit.unwrap_or_default(),
        option_names: input.options.unwrap_or_default(),
        variants,
        attributes: attributes.map(|one| Attribute { name: one.name, value: one.value }).collect(),
        ward_code: input.ward_code.unwrap_or_default(),
        ocop_stars: input.ocop_stars.unwrap_or_default(),
        publish: input.publish,
    })
}
