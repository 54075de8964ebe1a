//! `/sitemap.xml`: what search engines may find, an index of maps (sitemaps.org, protocol 0.9).
//!
//! Maps are written when they are asked for and kept for an hour: reading a hundred thousand addresses must
//! not be repeated for everybody who asks.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use proto::accounts::{ListShopsRequest, ShopStatus};
use proto::catalog::ListPublishedRequest;
use proto::common::{Empty, PageRequest};
use time::OffsetDateTime;
use tonic::{Code, Status};

use crate::gateway::Inner;
use crate::http::rate;

/// How old a map may be.
const KEPT_FOR: Duration = Duration::from_hours(1);
/// Bytes of the maps that are kept.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;
/// Addresses of a map at most (sitemaps.org).
const MAX_ADDRESSES: usize = 50_000;
/// Shops of a page.
const SHOPS_PAGE: u32 = 100;

const BEGIN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

/// The maps that were asked for lately.
pub struct Sitemaps {
    kept: moka::future::Cache<Map, Bytes>,
    /// The first product of each map of products.
    begins: moka::future::Cache<(), Arc<Vec<String>>>,
}

impl Default for Sitemaps {
    fn default() -> Self {
        let weigh = |_: &Map, text: &Bytes| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let kept = moka::future::Cache::builder().max_capacity(KEPT_BYTES).weigher(weigh);
        let begins = moka::future::Cache::builder().max_capacity(1);
        Self {
            kept: kept.time_to_live(KEPT_FOR).build(),
            begins: begins.time_to_live(KEPT_FOR).build(),
        }
    }
}

/// One of the maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Map {
    /// Of the other maps.
    Index,
    /// The front page and the stalls.
    Stalls,
    /// Approved shops.
    Shops,
    /// Products that everybody sees: a part of them, from 1.
    Products(u32),
}

impl Map {
    fn named(name: &str) -> Option<Self> {
        match name {
            "stalls.xml" => Some(Self::Stalls),
            "shops.xml" => Some(Self::Shops),
            _ => {
                let number = name.strip_prefix("products-")?.strip_suffix(".xml")?;
                number.parse().ok().filter(|number| *number > 0).map(Self::Products)
            }
        }
    }

    /// Writes the map; one that there is not is not found.
    async fn write(self, gateway: &Inner) -> Result<Bytes, Status> {
        let site = gateway.settings.public_url.as_str();
        let text = match self {
            Self::Index => index(site, product_maps(gateway).await?.len()),
            Self::Stalls => map_of(stalls(gateway).await?),
            Self::Shops => map_of(shops(gateway).await?),
            Self::Products(number) => {
                let begins = product_maps(gateway).await?;
                let place = (number as usize).checked_sub(1);
                let from = place.and_then(|place| begins.get(place));
                let from = from.ok_or_else(|| Status::not_found("no such map"))?;
                map_of(products(gateway, from).await?)
            }
        };
        Ok(Bytes::from(text))
    }
}

/// An address, and when what it shows was changed, if that is known.
type Place = (String, Option<i64>);

/// The routes of the maps, with the bound per address around them.
pub fn routes(gateway: Arc<Inner>) -> Router {
    Router::new()
        .route("/sitemap.xml", get(whole))
        .route("/sitemap/{name}", get(part))
        .route_layer(from_fn_with_state(Arc::clone(&gateway), rate::limit_maps))
        .with_state(gateway)
}

async fn whole(State(gateway): State<Arc<Inner>>) -> Response {
    answer(&gateway, Map::Index).await
}

