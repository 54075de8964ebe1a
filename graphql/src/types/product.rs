//! Products and their variants.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use kernel::Locale;

use super::attributes::{Attribute, VariantOption};
use super::category::Category;
use super::departure::{Departure, TravelDay};
use super::enums::ProductKind;
use super::moment::Moment;
use super::money::Money;
use super::picture::Picture;
use super::place::Ward;
use super::review::ProductRating;
use super::shop::Shop;
use super::text::{LocalizedText, given, localized};
use super::tour::Tour;
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::queries::{departures_page, list_departures};
use crate::scope::Scope;

/// A product.
pub struct Product {
    product: Arc<proto::catalog::Product>,
    locale: Locale,
}

impl Product {
    /// A product of catalog, in a language.
    pub const fn of(product: Arc<proto::catalog::Product>, locale: Locale) -> Self {
        Self { product, locale }
    }
}

impl Product {
    fn is_tour(&self) -> bool {
        self.product.kind() == proto::catalog::ProductKind::Tour
    }

    async fn departures_between(
        &self,
        scope: &Scope,
        from: String,
        to: String,
    ) -> Result<Vec<proto::tours::Departure>, Error> {
        if !self.is_tour() {
            return Ok(Vec::new());
        }
        list_departures(scope, self.product.id.clone(), None, from, to).await
    }
}

/// The texts of a product in every language, for who edits them.
#[derive(SimpleObject)]
pub struct ProductTranslations {
    /// Its name.
    title: LocalizedText,
    /// What it is.
    description: LocalizedText,
}

