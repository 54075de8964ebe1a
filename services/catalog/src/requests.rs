//! Contract words to domain words: pages, scopes, drafts, filters.

mod tours;

use kernel::{
    Coordinates, DepartureId, Page, PageRequest, ProductId, ShopId, ShopScope, VariantId,
};
use proto::catalog as contract;
use proto::common::{self, PageInfo, RefusalCode};
use proto::{Refused, parse_id, parse_money};
use time::Date;
use tonic::{Response, Status};

use crate::domain::calendar::{day_of, day_text};
use crate::domain::import::ImportFormat;
use crate::domain::near::{MAX_RADIUS_METRES, Near};
use crate::domain::product::{Product, ProductDraft, ProductKind, VariantDraft};
use crate::messages::{hold_message, product_message};
use crate::search::{MAX_DEPTH, SearchFilter};
use crate::store::listing::After;
use crate::usecases::search_products::Cursor;
use crate::usecases::settle_holds::Settled;

pub use tours::{departure_prices_of, tour_of};

type Answer<T> = Result<Response<T>, Status>;

/// What a search shall be narrowed to.
pub fn search_filter(filter: &contract::ProductFilter) -> Result<SearchFilter, Status> {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let shop_id =
        (!filter.shop_id.is_empty()).then(|| parse_id::<ShopId>(&filter.shop_id)).transpose()?;
    let kind = Some(filter.kind()).filter(|kind| *kind != contract::ProductKind::Unspecified);
    Ok(SearchFilter {
        category_slug: given(&filter.category_slug),
        shop_id,
        kind,
        price_min: filter.price_min.as_ref().map(|price| price.minor),
        price_max: filter.price_max.as_ref().map(|price| price.minor),
        ward_code: given(&filter.ward_code),
        in_stock: filter.in_stock,
        ocop_stars_min: filter.ocop_stars_min,
        travel_day: travel_day(&filter.travel_day)?.map(day_text),
        near: near(filter.near.as_ref())?,
        rating_min: filter.rating_min,
    })
}

/// Around which point products shall be, if one is said.
pub fn near(said: Option<&contract::Near>) -> Result<Option<Near>, Status> {
    let Some(said) = said else { return Ok(None) };
    let degrees = |micro: i32| f64::from(micro) / 1_000_000.0;
    let point =
        Coordinates::of_degrees(degrees(said.latitude_micro), degrees(said.longitude_micro));
    let is_in_reach = (1..=MAX_RADIUS_METRES).contains(&said.radius_metres);
    match point.filter(|_| is_in_reach) {
        Some(point) => Ok(Some(Near { point, radius_metres: said.radius_metres })),
        None => Err(Refused::new(RefusalCode::Invalid).at(&["filter", "near"]).into()),
    }
}

/// The day on which somebody wants to travel, if one is said.
pub fn travel_day(text: &str) -> Result<Option<Date>, Status> {
    let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&["filter", "travelDay"]));
    (!text.is_empty()).then(|| day_of(text).ok_or_else(invalid)).transpose()
}

/// The answer to a commit or a release.
pub fn hold_answer(mut settled: Settled) -> Answer<contract::Hold> {
    if !settled.refused.is_empty() {
        return Err(Refused::new(RefusalCode::HoldGone).into());
    }
    let hold = settled.holds.pop().ok_or_else(|| Status::not_found("no such hold"))?;
    Ok(Response::new(hold_message(&hold)))
}

/// A page of products with its cursors.
pub fn product_page(found: Vec<Product>, request: &PageRequest<After>) -> contract::ProductPage {
    let page = Page::from_rows(request, found);
    let cursors = page.items.iter().map(|product| {
        let (lowest, _) = product.price_range();
        format!("{}~{}", product.id, lowest.minor)
    });
    let info = PageInfo { has_next: page.has_next, cursors: cursors.collect(), total: -1 };
    contract::ProductPage {
        products: page.items.iter().map(product_message).collect(),
        page: Some(info),
    }
}

