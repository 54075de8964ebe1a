//! What Meilisearch holds of a product, and what it gives back.

use kernel::ward_centre;
use serde::{Deserialize, Serialize};

use super::super::engine::IndexedProduct;
use super::super::facets::{OCOP_STARS, price_ranges, range_name};
use super::super::words::folded;

/// The field in which Meilisearch looks for where a document is.
pub(super) const GEO: &str = "_geo";

/// The field that names a document.
pub(super) const PRIMARY_KEY: &str = "id";

/// A product in the index. Only folded text is searched, so that Meilisearch need not guess the
/// language; the titles are there to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    id: String,
    title_vi: String,
    title_en: String,
    title_folded: String,
    text_folded: String,
    category_slugs: Vec<String>,
    shop_id: String,
    kind: &'static str,
    ward_code: String,
    ocop_stars: u32,
    /// Each number of stars that it has at least: what the facet counts.
    ocop_at_least: Vec<u32>,
    price_min: i64,
    price_max: i64,
    price_ranges: Vec<String>,
    in_stock: bool,
    travel_days: Vec<String>,
    rating: u32,
    created_at: i64,
    #[serde(rename = "_geo", skip_serializing_if = "Option::is_none")]
    geo: Option<Geo>,
}

/// Where a product is, in degrees, as Meilisearch wants it said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Geo {
    lat: f64,
    lng: f64,
}

impl Document {
    pub fn of(product: &IndexedProduct) -> Self {
        let other = [&product.description.vi, &product.description.en, &product.shop_name];
        let texts = other.into_iter().chain(&product.category_names);
        let texts = texts.chain(&product.attributes).chain(&product.skus);
        let (price_min, price_max) = (product.price_min.minor, product.price_max.minor);
        Self {
            id: product.id.to_string(),
            title_vi: product.title.vi.clone(),
            title_en: product.title.en.clone(),
            title_folded: joined([&product.title.vi, &product.title.en].into_iter()),
            text_folded: joined(texts),
            category_slugs: product.category_slugs.clone(),
            shop_id: product.shop_id.to_string(),
            kind: product.kind.as_str_name(),
            ward_code: product.ward_code.clone(),
            ocop_stars: product.ocop_stars,
            ocop_at_least: OCOP_STARS
                .into_iter()
                .filter(|stars| product.ocop_stars >= *stars)
                .collect(),
            price_min,
            price_max,
            price_ranges: price_ranges(price_min, price_max).map(range_name).collect(),
            in_stock: product.in_stock,
            travel_days: product.travel_days.clone(),
            rating: product.rating,
            created_at: product.created_at.micros(),
            geo: ward_centre(&product.ward_code)
                .map(|centre| Geo { lat: centre.latitude(), lng: centre.longitude() }),
        }
    }
}

/// The texts, folded; a full stop keeps the end of one from being read on into the next.
fn joined<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    let texts = texts.map(|text| folded(text)).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(". ")
}

/// What a hit gives back.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FoundDocument {
    pub id: String,
    pub title_vi: String,
    pub title_en: String,
}

/// The fields of [`FoundDocument`].
pub(super) const FOUND_FIELDS: [&str; 3] = ["id", "titleVi", "titleEn"];
