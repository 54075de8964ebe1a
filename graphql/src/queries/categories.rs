//! `categories` and `category`

use async_graphql::{Context, Error, Object};

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Category;

#[derive(Default)]
pub struct CategoriesQuery;

#[Object]
impl CategoriesQuery {
    /// The categories at the top; `children` are those below.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>, Error> {
        Ok(Category::below(&Category::all(Scope::of(ctx)).await?, ""))
    }

    /// A category, if there is one with this slug.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its slug.")] slug: String,
    ) -> Result<Option<Category>, Error> {
        Category::find(Scope::of(ctx), &slug).await
    }
}
