//! Categories: the stalls of the market.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use proto::catalog::ListProductsRequest;

use super::enums::ProductSort;
use super::product::Product;
use super::product_filter::ProductFilter;
use super::text::LocalizedText;
use crate::paging::{Connection, DEFAULT_FIRST};
use crate::queries::list_products;
use crate::reference::Categories;
use crate::scope::Scope;

/// A category of products: a stall of the market.
pub struct Category {
    all: Arc<Categories>,
    category: proto::catalog::Category,
}

impl Category {
    /// All categories.
    pub async fn all(scope: &Scope) -> Result<Arc<Categories>, Error> {
        scope.reference.categories(&scope.catalog).await.map_err(|status| scope.failed(&status))
    }

    /// The category with a slug, if there is one.
    pub async fn find(scope: &Scope, slug: &str) -> Result<Option<Self>, Error> {
        let all = if slug.is_empty() { return Ok(None) } else { Self::all(scope).await? };
        Ok(all.get(slug).cloned().map(|category| Self { all, category }))
    }

    /// What is right below a category; at the top for an empty slug.
    pub fn below(all: &Arc<Categories>, slug: &str) -> Vec<Self> {
        let below = all.below(slug).cloned();
        below.map(|category| Self { all: Arc::clone(all), category }).collect()
    }
}

/// A category of products: a stall of the market.
#[Object]
impl Category {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.category.id.clone())
    }

    /// Its name in addresses and filters.
    async fn slug(&self) -> &str {
        &self.category.slug
    }

    /// Its name.
    async fn name(&self, ctx: &Context<'_>) -> String {
        Categories::name(&self.category, Scope::of(ctx).locale)
    }

    /// Its name in every language.
    async fn translations(&self) -> LocalizedText {
        LocalizedText::of(self.category.name.as_ref())
    }

    /// What it stands below; nothing at the top.
    async fn parent(&self) -> Option<Self> {
        let parent = self.all.get(&self.category.parent_slug)?.clone();
        Some(Self { all: Arc::clone(&self.all), category: parent })
    }

    /// What stands right below it.
    async fn children(&self) -> Vec<Self> {
        Self::below(&self.all, &self.category.slug)
    }

    /// The products in it and in all below it.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them; its own categorySlug counts for nothing.")] filter: Option<
            ProductFilter,
        >,
        #[graphql(desc = "The order.", default_with = "ProductSort::Newest")] sort: ProductSort,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Product>, Error> {
        let scope = Scope::of(ctx);
        let mut filter = filter.unwrap_or_default().read(scope)?;
        filter.category_slug.clone_from(&self.category.slug);
        let request = ListProductsRequest { filter: Some(filter), sort: sort.number(), page: None };
        list_products(scope, request, first, after).await
    }
}
