//! A shop puts a new product in.

use kernel::ShopScope;
use sea_orm::DbErr;

use super::write_product::{WriteError, Written, write_product};
use crate::Catalog;
use crate::domain::product::{DraftProblem, Product, ProductDraft};
use crate::store;

/// Why no product was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateProductError {
    /// The draft is wrong.
    #[error("the draft is wrong")]
    Problems(Vec<DraftProblem>),
    /// Another product of the shop has the SKU.
    #[error("another product has the SKU {0}")]
    SkuTaken(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<WriteError> for CreateProductError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::SkuTaken(sku) => Self::SkuTaken(sku),
            WriteError::StockHeld(_) => {
                Self::Database(DbErr::Custom("a new variant is held".to_owned()))
            }
            WriteError::Database(error) => Self::Database(error),
        }
    }
}

/// Makes a product.
pub async fn create_product(
    catalog: &Catalog,
    scope: ShopScope,
    draft: ProductDraft,
) -> Result<Product, CreateProductError> {
    let service = &catalog.0;
    let draft = draft.normalized();
    let categories = store::category::all(service.database.reader()).await?;
    let problems = draft.problems(|slug| categories.iter().any(|category| category.slug == slug));
    if !problems.is_empty() {
        return Err(CreateProductError::Problems(problems));
    }
    let tx = service.database.begin().await?;
    let written = write_product(&tx, scope, draft, None, service.clock.now()).await?;
    tx.commit().await?;
    let (Written::Created(product) | Written::Updated(product) | Written::Unchanged(product)) =
        written;
    Ok(product)
}
