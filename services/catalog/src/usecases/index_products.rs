//! Keeps the search index as the products are.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use kernel::{ProductId, ShopId, Timestamp};
use proto::catalog as contract;
use sea_orm::{ConnectionTrait, DbErr};
use time::Date;

use crate::Catalog;
use crate::domain::calendar::{day_at, day_text};
use crate::domain::product::{Product, ProductKind};
use crate::search::IndexedProduct;
use crate::store;
use crate::store::category::{Category, with_ancestors};
use crate::store::shop::KnownShop;

/// Products read at once while the index is built anew.
const CHUNK: u64 = 500;

/// Puts products into the index, or takes out those that nobody may see.
pub async fn index_products(catalog: &Catalog, ids: Vec<ProductId>) -> anyhow::Result<()> {
    let db = catalog.0.database.reader();
    let found = store::product::by_ids(db, ids.iter().copied()).await?;
    let visible: Vec<Product> = found.into_iter().filter(|product| product.visible).collect();
    let gone: Vec<ProductId> =
        ids.into_iter().filter(|id| !visible.iter().any(|product| product.id == *id)).collect();
    let indexed = indexed(db, visible, catalog.0.clock.now()).await?;
    if !indexed.is_empty() {
        catalog.0.search.put(&indexed).await?;
    }
    if !gone.is_empty() {
        catalog.0.search.remove(&gone).await?;
    }
    Ok(())
}

/// Builds the index anew from all visible products; gives how many there are.
pub async fn reindex(catalog: &Catalog) -> anyhow::Result<u64> {
    let all = visible_products(catalog.clone());
    Ok(catalog.0.search.replace_all(all).await?)
}

/// Builds the index if it is empty and there are products: after a first start, or a lost index.
pub async fn fill_empty_index(catalog: &Catalog) -> anyhow::Result<()> {
    if !catalog.0.search.is_empty().await? {
        return Ok(());
    }
    if store::product::visible_after(catalog.0.database.reader(), None, 1).await?.is_empty() {
        return Ok(());
    }
    let count = reindex(catalog).await?;
    tracing::info!(count, "the search index was empty and has been built");
    Ok(())
}

/// All visible products, in chunks. A chunk that cannot be read ends the stream; it is logged.
fn visible_products(catalog: Catalog) -> BoxStream<'static, Vec<IndexedProduct>> {
    let chunks = stream::unfold(Some(None::<ProductId>), move |place| {
        let catalog = catalog.clone();
        async move {
            let after = place?;
            let db = catalog.0.database.reader();
            let read = async {
                let products = store::product::visible_after(db, after, CHUNK).await?;
                let last = products.last().map(|product| product.id);
                let now = catalog.0.clock.now();
                Ok::<_, DbErr>((indexed(db, products, now).await?, last))
            };
            match read.await {
                Ok((chunk, Some(last))) => Some((chunk, Some(Some(last)))),
                Ok((_, None)) => None,
                Err(error) => {
                    tracing::error!(%error, "products could not be read for the index");
                    None
                }
            }
        }
    });
    chunks.boxed()
}

async fn indexed(
    db: &impl ConnectionTrait,
    products: Vec<Product>,
    now: Timestamp,
) -> Result<Vec<IndexedProduct>, DbErr> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let categories = store::category::all(db).await?;
    let shops = store::shop::by_ids(db, products.iter().map(|product| product.shop.uuid())).await?;
    let shops: HashMap<ShopId, KnownShop> = shops.into_iter().map(|shop| (shop.id, shop)).collect();
    let mut travel_days = travel_days(db, &products, now).await?;
    let document = |product: Product| {
        let days = travel_days.remove(&product.id).unwrap_or_default();
        document(product, &categories, &shops, days)
    };
    Ok(products.into_iter().map(document).collect())
}

/// The days on which tours have a seat for sale.
async fn travel_days(
    db: &impl ConnectionTrait,
    products: &[Product],
    now: Timestamp,
) -> Result<HashMap<ProductId, BTreeSet<Date>>, DbErr> {
    let tours = products.iter().filter(|product| product.kind == ProductKind::Tour);
    let tours: Vec<ProductId> = tours.map(|product| product.id).collect();
    let mut days: HashMap<ProductId, BTreeSet<Date>> = HashMap::new();
    for (product, start) in store::departure::starts_for_sale(db, &tours, now).await? {
        days.entry(product).or_default().insert(day_at(start));
    }
    Ok(days)
}

fn document(
    product: Product,
    categories: &[Category],
    shops: &HashMap<ShopId, KnownShop>,
    travel_days: BTreeSet<Date>,
) -> IndexedProduct {
    let (price_min, price_max) = product.price_range();
    let above = with_ancestors(categories, &product.category);
    IndexedProduct {
        id: product.id,
        shop_id: product.shop,
        shop_name: shops.get(&product.shop).map(|shop| shop.name.clone()).unwrap_or_default(),
        category_slugs: above.iter().map(|category| category.slug.clone()).collect(),
        category_names: above
            .iter()
            .flat_map(|category| [category.name.vi.clone(), category.name.en.clone()])
            .collect(),
        kind: match product.kind {
            ProductKind::Goods => contract::ProductKind::Goods,
            ProductKind::Tour => contract::ProductKind::Tour,
        },
        ward_code: product.ward_code,
        ocop_stars: product.ocop_stars,
        price_min,
        price_max,
        // Of a tour only seats on departures are sold, whatever its variants say.
        in_stock: match product.kind {
            ProductKind::Goods => product.variants.iter().any(|variant| variant.available() > 0),
            ProductKind::Tour => !travel_days.is_empty(),
        },
        travel_days: travel_days.into_iter().map(day_text).collect(),
        rating: u32::try_from(product.rating.hundredths()).unwrap_or(0),
        created_at: product.created_at,
        attributes: product.attributes.into_iter().map(|(_, value)| value).collect(),
        skus: product.variants.into_iter().map(|variant| variant.sku).collect(),
        title: product.title,
        description: product.description,
    }
}
