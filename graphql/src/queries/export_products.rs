//! `exportProducts`

use async_graphql::{Context, Error, ID, Object};
use proto::catalog::ExportProductsRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{ExportedFile, ImportFormat};

#[derive(Default)]
pub struct ExportProductsQuery;

#[Object]
impl ExportProductsQuery {
    /// All products of a shop as a file that can be imported again.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn export_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which shop.")] shop_id: ID,
        #[graphql(desc = "In which form.")] format: ImportFormat,
    ) -> Result<ExportedFile, Error> {
        let scope = Scope::of(ctx);
        let request = ExportProductsRequest { shop_id: shop_id.0, format: format.number() };
        let file = scope.answer(scope.catalog.clone().export_products(request).await)?;
        Ok(ExportedFile::of(file))
    }
}
