//! Domain words to contract words.

mod tours;

use kernel::Timestamp;
use prost::Message;
use proto::catalog as contract;

use crate::domain::hold::{Hold, HoldStatus};
use crate::domain::import::ImportFormat;
use crate::domain::product::{Product, ProductKind, Variant};
use crate::domain::product_image::{ProductImage, widths_of};
use crate::domain::review::Review;
use crate::store::category::Category;
use crate::store::import::{Import, ImportRow, ImportStatus, RowStatus};

pub use tours::{departure_message, ticket_offer_message, tour_message, waiting_entry_message};

/// A product.
pub fn product_message(product: &Product) -> contract::Product {
    contract::Product {
        id: product.id.to_string(),
        shop_id: product.shop.to_string(),
        slug: product.slug.clone(),
        kind: kind_message(product.kind).into(),
        title: Some(product.title.clone().into()),
        description: Some(product.description.clone().into()),
        category_slug: product.category.clone(),
        unit: product.unit.clone(),
        option_names: product.option_names.clone(),
        variants: product.variants.iter().map(variant_message).collect(),
        attributes: product
            .attributes
            .iter()
            .map(|(name, value)| contract::Attribute { name: name.clone(), value: value.clone() })
            .collect(),
        ward_code: product.ward_code.clone(),
        ocop_stars: product.ocop_stars,
        published: product.published,
        visible: product.visible,
        created_at: product.created_at.micros(),
        updated_at: product.updated_at.micros(),
        picture: picture_of(product),
        images: product.images.iter().map(image_message).collect(),
        rating: u32::try_from(product.rating.hundredths()).unwrap_or(0),
        rating_count: u32::try_from(product.rating.count).unwrap_or(u32::MAX),
    }
}

fn image_message(image: &ProductImage) -> contract::ProductImage {
    let files = widths_of(image.width)
        .map(|width| contract::ImageAddress { path: image.file_name(width), width });
    contract::ProductImage {
        id: image.id.to_string(),
        alt: Some(image.alt.clone().into()),
        width: image.width,
        height: image.height,
        files: files.collect(),
    }
}

/// A review.
pub fn review_message(review: &Review) -> contract::Review {
    let removal = review.removal.as_ref();
    contract::Review {
        id: review.id.to_string(),
        product_id: review.product.to_string(),
        rating: review.rating,
        text: review.text.clone(),
        author: review.author.clone(),
        created_at: review.created_at.micros(),
        updated_at: review.updated_at.micros(),
        removed_at: removal.map_or(0, |removal| removal.at.micros()),
        removed_because: removal.map(|removal| removal.because.clone()).unwrap_or_default(),
    }
}

const fn kind_message(kind: ProductKind) -> contract::ProductKind {
    match kind {
        ProductKind::Goods => contract::ProductKind::Goods,
        ProductKind::Tour => contract::ProductKind::Tour,
    }
}

fn variant_message(variant: &Variant) -> contract::Variant {
    contract::Variant {
        id: variant.id.to_string(),
        sku: variant.sku.clone(),
        barcode: variant.barcode.clone(),
        price: Some(variant.price.into()),
        stock: variant.on_hand,
        held: variant.held,
        option_values: variant.option_values.clone(),
    }
}

/// What a cart needs to know of a variant.
pub fn offer_message(product: &Product, variant: &Variant) -> contract::Offer {
    contract::Offer {
        variant_id: variant.id.to_string(),
        product_id: product.id.to_string(),
        shop_id: product.shop.to_string(),
        product_slug: product.slug.clone(),
        title: Some(product.title_of(variant).into()),
        sku: variant.sku.clone(),
        unit: product.unit.clone(),
        price: Some(variant.price.into()),
        available: if product.kind == ProductKind::Tour { 0 } else { variant.available() },
        // Of a tour only seats on departures are sold; its variant is there for its price in lists.
        for_sale: product.visible && product.kind != ProductKind::Tour,
        ticket: None,
        picture: thumbnail_of(product),
    }
}

/// Where the picture of a product is below `/media/`: its first photo, or a drawn one.
fn picture_of(product: &Product) -> String {
    let first = product.images.first();
    first.map_or_else(|| drawn_of(product), |image| image.file_name(image.width))
}

