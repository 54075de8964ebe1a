//! Runs of imports, and what became of each product of a file.

use kernel::{ImportId, PageRequest, ProductId, ShopId, ShopScope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::corrupt;
use super::entities::import_rows;
use super::entities::imports::{Column, Entity, Model};
use crate::domain::import::{ImportFormat, ImportProblem};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportStatus {
    /// It waits.
    Queued,
    /// It is being worked on.
    Running,
    /// All products were looked at.
    Finished,
    /// The file cannot be read, or writing it failed again and again.
    Failed,
}

impl ImportStatus {
    const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Finished, Self::Failed];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

/// What became of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowStatus {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It was so already.
    Unchanged,
    /// It was not written.
    Failed,
}

impl RowStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Unchanged, Self::Failed];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// A run of an import.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Whose it is.
    pub shop: ShopId,
    /// How the file is written.
    pub format: ImportFormat,
    /// The file.
    pub file: Vec<u8>,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// Where it stands.
    pub status: ImportStatus,
    /// Products in the file.
    pub total: i64,
    /// Products looked at.
    pub done: i64,
    /// How many became what, in the order of [`RowStatus::ALL`].
    pub counts: [i64; 4],
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// What became of a product of the file.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Its first line.
    pub line: u32,
    /// What became of it.
    pub status: RowStatus,
    /// Its handle.
    pub handle: String,
    /// The product, if it was written.
    pub product: Option<ProductId>,
    /// What was wrong, and what of it was left out.
    pub problems: Vec<ImportProblem>,
}

/// Inserts an import.
pub async fn insert(tx: &impl ConnectionTrait, import: &Import) -> Result<(), DbErr> {
    let row = Model {
        id: import.id.uuid(),
        shop_id: import.shop.uuid(),
        format: import.format.name().to_owned(),
        file: import.file.clone(),
        dry_run: import.dry_run,
        status: import.status.name().to_owned(),
        total: 0,
        done: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        failed: 0,
        created_at: import.created_at.micros(),
        finished_at: None,
        attempts: 0,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// A shop's import.
pub async fn of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    id: ImportId,
) -> Result<Option<Import>, DbErr> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .one(db)
        .await?;
    row.map(import_of).transpose()
}

/// The oldest import that is not done.
pub async fn next_open(db: &impl ConnectionTrait) -> Result<Option<Import>, DbErr> {
    let row = Entity::find()
        .filter(Column::Status.is_in(["queued", "running"]))
        .order_by_asc(Column::Id)
        .one(db)
        .await?;
    row.map(import_of).transpose()
}

/// Locks an import; gives how many products are done. `None` if it ended meanwhile.
pub async fn lock(tx: &impl ConnectionTrait, id: ImportId) -> Result<Option<i64>, DbErr> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::Status.is_in(["queued", "running"]))
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(row.map(|row| row.done))
}

/// Records what became of some products, in the transaction that wrote them.
pub async fn progress(
    tx: &impl ConnectionTrait,
    id: ImportId,
    total: i64,
    rows: &[ImportRow],
) -> Result<(), DbErr> {
    if !rows.is_empty() {
        let mut models = Vec::with_capacity(rows.len());
        for row in rows {
            models.push(
                import_rows::Model {
                    import_id: id.uuid(),
                    line: i64::from(row.line),
                    status: row.status.name().to_owned(),
                    handle: row.handle.clone(),
                    product_id: row.product.map(ProductId::uuid),
                    problems: serde_json::to_vec(&row.problems).map_err(|_| corrupt("problems"))?,
                }
                .into_active_model(),
            );
        }
        import_rows::Entity::insert_many(models).exec_without_returning(tx).await?;
    }
    let count = |status: RowStatus| rows.iter().filter(|row| row.status == status).count() as i64;
    let plus = |column: Column, more: i64| Expr::col(column).add(more);
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(ImportStatus::Running.name()))
        .col_expr(Column::Total, Expr::value(total))
        .col_expr(Column::Done, plus(Column::Done, rows.len() as i64))
        .col_expr(Column::Created, plus(Column::Created, count(RowStatus::Created)))
        .col_expr(Column::Updated, plus(Column::Updated, count(RowStatus::Updated)))
        .col_expr(Column::Unchanged, plus(Column::Unchanged, count(RowStatus::Unchanged)))
        .col_expr(Column::Failed, plus(Column::Failed, count(RowStatus::Failed)))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Counts a failure of an import; gives how many there were.
pub async fn note_failure(tx: &impl ConnectionTrait, id: ImportId) -> Result<i64, DbErr> {
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    let row = Entity::find_by_id(id.uuid()).one(tx).await?;
    Ok(row.map_or(0, |row| row.attempts))
}

/// Ends an import.
pub async fn finish(
    tx: &impl ConnectionTrait,
    id: ImportId,
    status: ImportStatus,
    at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .col_expr(Column::FinishedAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A page of what became of products, in the order of the file.
pub async fn rows(
    db: &impl ConnectionTrait,
    id: ImportId,
    status: Option<RowStatus>,
    request: &PageRequest<i64>,
) -> Result<Vec<ImportRow>, DbErr> {
    let mut select = import_rows::Entity::find()
        .filter(import_rows::Column::ImportId.eq(id.uuid()))
        .order_by_asc(import_rows::Column::Line)
        .limit(request.limit());
    if let Some(status) = status {
        select = select.filter(import_rows::Column::Status.eq(status.name()));
    }
    if let Some(after) = request.after {
        select = select.filter(import_rows::Column::Line.gt(after));
    }
    select.all(db).await?.into_iter().map(row_of).collect()
}

fn row_of(row: import_rows::Model) -> Result<ImportRow, DbErr> {
    let status = RowStatus::ALL.into_iter().find(|status| status.name() == row.status);
    Ok(ImportRow {
        line: row.line as u32,
        status: status.ok_or_else(|| corrupt("a row status"))?,
        handle: row.handle,
        product: row.product_id.map(ProductId::from_uuid),
        problems: serde_json::from_slice(&row.problems).map_err(|_| corrupt("problems"))?,
    })
}

fn import_of(row: Model) -> Result<Import, DbErr> {
    let status = ImportStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let format = ImportFormat::ALL.into_iter().find(|format| format.name() == row.format);
    Ok(Import {
        id: ImportId::from_uuid(row.id),
        shop: ShopId::from_uuid(row.shop_id),
        format: format.ok_or_else(|| corrupt("a format of files"))?,
        file: row.file,
        dry_run: row.dry_run,
        status: status.ok_or_else(|| corrupt("an import status"))?,
        total: row.total,
        done: row.done,
        counts: [row.created, row.updated, row.unchanged, row.failed],
        created_at: Timestamp::from_micros(row.created_at),
        finished_at: row.finished_at.map(Timestamp::from_micros),
    })
}
