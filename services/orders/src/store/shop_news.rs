//! What is to be told to shops of their orders: rows wait until a letter takes all of a shop together.

use kernel::{OrderId, ShopId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use crate::domain::shop_news::{ShopNews, ShopNewsKind};
use rows::{Column, Entity, Model};

/// Rows of one statement.
const AT_ONCE: usize = 500;

/// Table `shop_news`.
mod rows {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shop_news")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub about: Uuid,
        pub order_id: Uuid,
        pub shop_id: Uuid,
        pub at: i64,
        pub letter_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Writes news that wait; those that are known stay as they are.
pub async fn insert(tx: &impl ConnectionTrait, news: &[ShopNews]) -> Result<(), DbErr> {
    for part in news.chunks(AT_ONCE) {
        let rows = part.iter().map(|one| {
            let row = Model {
                kind: one.kind.name().to_owned(),
                about: one.about,
                order_id: one.order.uuid(),
                shop_id: one.shop.uuid(),
                at: one.at.micros(),
                letter_id: None,
            };
            row.into_active_model()
        });
        let known = OnConflict::columns([Column::Kind, Column::About]).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Shops of which something has waited since before then; those that wait longest come first.
pub async fn due(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<ShopId>, DbErr> {
    let shops: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ShopId)
        .filter(Column::LetterId.is_null())
        .group_by(Column::ShopId)
        .having(Column::At.min().lte(before.micros()))
        .order_by_asc(Column::At.min())
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(shops.into_iter().map(ShopId::from_uuid).collect())
}

/// Puts all that waits of a shop into a letter; says whether there is any: somebody else may have been quicker.
pub async fn gather(tx: &impl ConnectionTrait, shop: ShopId, letter: Uuid) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::LetterId, Expr::value(letter))
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::LetterId.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Forgets what waits of a shop that has no readers.
pub async fn drop_waiting(tx: &impl ConnectionTrait, shop: ShopId) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::LetterId.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The news of a letter, the oldest first.
pub async fn of_letter(db: &impl ConnectionTrait, letter: Uuid) -> Result<Vec<ShopNews>, DbErr> {
    let rows = Entity::find()
        .filter(Column::LetterId.eq(letter))
        .order_by_asc(Column::At)
        .order_by_asc(Column::About)
        .all(db)
        .await?;
    rows.into_iter().map(news_of).collect()
}

/// Forgets news from before then, told or not; at most so many.
pub async fn forget(tx: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<(), DbErr> {
    // By what is told of: a letter's news go with those that are as old.
    let old = Query::select()
        .column(Column::About)
        .from(Entity)
        .and_where(Expr::col(Column::At).lt(before.micros()))
        .limit(limit)
        .to_owned();
    Entity::delete_many()
        .filter(Column::About.in_subquery(old))
        .filter(Column::At.lt(before.micros()))
        .exec(tx)
        .await?;
    Ok(())
}

fn news_of(row: Model) -> Result<ShopNews, DbErr> {
    let kind = ShopNewsKind::ALL.into_iter().find(|kind| kind.name() == row.kind);
    Ok(ShopNews {
        kind: kind.ok_or_else(|| corrupt("a kind of news"))?,
        about: row.about,
        order: OrderId::from_uuid(row.order_id),
        shop: ShopId::from_uuid(row.shop_id),
        at: Timestamp::from_micros(row.at),
    })
}