/// The same in small, for lines of carts.
fn thumbnail_of(product: &Product) -> String {
    let first = product.images.first();
    let narrowest = |image: &ProductImage| widths_of(image.width).min().unwrap_or(image.width);
    first.map_or_else(|| drawn_of(product), |image| image.file_name(narrowest(image)))
}

/// What the market draws of a product that has no photo.
fn drawn_of(product: &Product) -> String {
    let category = if product.category.is_empty() { "khac" } else { &product.category };
    format!("drawn/{category}/{}.svg", product.slug)
}

/// A category.
pub fn category_message(category: Category) -> contract::Category {
    contract::Category {
        id: category.id.to_string(),
        slug: category.slug,
        parent_slug: category.parent_slug,
        name: Some(category.name.into()),
        position: category.position,
    }
}

/// A hold, with the offers of the moment in which it was made.
pub fn hold_message(hold: &Hold) -> contract::Hold {
    let status = match hold.status {
        HoldStatus::Held => contract::HoldStatus::Held,
        HoldStatus::Committed => contract::HoldStatus::Committed,
        HoldStatus::Released => contract::HoldStatus::Released,
        HoldStatus::Expired => contract::HoldStatus::Expired,
    };
    let offers = contract::Offers::decode(hold.offers.as_slice()).unwrap_or_default().offers;
    let goods = hold.lines.iter().map(|line| (line.variant, line.quantity));
    let seats = hold.seats.iter().map(|line| (line.variant, line.quantity));
    let lines = goods.chain(seats).map(|(variant, quantity)| contract::HoldLine {
        variant_id: variant.to_string(),
        quantity,
    });
    contract::Hold {
        id: hold.id.to_string(),
        reference: hold.reference.clone(),
        status: status.into(),
        expires_at: hold.expires_at.micros(),
        offers,
        lines: lines.collect(),
    }
}

/// A run of an import.
pub fn import_message(import: &Import) -> contract::Import {
    let status = match import.status {
        ImportStatus::Queued => contract::ImportStatus::Queued,
        ImportStatus::Running => contract::ImportStatus::Running,
        ImportStatus::Finished => contract::ImportStatus::Finished,
        ImportStatus::Failed => contract::ImportStatus::Failed,
    };
    let [created, updated, unchanged, failed] = import.counts.map(|count| count as u32);
    contract::Import {
        id: import.id.to_string(),
        shop_id: import.shop.to_string(),
        status: status.into(),
        dry_run: import.dry_run,
        total: import.total as u32,
        done: import.done as u32,
        created,
        updated,
        unchanged,
        failed,
        created_at: import.created_at.micros(),
        finished_at: import.finished_at.map_or(0, Timestamp::micros),
        format: format_message(import.format).into(),
    }
}

/// How a file is written.
const fn format_message(format: ImportFormat) -> contract::ImportFormat {
    match format {
        ImportFormat::Chonoi => contract::ImportFormat::Chonoi,
        ImportFormat::Shopify => contract::ImportFormat::Shopify,
        ImportFormat::Kiotviet => contract::ImportFormat::Kiotviet,
        ImportFormat::Sapo => contract::ImportFormat::Sapo,
    }
}

/// The status of a row.
pub const fn row_status_message(status: RowStatus) -> contract::ImportRowStatus {
    match status {
        RowStatus::Created => contract::ImportRowStatus::RowCreated,
        RowStatus::Updated => contract::ImportRowStatus::RowUpdated,
        RowStatus::Unchanged => contract::ImportRowStatus::RowUnchanged,
        RowStatus::Failed => contract::ImportRowStatus::RowFailed,
    }
}

/// What became of a product of a file.
pub fn row_message(row: ImportRow) -> contract::ImportRow {
    let problems = row.problems.into_iter().map(|problem| contract::ImportProblem {
        line: problem.line,
        column: problem.column,
        code: problem.code.name().to_owned(),
        value: problem.value,
    });
    contract::ImportRow {
        line: row.line,
        status: row_status_message(row.status).into(),
        handle: row.handle,
        product_id: row.product.map(|id| id.to_string()).unwrap_or_default(),
        problems: problems.collect(),
    }
}
