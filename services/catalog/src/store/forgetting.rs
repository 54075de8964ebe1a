//! What is old and nobody needs any more: files that were imported, and who waited for departures that
//! are over.

use kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entities::{departures, imports, waiting_list};

/// Empties files of imports that ended before a moment, at most so many; says how many.
pub async fn empty_files(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    use imports::{Column, Entity};
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::FinishedAt.lt(before.micros()))
        .and_where(Expr::expr(Func::cust("length").arg(Expr::col(Column::File))).gt(0))
        .limit(at_most)
        .to_owned();
    let emptied = Entity::update_many()
        .col_expr(Column::File, Expr::value(Vec::<u8>::new()))
        .filter(Column::Id.in_subquery(old))
        .exec(tx)
        .await?;
    Ok(emptied.rows_affected)
}

/// Removes who waited for departures that ended before a moment, at most so many; says how many.
pub async fn remove_waiting(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    use waiting_list::{Column, Entity};
    let past = Query::select()
        .column((Entity, Column::Id))
        .from(Entity)
        .inner_join(
            departures::Entity,
            Expr::col((departures::Entity, departures::Column::Id))
                .equals((Entity, Column::DepartureId)),
        )
        .and_where(Expr::col((departures::Entity, departures::Column::EndsAt)).lt(before.micros()))
        .limit(at_most)
        .to_owned();
    let removed = Entity::delete_many().filter(Column::Id.in_subquery(past)).exec(tx).await?;
    Ok(removed.rows_affected)
}
