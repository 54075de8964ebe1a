//! Products with their variants: two statements, however many there are.

use std::collections::{BTreeSet, HashMap};

use kernel::{LocalizedText, ProductId, ShopId, ShopScope, Timestamp, VariantId};
use platform::bulk::is_any;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};
use uuid::Uuid;

use super::entities::products::{Column, Entity, Model};
use super::{column_of, corrupt, image, texts_of, variant};
use crate::domain::product::{Product, ProductKind};
use crate::domain::review::Rating;

/// Inserts a product with its variants.
pub async fn insert(tx: &impl ConnectionTrait, product: &Product) -> Result<(), DbErr> {
    Entity::insert(row_of(product)?.into_active_model()).exec_without_returning(tx).await?;
    variant::insert(tx, product).await
}

/// Writes a product over what was there before, which is locked with its variants; `new` are the
/// variants that were not.
pub async fn update(
    tx: &impl ConnectionTrait,
    before: &Product,
    product: &Product,
    new: &[VariantId],
) -> Result<(), DbErr> {
    write(tx, product).await?;
    variant::update(tx, before, product, new).await
}

/// Writes a product without its variants.
pub async fn write(tx: &impl ConnectionTrait, product: &Product) -> Result<(), DbErr> {
    let mut changed = row_of(product)?.into_active_model().reset_all();
    changed.id = ActiveValue::Unchanged(product.id.uuid());
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Products by their ids, in no order.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<Vec<Product>, DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().map(ProductId::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find().filter(is_any(db, Column::Id, ids)).all(db).await?;
    with_variants(db, rows).await
}

/// Products by their ids, in no order, without their variants and their descriptions: for offers, whose
/// variants are known. One statement.
pub async fn without_variants(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<Vec<Product>, DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().map(ProductId::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let long = [Column::DescriptionVi, Column::DescriptionEn];
    let short = Column::iter()
        .filter(|column| !matches!(column, Column::DescriptionVi | Column::DescriptionEn));
    let mut select = Entity::find().select_only().columns(short);
    for column in long {
        select = select.expr_as(Expr::cust("''"), column);
    }
    let rows = select.filter(is_any(db, Column::Id, ids)).all(db).await?;
    rows.into_iter().map(|row| product_of(row, Vec::new())).collect()
}

/// Which products everybody sees.
pub async fn visible_of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<HashMap<ProductId, bool>, DbErr> {
    let ids: BTreeSet<Uuid> = ids.into_iter().map(ProductId::uuid).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, bool)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Visible])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, visible)| (ProductId::from_uuid(id), visible)).collect())
}

/// A visible product by its address.
pub async fn by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Product>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Slug.eq(slug))
        .filter(Column::Visible.eq(true))
        .all(db)
        .await?;
    Ok(with_variants(db, rows).await?.pop())
}

/// Whether an address is taken.
pub async fn slug_taken(db: &impl ConnectionTrait, slug: &str) -> Result<bool, DbErr> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).one(db).await?.is_some())
}

/// Whether a shop has a product with a handle.
pub async fn handle_taken(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    handle: &str,
) -> Result<bool, DbErr> {
    let same = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::Handle.eq(handle));
    Ok(same.one(db).await?.is_some())
}

/// A shop's product, locked; `None` if it is not the shop's.
pub async fn lock(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: ProductId,
) -> Result<Option<Product>, DbErr> {
    let rows = Entity::find_by_id(id.uuid())
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(with_variants(tx, rows).await?.pop())
}

/// A product, locked, whosever it is: for what others say of it.
pub async fn lock_of_any_shop(
    tx: &impl ConnectionTrait,
    id: ProductId,
) -> Result<Option<Product>, DbErr> {
    let rows = Entity::find_by_id(id.uuid()).lock_exclusive().all(tx).await?;
    Ok(with_variants(tx, rows).await?.pop())
}

/// Products of whatever shops, locked in the order of their ids.
pub async fn lock_of_any_shops(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<Vec<Product>, DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().map(ProductId::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let locked = Entity::find().filter(is_any(tx, Column::Id, ids)).order_by_asc(Column::Id);
    let rows = locked.lock_exclusive().all(tx).await?;
    with_variants(tx, rows).await
}

/// Writes what the reviews of a locked product come to.
pub async fn rate(tx: &impl ConnectionTrait, id: ProductId, rating: Rating) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RatingSum, Expr::value(rating.sum))
        .col_expr(Column::RatingCount, Expr::value(rating.count))
        .col_expr(Column::Rating, Expr::value(rating.hundredths()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A shop's products with some handles, locked, and their variants with them: each in the order of
/// their ids, as everybody locks who changes products, stock or prices.
pub async fn lock_by_handles(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    handles: impl IntoIterator<Item = String>,
) -> Result<Vec<Product>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::Handle.is_in(handles))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    variant::lock_of_products(tx, rows.iter().map(|row| row.id)).await?;
    with_variants(tx, rows).await
}

/// A shop's products that have a variant with one of these SKUs, locked alike.
pub async fn lock_by_skus(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    skus: Vec<String>,
) -> Result<Vec<Product>, DbErr> {
    let ids = variant::products_with_skus(tx, scope, skus).await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    variant::lock_of_products(tx, rows.iter().map(|row| row.id)).await?;
    with_variants(tx, rows).await
}

