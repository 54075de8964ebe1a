//! `createProduct`

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use proto::catalog::{
    Attribute, CreateProductRequest, ProductOfShop, VariantInput as ProtoVariant,
};

use super::product_of_shop::changed;
use super::put_tour::put_tour;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{LocalizedTextInput, MoneyInput, Product, ProductKind, TourInput, UserError};

/// Something to be said of a product.
#[derive(Clone, Debug, InputObject)]
pub struct AttributeInput {
    /// What is said.
    pub name: String,
    /// What it is.
    pub value: String,
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
    /// Its variants, one at least. A tour has none: its departures are bought.
    #[graphql(default)]
    variants: Vec<VariantInput>,
    /// What it is besides, if it is a tour; or `putTour` says it later.
    tour: Option<TourInput>,
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

/// What came of making a product.
#[derive(SimpleObject)]
pub struct CreateProductPayload {
    /// The new product. A product whose tour was refused is there, hidden: `putTour` may mend it.
    product: Option<Product>,
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

impl CreateProductPayload {
    fn of(outcome: Outcome<Product>) -> Self {
        match outcome {
            Ok(product) => Self { product: Some(product), user_errors: Vec::new() },
            Err(user_errors) => Self { product: None, user_errors },
        }
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
        let mut input = input;
        let tour = input.tour.take();
        let request = match request(input, scope) {
            Ok(request) => request,
            Err(errors) => return Ok(CreateProductPayload::of(Err(errors))),
        };
        if let Some(tour) = tour {
            return create_tour(scope, request, tour).await;
        }
        let answer = scope.catalog.clone().create_product(request).await;
        Ok(CreateProductPayload::of(changed(scope, answer)?))
    }
}

/// Makes a hidden product, describes its tour, and then offers it if it shall be offered.
async fn create_tour(
    scope: &Scope,
    mut request: CreateProductRequest,
    tour: TourInput,
) -> Result<CreateProductPayload, Error> {
    let publish = std::mem::take(&mut request.publish);
    let shop_id = request.shop_id.clone();
    if request.variants.is_empty() {
        let described = tour.clone().read(String::new(), shop_id.clone(), "tour", scope.locale);
        match described {
            Ok(tour) => request.variants.extend(for_lists(&tour)),
            Err(user_errors) => return Ok(CreateProductPayload { product: None, user_errors }),
        }
    }
    let made = scope.outcome(scope.catalog.clone().create_product(request).await)?;
    let mut product = match made {
        Ok(product) => product,
        Err(user_errors) => return Ok(CreateProductPayload { product: None, user_errors }),
    };
    let mut outcome = put_tour(scope, shop_id.clone(), product.id.clone(), tour).await?.map(drop);
    if publish && outcome.is_ok() {
        let request = ProductOfShop { shop_id, product_id: product.id.clone() };
        outcome = scope
            .outcome(scope.catalog.clone().publish_product(request).await)?
            .map(|published| product = published);
    }
    let product = Some(Product::of(product.into(), scope.locale));
    Ok(CreateProductPayload { product, user_errors: outcome.err().unwrap_or_default() })
}

/// The variant by which lists show what a tour costs; nobody can buy it.
fn for_lists(tour: &proto::tours::Tour) -> Option<ProtoVariant> {
    let tickets = tour.options.iter().flat_map(|option| &option.tickets);
    let prices = tickets.filter_map(|ticket| ticket.price.clone());
    let least = prices.filter(|price| price.minor > 0).min_by_key(|price| price.minor)?;
    Some(ProtoVariant { price: Some(least), ..ProtoVariant::default() })
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
