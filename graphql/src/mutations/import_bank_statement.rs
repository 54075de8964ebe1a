//! `importBankStatement`

use async_graphql::{Context, Error, ID, InputObject, Object, Upload};
use proto::payments::ImportBankStatementRequest;

use super::payload::payload;
use super::sent_file::sent_file;
use crate::access::{Requires, auth};
use crate::limits::MAX_FILE_BYTES;
use crate::scope::Scope;
use crate::types::{BankStatement, BankStatementFormat};

/// A statement of the market's bank account.
#[derive(Clone, Debug, InputObject)]
pub struct ImportBankStatementInput {
    /// The number of the market's account that the statement must be of: one that tells of another is refused,
    /// and lines of any other are not read. If it is left out, whatever the file tells of is taken.
    account_id: Option<ID>,
    /// The form of the file: nothing is guessed, and a file of another form is refused. If it is left out, what
    /// the file holds tells its form.
    format: Option<BankStatementFormat>,
    /// The file: camt.053/.054, MT940, OFX, CSV or XLSX; at most 2 MiB. Larger
    /// ones are imported by `chonoi import-statement`.
    file: Upload,
}

payload! {
    /// What came of sending a statement.
    ImportBankStatementPayload {
        /// The statement; it is read after the answer.
        statement: BankStatement
    }
}

#[derive(Default)]
pub struct ImportBankStatement;

#[Object]
impl ImportBankStatement {
    /// Takes a statement: credits that no feed told of are found, the others are recognised. The same
    /// file again is the same statement.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn import_bank_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: ImportBankStatementInput,
    ) -> Result<ImportBankStatementPayload, Error> {
        let scope = Scope::of(ctx);
        let mut request = request_of(ctx, &input.file, String::new()).await?;
        request.account_id = input.account_id.map(|id| id.0).unwrap_or_default();
        request.format = input.format.map(BankStatementFormat::number).unwrap_or_default();
        let outcome = scope.outcome(scope.payments.clone().import_bank_statement(request).await)?;
        Ok(ImportBankStatementPayload::of(outcome.map(BankStatement)))
    }
}

/// What payments is asked for a statement that was sent along: a shop's, or the market's.
pub(super) async fn request_of(
    ctx: &Context<'_>,
    file: &Upload,
    shop_id: String,
) -> Result<ImportBankStatementRequest, Error> {
    let scope = Scope::of(ctx);
    let upload = sent_file(ctx, file, MAX_FILE_BYTES)?;
    Ok(ImportBankStatementRequest {
        file_name: upload.filename.clone(),
        file: upload.content.to_vec(),
        imported_by: scope.actor().await?.user.id.clone(),
        shop_id,
        ..ImportBankStatementRequest::default()
    })
}
