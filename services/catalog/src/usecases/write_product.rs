//! Writes a draft as a product: a new one, or over the one that the shop has under its handle.

use kernel::{Money, ProductId, ShopScope, Timestamp, TypedId, VariantId, slug};
use platform::database::Transaction;
use platform::{ids, outbox};
use proto::events::ProductChanged;
use proto::events::event::Body;
use sea_orm::DbErr;

use crate::domain::product::{Product, ProductDraft, ProductKind, Variant, VariantDraft};
use crate::domain::review::Rating;
use crate::store;

/// What became of a draft.
#[derive(Clone, Debug)]
pub enum Written {
    /// A new product.
    Created(Product),
    /// The product was changed.
    Updated(Product),
    /// The product was so already.
    Unchanged(Product),
}

/// Why a draft was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another product of the shop has the SKU.
    #[error("another product has the SKU {0}")]
    SkuTaken(String),
    /// A variant would hold less than is held for checkouts.
    #[error("{0} pieces are held")]
    StockHeld(i64),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// The event that tells of a changed product.
pub fn changed(product: &Product) -> (String, Body) {
    let body =
        ProductChanged { product_id: product.id.to_string(), shop_id: product.shop.to_string() };
    (product.id.to_string(), Body::ProductChanged(body))
}

/// Writes a draft that was found to be sound, and tells of it. What exists is locked with its variants,
/// and its shop before it.
pub async fn write_product(
    tx: &Transaction,
    scope: ShopScope,
    draft: ProductDraft,
    existing: Option<Product>,
    now: Timestamp,
) -> Result<Written, WriteError> {
    let written = write_silently(tx, scope, draft, existing, now).await?;
    if let Written::Created(product) | Written::Updated(product) = &written {
        outbox::publish_all(tx, now, [changed(product)]).await?;
    }
    Ok(written)
}

/// The same, without telling of it: for trying.
pub async fn write_silently(
    tx: &Transaction,
    scope: ShopScope,
    draft: ProductDraft,
    existing: Option<Product>,
    now: Timestamp,
) -> Result<Written, WriteError> {
    let id = existing.as_ref().map_or_else(ids::new::<ProductId>, |product| product.id);
    let skus: Vec<String> = draft
        .variants
        .iter()
        .map(|variant| variant.sku.clone())
        .filter(|sku| !sku.is_empty())
        .collect();
    if let Some(taken) =
        store::variant::skus_taken(tx, scope, &skus, id.uuid()).await?.into_iter().next()
    {
        return Err(WriteError::SkuTaken(taken));
    }
    match existing {
        None => create(tx, scope, id, draft, now).await.map(Written::Created),
        Some(before) => update(tx, before, draft, now).await,
    }
}

async fn create(
    tx: &Transaction,
    scope: ShopScope,
    id: ProductId,
    draft: ProductDraft,
    now: Timestamp,
) -> Result<Product, WriteError> {
    let shop = store::shop::lock(tx, scope.shop()).await?;
    let address = free_slug(tx, &draft.title.vi, id).await?;
    let handle = if draft.handle.is_empty() {
        free_handle(tx, scope, &address, id).await?
    } else {
        draft.handle
    };
    let ward_code =
        if draft.ward_code.is_empty() { shop.ward_code.clone() } else { draft.ward_code };
    let product = Product {
        id,
        shop: scope.shop(),
        handle,
        slug: address,
        kind: draft.kind,
        title: draft.title,
        description: draft.description,
        category: draft.category,
        unit: draft.unit,
        option_names: draft.option_names,
        attributes: draft.attributes,
        ward_code,
        ocop_stars: draft.ocop_stars,
        published: draft.publish,
        visible: draft.publish && shop.approved,
        rating: Rating::default(),
        created_at: now,
        updated_at: now,
        variants: draft.variants.into_iter().map(new_variant).collect(),
        images: Vec::new(),
    };
    store::product::insert(tx, &product).await?;
    Ok(product)
}