/// Shows or hides all of a shop's published products; gives those whose visibility changed.
pub async fn set_visible(
    tx: &impl ConnectionTrait,
    shop: ShopId,
    approved: bool,
) -> Result<Vec<ProductId>, DbErr> {
    let changing = Entity::find()
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::Published.eq(true))
        .filter(Column::Visible.eq(!approved))
        .all(tx)
        .await?;
    let ids: Vec<Uuid> = changing.into_iter().map(|row| row.id).collect();
    for chunk in ids.chunks(500) {
        Entity::update_many()
            .col_expr(Column::Visible, Expr::value(approved))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(ids.into_iter().map(ProductId::from_uuid).collect())
}

/// The products of a shop that everybody sees.
pub async fn visible_of_shop(
    db: &impl ConnectionTrait,
    shop: ShopId,
) -> Result<Vec<ProductId>, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::Visible.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(ProductId::from_uuid).collect())
}

/// The next visible products behind one, in the order of their ids: for building the index.
pub async fn visible_after(
    db: &impl ConnectionTrait,
    after: Option<ProductId>,
    limit: u64,
) -> Result<Vec<Product>, DbErr> {
    let mut select =
        Entity::find().filter(Column::Visible.eq(true)).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    let rows = select.all(db).await?;
    let mut products = with_variants(db, rows).await?;
    products.sort_by_key(|product| product.id);
    Ok(products)
}

/// Addresses of the visible products from one on, the oldest first, with when they were changed.
pub async fn published(
    db: &impl ConnectionTrait,
    from: ProductId,
    limit: u64,
) -> Result<Vec<(String, Timestamp)>, DbErr> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .columns([Column::Slug, Column::UpdatedAt])
        .filter(Column::Visible.eq(true))
        .filter(Column::Id.gte(from.uuid()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(slug, at)| (slug, Timestamp::from_micros(at))).collect())
}

/// The first of each page of visible products, the oldest first. One walk along an index for all pages: to
/// skip what stands before a page, each would walk as far.
pub async fn page_begins(db: &impl ConnectionTrait, size: u32) -> Result<Vec<ProductId>, DbErr> {
    let question = "SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM products WHERE visible
        ) numbered WHERE (place - 1) % $1 = 0 ORDER BY id";
    let size = Value::from(i64::from(size));
    let asked = Statement::from_sql_and_values(db.get_database_backend(), question, [size]);
    let rows = db.query_all_raw(asked).await?;
    rows.iter().map(|row| Ok(ProductId::from_uuid(row.try_get_by_index(0)?))).collect()
}

/// Adds their variants to rows of products, keeping the order.
pub async fn with_variants(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<Product>, DbErr> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut variants = variant::of_products(db, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let own = variants.remove(&row.id).unwrap_or_default();
            product_of(row, own)
        })
        .collect()
}

fn product_of(
    row: Model,
    variants: Vec<crate::domain::product::Variant>,
) -> Result<Product, DbErr> {
    Ok(Product {
        id: ProductId::from_uuid(row.id),
        shop: ShopId::from_uuid(row.shop_id),
        kind: if row.kind == ProductKind::Tour.name() {
            ProductKind::Tour
        } else {
            ProductKind::Goods
        },
        option_names: texts_of(&row.option_names)?,
        attributes: serde_json::from_str(&row.attributes).map_err(|_| corrupt("attributes"))?,
        handle: row.handle,
        slug: row.slug,
        title: LocalizedText::new(row.title_vi, row.title_en),
        description: LocalizedText::new(row.description_vi, row.description_en),
        category: row.category_slug,
        unit: row.unit,
        ward_code: row.ward_code,
        ocop_stars: row.ocop_stars as u32,
        published: row.published,
        visible: row.visible,
        rating: Rating { sum: row.rating_sum, count: row.rating_count },
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        images: image::images_of(&row.images)?,
        variants,
    })
}

fn row_of(product: &Product) -> Result<Model, DbErr> {
    let (lowest, highest) = product.price_range();
    Ok(Model {
        id: product.id.uuid(),
        shop_id: product.shop.uuid(),
        handle: product.handle.clone(),
        slug: product.slug.clone(),
        kind: product.kind.name().to_owned(),
        title_vi: product.title.vi.clone(),
        title_en: product.title.en.clone(),
        folded: product.folded(),
        description_vi: product.description.vi.clone(),
        description_en: product.description.en.clone(),
        category_slug: product.category.clone(),
        unit: product.unit.clone(),
        option_names: column_of(&product.option_names),
        attributes: serde_json::to_string(&product.attributes)
            .map_err(|_| corrupt("attributes"))?,
        ward_code: product.ward_code.clone(),
        ocop_stars: i64::from(product.ocop_stars),
        published: product.published,
        visible: product.visible,
        price_min: lowest.minor,
        price_max: highest.minor,
        created_at: product.created_at.micros(),
        updated_at: product.updated_at.micros(),
        images: image::column_of(&product.images)?,
        rating_sum: product.rating.sum,
        rating_count: product.rating.count,
        rating: product.rating.hundredths(),
    })
}
