//! A shop changes what is said of a product.

use kernel::{LocalizedText, ProductId, ShopScope, normalize_spaces};
use platform::outbox;
use sea_orm::DbErr;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::product::{DraftProblem, Product, ProductDraft, VariantDraft};
use crate::store;

/// What shall be changed; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct ProductChange {
    /// Its name.
    pub title: Option<LocalizedText>,
    /// What it is.
    pub description: Option<LocalizedText>,
    /// Its category.
    pub category: Option<String>,
    /// Unit of the price.
    pub unit: Option<String>,
    /// Where it comes from; nothing for where its shop is.
    pub ward_code: Option<String>,
    /// OCOP stars.
    pub ocop_stars: Option<u32>,
    /// Further facts: all of them.
    pub attributes: Option<Vec<(String, String)>>,
}

/// Why a product was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeProductError {
    /// The shop has no such product.
    #[error("the shop has no such product")]
    Unknown,
    /// The change is wrong.
    #[error("the change is wrong")]
    Problems(Vec<DraftProblem>),
    /// The prices of a tour stand in its tickets.
    #[error("the prices of a tour stand in its tickets")]
    PricedByTour,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Changes a product.
pub async fn update_product(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    change: ProductChange,
) -> Result<Product, ChangeProductError> {
    let service = &catalog.0;
    let now = service.clock.now();
    let categories = store::category::all(service.database.reader()).await?;
    let ward_code = match change.ward_code {
        Some(code) if code.is_empty() => Some(ward_of_shop(catalog, scope).await?),
        other => other,
    };
    let tx = service.database.begin().await?;
    let mut product =
        store::product::lock(&tx, scope, id).await?.ok_or(ChangeProductError::Unknown)?;
    let tidy = |text: LocalizedText| {
        LocalizedText::new(normalize_spaces(&text.vi), normalize_spaces(&text.en))
    };
    product.title = change.title.map_or(product.title, tidy);
    product.description = change.description.unwrap_or(product.description);
    product.category = change.category.unwrap_or(product.category);
    product.unit = change.unit.map_or(product.unit, |unit| normalize_spaces(&unit));
    product.ward_code = ward_code.unwrap_or(product.ward_code);
    product.ocop_stars = change.ocop_stars.unwrap_or(product.ocop_stars);
    product.attributes = change.attributes.unwrap_or(product.attributes);
    let problems =
        draft_of(&product).problems(|slug| categories.iter().any(|category| category.slug == slug));
    if !problems.is_empty() {
        return Err(ChangeProductError::Problems(problems));
    }
    product.updated_at = now;
    store::product::write(&tx, &product).await?;
    outbox::publish_all(&tx, now, [changed(&product)]).await?;
    tx.commit().await?;
    Ok(product)
}

/// Where a shop is, as far as catalog has heard.
async fn ward_of_shop(catalog: &Catalog, scope: ShopScope) -> Result<String, DbErr> {
    let reader = catalog.0.database.reader();
    let known = store::shop::by_ids(reader, [scope.shop().uuid()]).await?;
    Ok(known.into_iter().next().map(|shop| shop.ward_code).unwrap_or_default())
}

/// The draft that would write a product as it is: what is checked of one is checked of the other.
fn draft_of(product: &Product) -> ProductDraft {
    let variants = product.variants.iter().map(|variant| VariantDraft {
        sku: variant.sku.clone(),
        barcode: variant.barcode.clone(),
        price: Some(variant.price),
        stock: Some(variant.on_hand),
        option_values: variant.option_values.clone(),
    });
    ProductDraft {
        handle: product.handle.clone(),
        kind: product.kind,
        title: product.title.clone(),
        description: product.description.clone(),
        category: product.category.clone(),
        unit: product.unit.clone(),
        option_names: product.option_names.clone(),
        attributes: product.attributes.clone(),
        ward_code: product.ward_code.clone(),
        ocop_stars: product.ocop_stars,
        publish: product.published,
        variants: variants.collect(),
    }
}