async fn part(State(gateway): State<Arc<Inner>>, Path(name): Path<String>) -> Response {
    match Map::named(&name) {
        Some(map) => answer(&gateway, map).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn answer(gateway: &Inner, map: Map) -> Response {
    // Those who ask meanwhile wait for the one that is written.
    match gateway.sitemaps.kept.try_get_with(map, map.write(gateway)).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/xml; charset=utf-8"),
                (header::CACHE_CONTROL, "public, max-age=3600"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, text).into_response()
        }
        Err(status) if status.code() == Code::NotFound => StatusCode::NOT_FOUND.into_response(),
        Err(status) => {
            tracing::warn!(%status, "a sitemap cannot be written");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The first product of each map of products. Maps that are written within the hour begin where they did.
async fn product_maps(gateway: &Inner) -> Result<Arc<Vec<String>>, Status> {
    let ask = async {
        let asked = ListPublishedRequest { from_id: String::new() };
        let told = gateway.catalog.clone().list_published(asked).await?;
        Ok::<Arc<Vec<String>>, Status>(Arc::new(told.into_inner().page_begins))
    };
    let begins = gateway.sitemaps.begins.try_get_with((), ask).await;
    begins.map_err(|status: Arc<Status>| Status::clone(&status))
}

async fn products(gateway: &Inner, from: &str) -> Result<Vec<Place>, Status> {
    let site = &gateway.settings.public_url;
    let asked = ListPublishedRequest { from_id: from.to_owned() };
    let found = gateway.catalog.clone().list_published(asked).await?;
    let found = found.into_inner().products.into_iter().take(MAX_ADDRESSES);
    let place = |slug: String, at| (format!("{site}/p/{slug}"), Some(at));
    Ok(found.map(|product| place(product.slug, product.updated_at)).collect())
}

async fn stalls(gateway: &Inner) -> Result<Vec<Place>, Status> {
    let site = &gateway.settings.public_url;
    let found = gateway.catalog.clone().list_categories(Empty {}).await?.into_inner().categories;
    let stalls = found.into_iter().map(|one| format!("{site}/search?category={}", one.slug));
    let all = std::iter::once(format!("{site}/")).chain(stalls).take(MAX_ADDRESSES);
    Ok(all.map(|address| (address, None)).collect())
}

async fn shops(gateway: &Inner) -> Result<Vec<Place>, Status> {
    let site = &gateway.settings.public_url;
    let mut places = Vec::new();
    let mut after = String::new();
    while places.len() < MAX_ADDRESSES {
        let page = Some(PageRequest { first: SHOPS_PAGE, after });
        let request = ListShopsRequest { status: ShopStatus::Approved.into(), page };
        let found = gateway.accounts.clone().list_shops(request).await?.into_inner();
        places
            .extend(found.shops.into_iter().map(|shop| (format!("{site}/s/{}", shop.slug), None)));
        let page = found.page.unwrap_or_default();
        match page.cursors.into_iter().next_back() {
            Some(last) if page.has_next => after = last,
            _ => break,
        }
    }
    Ok(places)
}

fn index(site: &str, product_maps: usize) -> String {
    let site = escaped(site);
    let mut text = format!("{BEGIN}<sitemapindex {NAMESPACE}>\n");
    let products = (1..=product_maps).map(|number| format!("products-{number}"));
    for name in ["stalls".to_owned(), "shops".to_owned()].into_iter().chain(products) {
        // Writing into a text cannot fail.
        let _ = writeln!(text, "<sitemap><loc>{site}/sitemap/{name}.xml</loc></sitemap>");
    }
    text.push_str("</sitemapindex>\n");
    text
}

fn map_of(places: Vec<Place>) -> String {
    let mut text = format!("{BEGIN}<urlset {NAMESPACE}>\n");
    for (address, changed_at) in places {
        let _ = write!(text, "<url><loc>{}</loc>", escaped(&address));
        if let Some(day) = changed_at.and_then(day_of) {
            let _ = write!(text, "<lastmod>{day}</lastmod>");
        }
        text.push_str("</url>\n");
    }
    text.push_str("</urlset>\n");
    text
}

/// The day of a moment in UTC, as `2026-12-01`.
fn day_of(micros: i64) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)).ok()?;
    let (year, month, day) = (moment.year(), u8::from(moment.month()), moment.day());
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// What stands for signs that mean something in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_has_one_name() {
        assert_eq!(Map::named("shops.xml"), Some(Map::Shops));
        assert_eq!(Map::named("products-12.xml"), Some(Map::Products(12)));
        for wrong in ["", "products-0.xml", "products-x.xml", "products-1", "../shops.xml"] {
            assert_eq!(Map::named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn signs_of_xml_in_an_address_do_not_end_it() {
        let text =
            map_of(vec![("https://cho.vn/?a=1&b=<x>".to_owned(), Some(1_800_000_000_000_000))]);
        assert!(text.contains(
            "<loc>https://cho.vn/?a=1&amp;b=&lt;x&gt;</loc><lastmod>2027-01-15</lastmod>"
        ));
    }
}
