//! Variants: reading them, and moving their stock.

use std::collections::{BTreeMap, HashMap};

use kernel::{ProductId, ShopScope, Timestamp, VariantId};
use platform::bulk::{self, is_any};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::stock_movements;
use super::entities::variants::{Column, Entity, Model};
use super::{column_of, money_of, texts_of};
use crate::domain::product::{Product, Variant};

/// Why a variant's first stock is there.
const OPENING: &str = "opening";
/// Why stock is another than before: a file or a form said how much there is.
const COUNTED: &str = "counted";

/// How much of each variant; in the order of their ids, so that everybody locks alike.
pub type Quantities = BTreeMap<VariantId, i64>;

/// A variant and the product it belongs to.
#[derive(Clone, Debug)]
pub struct OfProduct {
    /// Id of the product.
    pub product: Uuid,
    /// The variant.
    pub variant: Variant,
}

/// Variants by their ids.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = VariantId>,
) -> Result<Vec<OfProduct>, DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().map(VariantId::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .filter(is_any(db, Column::Id, ids))
        .all(db)
        .await?
        .into_iter()
        .map(of_product)
        .collect()
}

/// Variants, locked in the order of their ids.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = VariantId>,
) -> Result<Vec<OfProduct>, DbErr> {
    let rows = Entity::find()
        .filter(is_any(tx, Column::Id, ids.into_iter().map(VariantId::uuid).collect()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(of_product).collect()
}

/// The variants of products, in their order.
pub async fn of_products(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Variant>>, DbErr> {
    let mut found: HashMap<Uuid, Vec<Variant>> = HashMap::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(found);
    }
    let rows = Entity::find()
        .filter(is_any(db, Column::ProductId, ids.to_vec()))
        .order_by_asc(Column::Place)
        .all(db)
        .await?;
    for row in rows {
        found.entry(row.product_id).or_default().push(variant_of(row)?);
    }
    Ok(found)
}

/// Locks the variants of products, in the order of the variants' ids.
pub async fn lock_of_products(
    tx: &impl ConnectionTrait,
    products: impl IntoIterator<Item = Uuid>,
) -> Result<(), DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ProductId.is_in(products))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple::<Uuid>()
        .all(tx)
        .await?;
    Ok(())
}

