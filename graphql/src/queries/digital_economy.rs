//! `digitalEconomy`

use async_graphql::{Context, Error, Object};

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::DigitalEconomy;

#[derive(Default)]
pub struct DigitalEconomyQuery;

#[Object]
impl DigitalEconomyQuery {
    /// Public figures of the market in some days, at most 366: sums, never of one shop or person. They
    /// are counted anew every five minutes.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn digital_economy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
    ) -> Result<DigitalEconomy, Error> {
        let scope = Scope::of(ctx);
        let found = scope.figures.of_days(&scope.orders, &from, &to).await;
        let found = scope.found_or_refused(found.map(tonic::Response::new))?;
        Ok(DigitalEconomy::of(found.unwrap_or_default(), scope.locale))
    }
}
