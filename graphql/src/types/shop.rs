//! A shop, as everybody sees it.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;
use proto::catalog::{ListProductsRequest, ProductFilter as ProtoFilter};

use super::enums::{ProductSort, ShopKind};
use super::moment::Moment;
use super::place::Ward;
use super::product::Product;
use super::text::{given, localized};
use crate::failure::Failure;
use crate::paging::{Connection, DEFAULT_FIRST};
use crate::queries::list_products;
use crate::scope::Scope;

/// A shop, as everybody sees it.
pub struct Shop {
    shop: Arc<proto::accounts::Shop>,
    locale: Locale,
}

impl Shop {
    /// A shop of accounts, in a language.
    pub const fn of(shop: Arc<proto::accounts::Shop>, locale: Locale) -> Self {
        Self { shop, locale }
    }

    /// The shop of something that has one.
    pub async fn load(scope: &Scope, id: &str) -> Result<Self, Error> {
        let shop = scope.loaders.shops.get(id).await.map_err(|status| scope.failed(&status))?;
        let shop = shop.ok_or_else(|| scope.refuse(Failure::fault("a shop is gone", &id)))?;
        Ok(Self::of(shop, scope.locale))
    }
}

/// A shop, as everybody sees it.
#[Object]
impl Shop {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.shop.id.clone())
    }

    /// The last part of its page's address.
    async fn slug(&self) -> &str {
        &self.shop.slug
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.shop.name
    }

    /// What it is by law.
    async fn kind(&self) -> Result<ShopKind, Error> {
        ShopKind::of(self.shop.kind)
    }

    /// What it says of itself.
    async fn about(&self) -> Option<&str> {
        given(localized(self.shop.about.as_ref(), self.locale))
    }

    /// Where it is.
    async fn ward(&self, ctx: &Context<'_>) -> Result<Option<Ward>, Error> {
        Ward::find(Scope::of(ctx), &self.shop.ward_code).await
    }

    /// House number, street, hamlet.
    async fn address(&self) -> Option<&str> {
        given(&self.shop.address)
    }

    /// Its telephone number (E.164).
    async fn phone(&self) -> Option<&str> {
        given(&self.shop.phone)
    }

    /// When it was opened.
    async fn created_at(&self) -> Moment {
        Moment::of(self.shop.created_at)
    }

    /// What it sells.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.", default_with = "ProductSort::Newest")] sort: ProductSort,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Product>, Error> {
        let filter = ProtoFilter { shop_id: self.shop.id.clone(), ..ProtoFilter::default() };
        let request = ListProductsRequest { filter: Some(filter), sort: sort.number(), page: None };
        list_products(Scope::of(ctx), request, first, after).await
    }
}