async fn update(
    tx: &Transaction,
    before: Product,
    draft: ProductDraft,
    now: Timestamp,
) -> Result<Written, WriteError> {
    let mut after = before.clone();
    (after.kind, after.title, after.description) = (draft.kind, draft.title, draft.description);
    (after.category, after.unit) = (draft.category, draft.unit);
    (after.option_names, after.ocop_stars) = (draft.option_names, draft.ocop_stars);
    if !draft.ward_code.is_empty() {
        after.ward_code = draft.ward_code;
    }
    // Of a written tour the tickets have prices, and a file cannot make goods of it.
    let written =
        before.kind == ProductKind::Tour && store::tour::is_written(tx, before.id).await?;
    if written {
        after.kind = ProductKind::Tour;
    }
    let mut new = Vec::new();
    for (index, mut wanted) in draft.variants.into_iter().enumerate() {
        let place = place_of(&after, &wanted, index);
        if written {
            // No price leaves that of a variant which is there.
            let first = before.variants.first().map(|variant| variant.price);
            wanted.price = if place.is_some() { None } else { first };
        }
        match place.and_then(|place| after.variants.get_mut(place)) {
            Some(variant) => change_variant(variant, wanted)?,
            None => {
                let variant = new_variant(wanted);
                new.push(variant.id);
                after.variants.push(variant);
            }
        }
    }
    if after == before {
        return Ok(Written::Unchanged(before));
    }
    let moved = before.variants.iter().filter(|earlier| {
        let later = after.variants.iter().find(|later| later.id == earlier.id);
        later.is_some_and(|later| later.sku != earlier.sku)
    });
    let moved: Vec<VariantId> = moved.map(|variant| variant.id).collect();
    store::variant::free_skus(tx, &moved).await?;
    after.updated_at = now;
    store::product::update(tx, &before, &after, &new).await?;
    Ok(Written::Updated(after))
}

/// Which variant a line of a file means: the one with its SKU, else the one with its options.
fn place_of(product: &Product, wanted: &VariantDraft, index: usize) -> Option<usize> {
    let by_sku = |variant: &Variant| !wanted.sku.is_empty() && variant.sku == wanted.sku;
    let by_options = |variant: &Variant| variant.option_values == wanted.option_values;
    product
        .variants
        .iter()
        .position(by_sku)
        .or_else(|| product.variants.iter().position(by_options))
        .or({
            // A product without options has one variant, whatever its SKU was.
            (product.option_names.is_empty() && index == 0 && product.variants.len() == 1)
                .then_some(0)
        })
}

fn change_variant(variant: &mut Variant, wanted: VariantDraft) -> Result<(), WriteError> {
    if !wanted.sku.is_empty() {
        variant.sku = wanted.sku;
    }
    variant.barcode = wanted.barcode;
    variant.option_values = wanted.option_values;
    if let Some(price) = wanted.price {
        variant.price = price;
    }
    if let Some(stock) = wanted.stock {
        if stock < variant.held {
            return Err(WriteError::StockHeld(variant.held));
        }
        variant.on_hand = stock;
    }
    Ok(())
}

fn new_variant(draft: VariantDraft) -> Variant {
    let id: VariantId = ids::new();
    let made_up = || format!("SP-{}", last_letters(id, 10).to_uppercase());
    Variant {
        id,
        sku: if draft.sku.is_empty() { made_up() } else { draft.sku },
        barcode: draft.barcode,
        price: draft.price.unwrap_or(Money::vnd(1)),
        on_hand: draft.stock.unwrap_or(0),
        held: 0,
        option_values: draft.option_values,
    }
}

/// The address of a product: of its name, and a little of its id where that is taken.
async fn free_slug(tx: &Transaction, title: &str, id: ProductId) -> Result<String, DbErr> {
    let named: String = slug(title).chars().take(80).collect();
    let named = if named.is_empty() { "san-pham".to_owned() } else { named };
    if store::product::slug_taken(tx, &named).await? {
        return Ok(format!("{named}-{}", last_letters(id, 8)));
    }
    Ok(named)
}

/// The shop's own name of a product that was given none: its address, or something like it where a file
/// named another product so.
async fn free_handle(
    tx: &Transaction,
    scope: ShopScope,
    address: &str,
    id: ProductId,
) -> Result<String, DbErr> {
    if store::product::handle_taken(tx, scope, address).await? {
        return Ok(format!("{address}-{}", last_letters(id, 8)));
    }
    Ok(address.to_owned())
}

/// The last letters of an id: its random ones.
fn last_letters(id: impl TypedId, count: usize) -> String {
    let text = id.to_string();
    text[text.len() - count..].to_owned()
}
