//! `importShopStatement`

use async_graphql::{Context, Error, ID, InputObject, Object, Upload};

use super::import_bank_statement::request_of;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::OwnAccountStatement;

/// A statement of a shop's own account.
#[derive(Clone, Debug, InputObject)]
pub struct ImportShopStatementInput {
    /// The shop.
    shop_id: ID,
    /// The file: camt.053/.054, MT940, OFX, CSV or XLSX, told by what it holds; at most 2 MiB. Lines of any
    /// other account are not read.
    file: Upload,
}

payload! {
    /// What came of sending a statement of a shop's own account.
    ImportShopStatementPayload {
        /// The statement; it is read after the answer.
        statement: OwnAccountStatement
    }
}

#[derive(Default)]
pub struct ImportShopStatement;

#[Object]
impl ImportShopStatement {
    /// Takes a statement of a shop's own account: what its feed did not tell of is found, the rest recognised.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn import_shop_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The shop, and the file.")] input: ImportShopStatementInput,
    ) -> Result<ImportShopStatementPayload, Error> {
        let scope = Scope::of(ctx);
        let request = request_of(ctx, &input.file, input.shop_id.0).await?;
        let outcome = scope.outcome(scope.payments.clone().import_bank_statement(request).await)?;
        Ok(ImportShopStatementPayload::of(outcome.map(OwnAccountStatement)))
    }
}
