//! `wards`

use async_graphql::{Context, Error, Object};

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Ward;

#[derive(Default)]
pub struct WardsQuery;

#[Object]
impl WardsQuery {
    /// The wards and communes of Cần Thơ.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn wards(&self, ctx: &Context<'_>) -> Result<Vec<Ward>, Error> {
        let scope = Scope::of(ctx);
        let wards = Ward::all(scope).await?;
        Ok(wards.all.iter().map(|ward| Ward::of(ward, scope.locale)).collect())
    }
}
