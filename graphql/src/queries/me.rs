//! `me`

use async_graphql::{Context, Error, Object};

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::User;

#[derive(Default)]
pub struct MeQuery;

#[Object]
impl MeQuery {
    /// Who is signed in, and what is theirs; nothing where nobody is.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, Error> {
        Ok(Scope::of(ctx).viewer().await?.map(User::of))
    }
}
