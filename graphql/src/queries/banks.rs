//! `banks`

use async_graphql::{Context, Error, Object};

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Bank;

#[derive(Default)]
pub struct BanksQuery;

#[Object]
impl BanksQuery {
    /// The banks that can be paid to by VietQR.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn banks(&self, ctx: &Context<'_>) -> Result<Vec<Bank>, Error> {
        let banks = Bank::all(Scope::of(ctx)).await?;
        Ok(banks.all.iter().cloned().map(Bank::of).collect())
    }
}