/// Inserts the variants of a new product, and notes what there is of them.
pub async fn insert(tx: &impl ConnectionTrait, product: &Product) -> Result<(), DbErr> {
    let rows = product.variants.iter().zip(0..);
    let rows: Vec<_> =
        rows.map(|(variant, place)| row_of(product, variant, place).into_active_model()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    let opening = product.variants.iter().map(|variant| (variant.id, variant.on_hand, OPENING));
    record_movements(tx, opening, product.updated_at).await
}

/// Takes their SKUs from variants that get others: two that change theirs must not meet half-way. Until
/// then each has its id for one.
pub async fn free_skus(tx: &impl ConnectionTrait, ids: &[VariantId]) -> Result<(), DbErr> {
    for id in ids {
        Entity::update_many()
            .col_expr(Column::Sku, Expr::value(id.to_string()))
            .filter(Column::Id.eq(id.uuid()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Inserts the variants of a product that are new, and updates the others, which are locked. Held
/// stock stays, and so does what is there of a variant whose stock is not changed.
pub async fn update(
    tx: &impl ConnectionTrait,
    before: &Product,
    product: &Product,
    new: &[VariantId],
) -> Result<(), DbErr> {
    let mut inserted = Vec::new();
    let mut moved = Vec::new();
    for (variant, place) in product.variants.iter().zip(0..) {
        let row = row_of(product, variant, place);
        if new.contains(&variant.id) {
            inserted.push(row.into_active_model());
            moved.push((variant.id, variant.on_hand, OPENING));
            continue;
        }
        let mut changed = row.into_active_model().reset_all();
        changed.id = ActiveValue::Unchanged(variant.id.uuid());
        changed.held = ActiveValue::NotSet;
        let earlier = before.variants.iter().find(|earlier| earlier.id == variant.id);
        let difference = earlier.map_or(0, |earlier| variant.on_hand - earlier.on_hand);
        if difference == 0 {
            changed.on_hand = ActiveValue::NotSet;
        }
        moved.push((variant.id, difference, COUNTED));
        Entity::update(changed).exec(tx).await?;
    }
    if !inserted.is_empty() {
        Entity::insert_many(inserted).exec_without_returning(tx).await?;
    }
    record_movements(tx, moved, product.updated_at).await
}

fn row_of(product: &Product, variant: &Variant, place: i32) -> Model {
    Model {
        id: variant.id.uuid(),
        product_id: product.id.uuid(),
        shop_id: product.shop.uuid(),
        place,
        sku: variant.sku.clone(),
        barcode: variant.barcode.clone(),
        price_minor: variant.price.minor,
        currency: variant.price.currency.code().to_owned(),
        option_values: column_of(&variant.option_values),
        on_hand: variant.on_hand,
        held: variant.held,
    }
}

/// Adds to what is there and to what is held of locked variants, with one statement.
pub async fn move_stock(
    tx: &impl ConnectionTrait,
    quantities: &Quantities,
    on_hand_sign: i64,
    held_sign: i64,
) -> Result<(), DbErr> {
    let rows = quantities.iter().map(|(variant, quantity)| {
        let (on_hand, held) = (on_hand_sign * quantity, held_sign * quantity);
        vec![variant.uuid().into(), on_hand.into(), held.into()]
    });
    let set = "on_hand = variants.on_hand + v1, held = variants.held + v2";
    let update = bulk::Update { table: "variants", key: "id", set, only: None };
    update.run(tx, rows.collect()).await
}

/// The product that a shop's variant is of, which never changes; `None` if it is not the shop's.
pub async fn product_of(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    id: VariantId,
) -> Result<Option<ProductId>, DbErr> {
    let row: Option<Uuid> = Entity::find_by_id(id.uuid())
        .select_only()
        .column(Column::ProductId)
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .into_tuple()
        .one(db)
        .await?;
    Ok(row.map(ProductId::from_uuid))
}

/// A shop's variant, locked; `None` if it is not the shop's.
pub async fn lock_of_shop(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: VariantId,
) -> Result<Option<OfProduct>, DbErr> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .lock_exclusive()
        .one(tx)
        .await?;
    row.map(of_product).transpose()
}

/// Changes a price.
pub async fn set_price(
    tx: &impl ConnectionTrait,
    id: VariantId,
    price: kernel::Money,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PriceMinor, Expr::value(price.minor))
        .col_expr(Column::Currency, Expr::value(price.currency.code()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes down why stock was changed.
pub async fn record_movement(
    tx: &impl ConnectionTrait,
    id: VariantId,
    change: i64,
    reason: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    record_movements(tx, [(id, change, reason)], at).await
}

/// Writes down all that is no sale: what was there at first, what came in, went bad, was counted anew,
/// came back. With what holds sold it makes up what there is, and the doctor reckons it.
async fn record_movements<'a>(
    tx: &impl ConnectionTrait,
    moved: impl IntoIterator<Item = (VariantId, i64, &'a str)>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let moved = moved.into_iter().filter(|(_, change, _)| *change != 0);
    let rows = moved.map(|(id, change, reason)| {
        stock_movements::Model {
            id: Uuid::now_v7(),
            variant_id: id.uuid(),
            change,
            reason: reason.to_owned(),
            at: at.micros(),
        }
        .into_active_model()
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        stock_movements::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn of_product(row: Model) -> Result<OfProduct, DbErr> {
    Ok(OfProduct { product: row.product_id, variant: variant_of(row)? })
}

fn variant_of(row: Model) -> Result<Variant, DbErr> {
    Ok(Variant {
        id: VariantId::from_uuid(row.id),
        price: money_of(row.price_minor, &row.currency)?,
        option_values: texts_of(&row.option_values)?,
        sku: row.sku,
        barcode: row.barcode,
        on_hand: row.on_hand,
        held: row.held,
    })
}

/// Which of some SKUs a shop's other products have.
pub async fn skus_taken(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    skus: &[String],
    except: Uuid,
) -> Result<Vec<String>, DbErr> {
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::Sku.is_in(skus.iter().cloned()))
        .filter(Column::ProductId.ne(except))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.sku).collect())
}

/// Which products of a shop have a variant with one of these SKUs.
pub async fn products_with_skus(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    skus: Vec<String>,
) -> Result<Vec<Uuid>, DbErr> {
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .select_only()
        .column(Column::ProductId)
        .distinct()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::Sku.is_in(skus))
        .into_tuple()
        .all(db)
        .await
}
