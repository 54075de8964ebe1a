//! `importProducts`

use async_graphql::{Context, Error, ID, InputObject, Object, Upload};
use proto::catalog::ImportProductsRequest;

use super::payload::payload;
use super::sent_file::sent_file;
use crate::access::{Requires, auth};
use crate::limits::MAX_FILE_BYTES;
use crate::scope::Scope;
use crate::types::{Import, ImportFormat};

/// A product file.
#[derive(Clone, Debug, InputObject)]
pub struct ImportProductsInput {
    /// Whose products they are.
    shop_id: ID,
    /// The form of the file; left out: what its columns say.
    format: Option<ImportFormat>,
    /// The file: CSV or XLSX, at most 2 MiB.
    file: Upload,
    /// Only try, and change nothing.
    #[graphql(default)]
    dry_run: bool,
}

payload! {
    /// What came of sending a product file.
    ImportProductsPayload {
        /// The run; it goes on after the answer.
        import: Import
    }
}

#[derive(Default)]
pub struct ImportProducts;

#[Object]
impl ImportProducts {
    /// Makes and changes products from a file. It goes on after the answer: see `me.shop.import`.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn import_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: ImportProductsInput,
    ) -> Result<ImportProductsPayload, Error> {
        let scope = Scope::of(ctx);
        let file = sent_file(ctx, &input.file, MAX_FILE_BYTES)?.content.to_vec();
        let shop_id = input.shop_id.0;
        let request = ImportProductsRequest {
            shop_id: shop_id.clone(),
            format: input.format.map_or(0, ImportFormat::number),
            file,
            dry_run: input.dry_run,
        };
        let outcome = scope.outcome(scope.catalog.clone().import_products(request).await)?;
        Ok(ImportProductsPayload::of(outcome.map(|import| Import::of(import, shop_id))))
    }
}