/// Which page is asked for: cursors are id and what the list is ordered by.
pub fn page_of(page: Option<&common::PageRequest>) -> Result<PageRequest<After>, Status> {
    let page = page.cloned().unwrap_or_default();
    let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&["after"]));
    let after = match page.after.split_once('~') {
        None if page.after.is_empty() => None,
        None => return Err(invalid()),
        Some((id, key)) => Some(After {
            id: id.parse().map_err(|_| invalid())?,
            key: key.parse().map_err(|_| invalid())?,
        }),
    };
    Ok(PageRequest::new(if page.first == 0 { 20 } else { page.first }, after))
}

/// Where a list of hits goes on: a place of the engine's list, or the key of a plain one.
pub fn search_cursor(text: &str) -> Result<Cursor, Status> {
    let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&["after"]));
    match text.split_once('~') {
        None if text.is_empty() => Ok(Cursor::Place(0)),
        None => {
            let place = text.parse().ok().filter(|place| *place <= MAX_DEPTH);
            place.map(Cursor::Place).ok_or_else(invalid)
        }
        Some((id, key)) => Ok(Cursor::Key(After {
            id: id.parse().map_err(|_| invalid())?,
            key: key.parse().map_err(|_| invalid())?,
        })),
    }
}

/// The text of a cursor of hits.
pub fn search_cursor_text(cursor: Cursor) -> String {
    match cursor {
        Cursor::Place(place) => place.to_string(),
        Cursor::Key(after) => format!("{}~{}", after.id, after.key),
    }
}

/// The shop that the caller was found to be a member of.
pub fn scope_of(shop: &str) -> Result<ShopScope, Status> {
    Ok(ShopScope::granted(parse_id::<ShopId>(shop)?))
}

/// The id of a product that an input names.
pub fn product_id(text: &str) -> Result<ProductId, Status> {
    text.parse().map_err(|_| Refused::new(RefusalCode::NotFound).at(&["productId"]).into())
}

/// The id of a variant that an input names.
pub fn variant_id(text: &str) -> Result<VariantId, Status> {
    text.parse().map_err(|_| Refused::new(RefusalCode::NotFound).at(&["variantId"]).into())
}

/// The id of a departure that an input names.
pub fn departure_id(text: &str) -> Result<DepartureId, Status> {
    text.parse().map_err(|_| Refused::new(RefusalCode::NotFound).at(&["departureId"]).into())
}

/// A kind of product, if one is said.
pub const fn kind_of(kind: contract::ProductKind) -> Option<ProductKind> {
    match kind {
        contract::ProductKind::Unspecified => None,
        contract::ProductKind::Goods => Some(ProductKind::Goods),
        contract::ProductKind::Tour => Some(ProductKind::Tour),
    }
}

/// How a file is written, if it is said.
pub const fn format_of(format: contract::ImportFormat) -> Option<ImportFormat> {
    match format {
        contract::ImportFormat::Unspecified => None,
        contract::ImportFormat::Chonoi => Some(ImportFormat::Chonoi),
        contract::ImportFormat::Shopify => Some(ImportFormat::Shopify),
        contract::ImportFormat::Kiotviet => Some(ImportFormat::Kiotviet),
        contract::ImportFormat::Sapo => Some(ImportFormat::Sapo),
    }
}

/// The product that shall be made.
pub fn draft_of(request: contract::CreateProductRequest) -> Result<ProductDraft, Status> {
    let kind = kind_of(request.kind()).unwrap_or_default();
    let mut variants = Vec::with_capacity(request.variants.len());
    for variant in request.variants {
        variants.push(VariantDraft {
            price: Some(parse_money(variant.price.as_ref())?),
            sku: variant.sku,
            barcode: variant.barcode,
            stock: Some(variant.stock),
            option_values: variant.option_values,
        });
    }
    Ok(ProductDraft {
        handle: String::new(),
        kind,
        title: request.title.unwrap_or_default().into(),
        description: request.description.unwrap_or_default().into(),
        category: request.category_slug,
        unit: request.unit,
        option_names: request.option_names,
        attributes: request.attributes.into_iter().map(|one| (one.name, one.value)).collect(),
        ward_code: request.ward_code,
        ocop_stars: request.ocop_stars,
        publish: request.publish,
        variants,
    })
}