/// A product.
#[Object]
impl Product {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.product.id.clone())
    }

    /// The last part of its page's address.
    async fn slug(&self) -> &str {
        &self.product.slug
    }

    /// What kind of thing it is.
    async fn kind(&self) -> Result<ProductKind, Error> {
        ProductKind::of(self.product.kind)
    }

    /// Its name.
    async fn title(&self) -> &str {
        localized(self.product.title.as_ref(), self.locale)
    }

    /// What it is.
    async fn description(&self) -> &str {
        localized(self.product.description.as_ref(), self.locale)
    }

    /// Its texts in every language, for who edits them.
    async fn translations(&self) -> ProductTranslations {
        ProductTranslations {
            title: LocalizedText::of(self.product.title.as_ref()),
            description: LocalizedText::of(self.product.description.as_ref()),
        }
    }

    /// The unit of its prices: kg, box.
    async fn unit(&self) -> &str {
        &self.product.unit
    }

    /// Names of the options that make its variants, at most 3.
    async fn options(&self) -> &[String] {
        &self.product.option_names
    }

    /// What is priced, stocked and bought.
    async fn variants(&self) -> Vec<Variant<'_>> {
        let names = &self.product.option_names;
        let of = |variant| Variant { variant, option_names: names, locale: self.locale };
        self.product.variants.iter().map(of).collect()
    }

    /// What is said of it besides.
    async fn attributes(&self) -> Vec<Attribute> {
        let attributes = self.product.attributes.iter();
        attributes
            .map(|one| Attribute { name: one.name.clone(), value: one.value.clone() })
            .collect()
    }

    /// The category that it stands in.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>, Error> {
        Category::find(Scope::of(ctx), &self.product.category_slug).await
    }

    /// Where it comes from; its shop's ward where nothing else is said.
    async fn ward(&self, ctx: &Context<'_>) -> Result<Option<Ward>, Error> {
        Ward::find(Scope::of(ctx), &self.product.ward_code).await
    }

    /// Stars of the programme One Commune One Product: 3 to 5, or 0 for none.
    async fn ocop_stars(&self) -> u32 {
        self.product.ocop_stars
    }

    /// What its reviews come to.
    async fn rating(&self) -> ProductRating {
        ProductRating::of(&self.product)
    }

    /// Whether its shop offers it.
    async fn published(&self) -> bool {
        self.product.published
    }

    /// Its pictures, one at least: its photos, else one that the market draws.
    async fn pictures(&self) -> Vec<Picture> {
        Picture::of_product(&self.product, self.locale)
    }

    /// The first of its pictures: what stands for it in lists.
    async fn picture(&self) -> Picture {
        Picture::first_of(&self.product, self.locale)
    }

    /// The photos that its shop put up, in their order; at most 8.
    async fn images(&self) -> Vec<Picture> {
        Picture::photos_of(&self.product, self.locale)
    }

    /// The least that it costs: the cheapest variant; of a tour the cheapest ticket that is not
    /// free. Nothing where nothing is sold yet.
    async fn price_from(&self, ctx: &Context<'_>) -> Result<Option<Money>, Error> {
        if self.is_tour() {
            let tour = Tour::find(Scope::of(ctx), &self.product.id).await?;
            return Ok(tour.and_then(|tour| tour.price_from()));
        }
        let prices = self.product.variants.iter().filter_map(|variant| variant.price.as_ref());
        let least = prices.min_by_key(|price| price.minor);
        Ok(least.map(|price| Money::of(Some(price), self.locale)))
    }

    /// What it is besides, if it is a tour that was described.
    async fn tour(&self, ctx: &Context<'_>) -> Result<Option<Tour>, Error> {
        if !self.is_tour() {
            return Ok(None);
        }
        Tour::find(Scope::of(ctx), &self.product.id).await
    }

    /// Its departures on some days of Vietnam's calendar, in order; none of goods.
    async fn departures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day: `2026-12-01`.")] from: String,
        #[graphql(desc = "The last day; at most 100 days.")] to: String,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Departure>, Error> {
        let scope = Scope::of(ctx);
        let found = self.departures_between(scope, from, to).await?;
        let page = page_request(scope, first, after)?;
        Ok(departures_page(&page, found, |one| Departure::of(one, scope.locale)))
    }

    /// The days of Vietnam's calendar on which it departs, with free seats and the least price; none
    /// of goods.
    async fn travel_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day: `2026-12-01`.")] from: String,
        #[graphql(desc = "The last day; at most 100 days.")] to: String,
    ) -> Result<Vec<TravelDay>, Error> {
        let scope = Scope::of(ctx);
        let found = self.departures_between(scope, from, to).await?;
        Ok(TravelDay::of(&found, scope.locale))
    }

    /// Whose it is.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Shop, Error> {
        Shop::load(Scope::of(ctx), &self.product.shop_id).await
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        Moment::of(self.product.created_at)
    }

    /// When it was changed last.
    async fn updated_at(&self) -> Moment {
        Moment::of(self.product.updated_at)
    }
}

/// A variant of a product: what is priced, stocked and bought.
pub struct Variant<'a> {
    variant: &'a proto::catalog::Variant,
    option_names: &'a [String],
    locale: Locale,
}

/// A variant of a product: what is priced, stocked and bought.
#[Object]
impl Variant<'_> {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.variant.id.clone())
    }

    /// The shop's own number for it.
    async fn sku(&self) -> &str {
        &self.variant.sku
    }

    /// Its barcode (GTIN), if it has one.
    async fn barcode(&self) -> Option<&str> {
        given(&self.variant.barcode)
    }

    /// The price of one.
    async fn price(&self) -> Money {
        Money::of(self.variant.price.as_ref(), self.locale)
    }

    /// How many can be bought now.
    async fn available(&self) -> i64 {
        self.variant.stock - self.variant.held
    }

    /// How many there are, those held for checkouts too.
    async fn stock(&self) -> i64 {
        self.variant.stock
    }

    /// The options that make it.
    async fn options(&self) -> Vec<VariantOption> {
        let named = self.option_names.iter().zip(&self.variant.option_values);
        named
            .map(|(name, value)| VariantOption { name: name.clone(), value: value.clone() })
            .collect()
    }
}
