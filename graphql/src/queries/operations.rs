//! `operations`

use async_graphql::Object;

use crate::access::{Requires, auth};
use crate::types::Operations;

#[derive(Default)]
pub struct OperationsQuery;

#[Object]
impl OperationsQuery {
    /// What operators of the market see.
    #[graphql(guard = "Requires::Operator", directive = auth::apply(Requires::Operator))]
    async fn operations(&self) -> Operations {
        Operations
    }
}
