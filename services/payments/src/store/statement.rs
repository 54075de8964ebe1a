//! Statements that were imported, as they came, and how far they were read.

use std::time::Duration;

use kernel::{ShopId, StatementId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::entities::statement_problems;
use super::entities::statements::{Column, Entity, Model};
use crate::domain::statement::UnreadableLine;

/// A statement to be kept.
#[derive(Debug)]
pub struct NewStatement {
    /// Its id.
    pub id: StatementId,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Who brought it: an id of a person.
    pub imported_by: String,
    /// Its format.
    pub format: String,
    /// How its columns are understood, if it is a table; opaque here.
    pub mapping: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// The shop and its own account that it is of; of the market's, if it is none.
    pub of_shop: Option<(ShopId, String)>,
    /// The account of the market's of which alone it is read; of all that it tells of, if it is none.
    pub only_account: Option<String>,
}

/// What its lines were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that were read.
    pub lines_read: u64,
    /// Credits that nobody had told of.
    pub credits_new: u64,
    /// Credits that were known.
    pub credits_known: u64,
    /// Of the new ones, those that were matched at once.
    pub credits_matched: u64,
    /// Money that went.
    pub debits: u64,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementStatus {
    /// It waits, or is being read.
    Waiting,
    /// It was read to its end.
    Done,
    /// It could not be worked on.
    Failed,
}

impl StatementStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Done, Self::Failed];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A statement, without its bytes.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// The file's name.
    pub file_name: String,
    /// Its format.
    pub format: String,
    /// How its columns are understood, if it is a table; opaque here.
    pub mapping: Option<String>,
    /// Where it stands.
    pub status: StatementStatus,
    /// Why it failed, for the log.
    pub problem: Option<String>,
    /// What its lines were so far.
    pub counts: Counts,
    /// When it was brought.
    pub created_at: Timestamp,
    /// The shop and its own account that it is of; of the market's, if it is none.
    pub of_shop: Option<(ShopId, String)>,
    /// The account of the market's of which alone it is read; of all that it tells of, if it is none.
    pub only_account: Option<String>,
}

/// A line that could not be read, as it is kept.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Where it begins, counted from 1.
    pub line: u64,
    /// What it says, cut.
    pub text: String,
    /// What was not understood, in English.
    pub reason: String,
}

/// Problems of one statement that are told.
const MOST_PROBLEMS: u64 = 200;

/// Keeps a statement; gives the one that is kept, of before if its bytes were brought before.
pub async fn insert(tx: &impl ConnectionTrait, new: NewStatement) -> Result<Statement, DbErr> {
    let sha256 = new.sha256.clone();
    let row = Model {
        id: new.id.uuid(),
        file_name: new.file_name,
        sha256: new.sha256,
        body: new.body,
        imported_by: new.imported_by,
        status: StatementStatus::Waiting.name().to_owned(),
        format: Some(new.format),
        problem: None,
        lines_read: 0,
        credits_new: 0,
        credits_known: 0,
        credits_matched: 0,
        debits: 0,
        unreadable: 0,
        created_at: new.created_at.micros(),
        ended_at: None,
        attempts: 0,
        mapping: new.mapping,
        not_before: None,
        shop_id: new.of_shop.as_ref().map(|(shop, _)| shop.uuid()),
        account_number: new.of_shop.map(|(_, number)| number).or(new.only_account),
    };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Sha256).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let kept = heads().filter(Column::Sha256.eq(sha256)).into_model::<Head>().one(tx).await?;
    statement_of(kept.ok_or_else(|| DbErr::RecordNotFound("statements".to_owned()))?)
}

