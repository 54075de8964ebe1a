//! Reviews, and who may write one.

use kernel::{OrderId, PageRequest, ProductId, ReviewId, Timestamp, UserId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::entities::review_rights;
use super::entities::reviews::{Column, Entity, Model};
use crate::domain::review::{Removal, Review};

/// Notes that somebody got products, and may say something of them. Once a product, whatever the number of
/// orders.
pub async fn grant(
    tx: &impl ConnectionTrait,
    buyer: UserId,
    products: &[ProductId],
    order: OrderId,
    now: Timestamp,
) -> Result<(), DbErr> {
    if products.is_empty() {
        return Ok(());
    }
    let rows = products.iter().map(|product| {
        review_rights::Model {
            buyer_id: buyer.uuid(),
            product_id: product.uuid(),
            order_id: order.uuid(),
            granted_at: now.micros(),
        }
        .into_active_model()
    });
    review_rights::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether somebody got a product.
pub async fn may_write(
    db: &impl ConnectionTrait,
    buyer: UserId,
    product: ProductId,
) -> Result<bool, DbErr> {
    let right = review_rights::Entity::find_by_id((buyer.uuid(), product.uuid()));
    Ok(right.one(db).await?.is_some())
}

/// What somebody says of a product. Whoever changes it holds the lock of the product.
pub async fn of_buyer(
    db: &impl ConnectionTrait,
    buyer: UserId,
    product: ProductId,
) -> Result<Option<Review>, DbErr> {
    let found = Entity::find()
        .filter(Column::ProductId.eq(product.uuid()))
        .filter(Column::BuyerId.eq(buyer.uuid()));
    found.one(db).await?.map(review_of).transpose()
}

/// A review by its id.
pub async fn by_id(db: &impl ConnectionTrait, id: ReviewId) -> Result<Option<Review>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await?.map(review_of).transpose()
}

/// The reviews of a product that stand, newest first.
pub async fn standing(
    db: &impl ConnectionTrait,
    product: ProductId,
    request: &PageRequest<ReviewId>,
) -> Result<Vec<Review>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::ProductId.eq(product.uuid()))
        .filter(Column::RemovedAt.is_null())
        .order_by_desc(Column::Id)
        .limit(request.limit());
    if let Some(after) = request.after {
        select = select.filter(Column::Id.lt(after.uuid()));
    }
    select.all(db).await?.into_iter().map(review_of).collect()
}

/// A page of what somebody said, removed or not, newest first.
pub async fn page_of_buyer(
    db: &impl ConnectionTrait,
    buyer: UserId,
    request: &PageRequest<ReviewId>,
) -> Result<Vec<Review>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::BuyerId.eq(buyer.uuid()))
        .order_by_desc(Column::Id)
        .limit(request.limit());
    if let Some(after) = request.after {
        select = select.filter(Column::Id.lt(after.uuid()));
    }
    select.all(db).await?.into_iter().map(review_of).collect()
}

/// What stands where a name was.
const NAMELESS: &str = "—";

/// The products of which some people said something.
pub async fn products_of_authors(
    db: &impl ConnectionTrait,
    people: &[UserId],
) -> Result<Vec<ProductId>, DbErr> {
    let products: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ProductId)
        .distinct()
        .filter(Column::BuyerId.is_in(people.iter().map(|person| person.uuid())))
        .into_tuple()
        .all(db)
        .await?;
    Ok(products.into_iter().map(ProductId::from_uuid).collect())
}

/// Forgets who wrote the reviews of some people, whose products are locked, and what they may write of.
pub async fn forget_authors(tx: &impl ConnectionTrait, people: &[UserId]) -> Result<(), DbErr> {
    let ids = || people.iter().map(|person| person.uuid());
    Entity::update_many()
        .col_expr(Column::Author, Expr::value(NAMELESS))
        .filter(Column::BuyerId.is_in(ids()))
        .exec(tx)
        .await?;
    review_rights::Entity::delete_many()
        .filter(review_rights::Column::BuyerId.is_in(ids()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Inserts a review.
pub async fn insert(tx: &impl ConnectionTrait, review: &Review) -> Result<(), DbErr> {
    Entity::insert(row_of(review).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a review over what was there.
pub async fn update(tx: &impl ConnectionTrait, review: &Review) -> Result<(), DbErr> {
    let mut changed = row_of(review).into_active_model().reset_all();
    changed.id = ActiveValue::Unchanged(review.id.uuid());
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn row_of(review: &Review) -> Model {
    let removal = review.removal.as_ref();
    Model {
        id: review.id.uuid(),
        product_id: review.product.uuid(),
        buyer_id: review.buyer.uuid(),
        author: review.author.clone(),
        rating: i64::from(review.rating),
        text: review.text.clone(),
        created_at: review.created_at.micros(),
        updated_at: review.updated_at.micros(),
        removed_at: removal.map(|removal| removal.at.micros()),
        removed_by: removal.map(|removal| removal.by.uuid()),
        removed_because: removal.map(|removal| removal.because.clone()).unwrap_or_default(),
    }
}

fn review_of(row: Model) -> Result<Review, DbErr> {
    let removal = row.removed_at.zip(row.removed_by).map(|(at, by)| Removal {
        at: Timestamp::from_micros(at),
        by: UserId::from_uuid(by),
        because: row.removed_because,
    });
    Ok(Review {
        id: ReviewId::from_uuid(row.id),
        product: ProductId::from_uuid(row.product_id),
        buyer: UserId::from_uuid(row.buyer_id),
        author: row.author,
        rating: u32::try_from(row.rating).map_err(|_| corrupt("a rating"))?,
        text: row.text,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        removal,
    })
}