/// The oldest that waits and that nobody works on.
pub async fn next_waiting(
    db: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<Option<StatementId>, DbErr> {
    let id: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::cust("status = 'waiting'"))
        .filter(is_free(now))
        .order_by_asc(Column::Attempts)
        .order_by_asc(Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    Ok(id.map(StatementId::from_uuid))
}

fn is_free(now: Timestamp) -> SimpleExpr {
    Column::NotBefore.is_null().or(Column::NotBefore.lte(now.micros()))
}

/// Takes a waiting statement for oneself until a moment; false, if somebody else has it.
pub async fn claim(
    tx: &impl ConnectionTrait,
    id: StatementId,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::NotBefore, Expr::value(until.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Expr::cust("status = 'waiting'"))
        .filter(is_free(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Keeps a statement that was claimed for some time more.
pub async fn hold(
    tx: &impl ConnectionTrait,
    id: StatementId,
    until: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NotBefore, Expr::value(until.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::NotBefore.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Has a statement that was given up tried again, from the line to which it was read.
pub async fn try_again(tx: &impl ConnectionTrait, id: StatementId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(StatementStatus::Waiting.name()))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::EndedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::NotBefore, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Status.eq(StatementStatus::Failed.name()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A statement and its bytes.
pub async fn with_body(
    db: &impl ConnectionTrait,
    id: StatementId,
) -> Result<Option<(Statement, Vec<u8>)>, DbErr> {
    let Some(head) = heads().filter(Column::Id.eq(id.uuid())).into_model::<Head>().one(db).await?
    else {
        return Ok(None);
    };
    let body: Option<Vec<u8>> = Entity::find()
        .select_only()
        .column(Column::Body)
        .filter(Column::Id.eq(id.uuid()))
        .into_tuple()
        .one(db)
        .await?;
    Ok(Some((statement_of(head)?, body.unwrap_or_default())))
}

/// One statement.
pub async fn by_id(db: &impl ConnectionTrait, id: StatementId) -> Result<Option<Statement>, DbErr> {
    let head = heads().filter(Column::Id.eq(id.uuid())).into_model::<Head>().one(db).await?;
    head.map(statement_of).transpose()
}

/// One statement, locked: nobody works on its row meanwhile.
pub async fn lock(tx: &impl ConnectionTrait, id: StatementId) -> Result<Option<Statement>, DbErr> {
    let head = heads().filter(Column::Id.eq(id.uuid())).lock_exclusive();
    head.into_model::<Head>().one(tx).await?.map(statement_of).transpose()
}

/// Has a statement read again from its beginning, its columns understood in another way.
pub async fn read_again(
    tx: &impl ConnectionTrait,
    id: StatementId,
    mapping: &str,
) -> Result<(), DbErr> {
    statement_problems::Entity::delete_many()
        .filter(statement_problems::Column::StatementId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Mapping, Expr::value(mapping))
        .col_expr(Column::Status, Expr::value(StatementStatus::Waiting.name()))
        .col_expr(Column::Problem, Expr::value(Option::<String>::None))
        .col_expr(Column::EndedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NotBefore, Expr::value(Option::<i64>::None))
        .col_expr(Column::LinesRead, Expr::value(0_i64))
        .col_expr(Column::Unreadable, Expr::value(0_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Adds to what its lines were.
pub async fn add(tx: &impl ConnectionTrait, id: StatementId, counts: Counts) -> Result<(), DbErr> {
    let plus = |column: Column, count: u64| Expr::col(column).add(count as i64);
    Entity::update_many()
        .col_expr(Column::LinesRead, plus(Column::LinesRead, counts.lines_read))
        .col_expr(Column::CreditsNew, plus(Column::CreditsNew, counts.credits_new))
        .col_expr(Column::CreditsKnown, plus(Column::CreditsKnown, counts.credits_known))
        .col_expr(Column::CreditsMatched, plus(Column::CreditsMatched, counts.credits_matched))
        .col_expr(Column::Debits, plus(Column::Debits, counts.debits))
        .col_expr(Column::Unreadable, plus(Column::Unreadable, counts.unreadable))
        // It goes on: what failed before is over.
        .col_expr(Column::Attempts, Expr::value(0))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps the lines that could not be read.
pub async fn note_problems(
    tx: &impl ConnectionTrait,
    id: StatementId,
    lines: &[UnreadableLine],
) -> Result<(), DbErr> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines.iter().map(|line| {
        statement_problems::Model {
            statement_id: id.uuid(),
            line: line.line as i64,
            text: line.text.clone(),
            reason: line.reason.to_string(),
        }
        .into_active_model()
    });
    statement_problems::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([
                statement_problems::Column::StatementId,
                statement_problems::Column::Line,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The lines that could not be read, the first ones first.
pub async fn problems(db: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Problem>, DbErr> {
    let rows = statement_problems::Entity::find()
        .filter(statement_problems::Column::StatementId.eq(id.uuid()))
        .order_by_asc(statement_problems::Column::Line)
        .limit(MOST_PROBLEMS)
        .all(db)
        .await?;
    let problem_of = |row: statement_problems::Model| Problem {
        line: row.line.cast_unsigned(),
        text: row.text,
        reason: row.reason,
    };
    Ok(rows.into_iter().map(problem_of).collect())
}

/// Notes that a statement was read to its end.
pub async fn end(tx: &impl ConnectionTrait, id: StatementId, at: Timestamp) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(StatementStatus::Done.name()))
        .col_expr(Column::EndedAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that working on a statement failed; after so many times it is given up, else it is tried again
/// after a pause, that is as often doubled.
pub async fn note_failure(
    tx: &impl ConnectionTrait,
    id: StatementId,
    problem: &str,
    (most, first_pause): (i32, Duration),
    at: Timestamp,
) -> Result<(), DbErr> {
    let Some(row) = Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await? else {
        return Ok(());
    };
    let attempts = row.attempts + 1;
    let given_up = attempts >= most;
    let status = if given_up { StatementStatus::Failed } else { StatementStatus::Waiting };
    let doubled = 2_u32.saturating_pow(row.attempts.unsigned_abs());
    let not_before = at.after(first_pause.saturating_mul(doubled));
    // PostgreSQL keeps no NUL.
    let problem: String = problem.chars().filter(|letter| *letter != '\0').take(500).collect();
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(attempts))
        .col_expr(Column::Status, Expr::value(status.name()))
        .col_expr(Column::Problem, Expr::value(problem))
        .col_expr(Column::NotBefore, Expr::value(not_before.micros()))
        .col_expr(Column::EndedAt, Expr::value(given_up.then_some(at.micros())))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Head {
    id: Uuid,
    file_name: String,
    format: Option<String>,
    status: String,
    problem: Option<String>,
    lines_read: i64,
    credits_new: i64,
    credits_known: i64,
    credits_matched: i64,
    debits: i64,
    unreadable: i64,
    created_at: i64,
    mapping: Option<String>,
    shop_id: Option<Uuid>,
    account_number: Option<String>,
}

/// All columns but the bytes.
fn heads() -> Select<Entity> {
    Entity::find().select_only().columns([
        Column::Id,
        Column::FileName,
        Column::Format,
        Column::Status,
        Column::Problem,
        Column::LinesRead,
        Column::CreditsNew,
        Column::CreditsKnown,
        Column::CreditsMatched,
        Column::Debits,
        Column::Unreadable,
        Column::CreatedAt,
        Column::Mapping,
        Column::ShopId,
        Column::AccountNumber,
    ])
}

fn statement_of(head: Head) -> Result<Statement, DbErr> {
    let status = StatementStatus::ALL.into_iter().find(|status| status.name() == head.status);
    Ok(Statement {
        id: StatementId::from_uuid(head.id),
        file_name: head.file_name,
        format: head.format.unwrap_or_default(),
        status: status.ok_or_else(|| super::corrupt("a statement's status"))?,
        problem: head.problem,
        mapping: head.mapping,
        counts: Counts {
            lines_read: head.lines_read as u64,
            credits_new: head.credits_new as u64,
            credits_known: head.credits_known as u64,
            credits_matched: head.credits_matched as u64,
            debits: head.debits as u64,
            unreadable: head.unreadable as u64,
        },
        created_at: Timestamp::from_micros(head.created_at),
        only_account: head.account_number.clone().filter(|_| head.shop_id.is_none()),
        of_shop: head.shop_id.map(ShopId::from_uuid).zip(head.account_number),
    })
}
