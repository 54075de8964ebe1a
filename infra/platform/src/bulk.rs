//! Many rows with one statement, and one statement's text for any number of rows.
//!
//! A text that depends on the number of rows is parsed and planned anew for every batch. On PostgreSQL
//! a column is one array here, so that the text depends on the table only; on SQLite rows go in parts
//! whose sizes are powers of two, so that few texts are prepared once each.
//!
//! Arrays stand in a `SELECT` of their own: PostgreSQL, which would count them otherwise and make a plan for
//! each number, keeps one plan.

use std::mem;

use sea_orm::sea_query::{ArrayType, Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName,
    EntityTrait, IdenStatic, IntoActiveModel, Iterable, QueryResult, Statement, Value,
};

use crate::database::Database;

/// Rows of one statement on SQLite, which takes 32,766 values at once.
const SQLITE_ROWS: usize = 128;
/// Rows of one statement on PostgreSQL.
const POSTGRES_ROWS: usize = 4_096;

/// Inserts rows of one table, all columns of each. They are written in their order.
///
/// # Errors
/// What the database says: of rows that break a constraint, none of their statement is written.
pub async fn insert<M, A>(
    tx: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = M>,
) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    upsert(tx, rows, "").await
}

/// The same, with an end of the statement that returns nothing: `ON CONFLICT … DO UPDATE …`.
///
/// # Errors
/// As of [`insert`].
pub async fn upsert<M, A>(
    tx: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = M>,
    end: &str,
) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    for statement in statements_of(tx.get_database_backend(), rows, end)? {
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// The same in a transaction of its own. What is one statement is one by itself: nothing is begun and
/// committed around it.
///
/// # Errors
/// As of [`insert`].
pub async fn upsert_alone<M, A>(
    database: &Database,
    rows: impl IntoIterator<Item = M>,
    end: &str,
) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let statements = statements_of(database.backend(), rows, end)?;
    match <[Statement; 1]>::try_from(statements) {
        Ok([only]) => {
            database.writer().execute_raw(only).await?;
        }
        Err(several) => {
            let tx = database.begin().await?;
            for statement in several {
                tx.execute_raw(statement).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

fn statements_of<M, A>(
    backend: DbBackend,
    rows: impl IntoIterator<Item = M>,
    end: &str,
) -> Result<Vec<Statement>, DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let table = A::Entity::default();
    insert_statements(backend, table.table_name(), &all_columns::<A>(), all_values(rows)?, end)
}

/// The same as [`insert`], with an end of the statement as of [`insert_returning`].
///
/// # Errors
/// As of [`insert`].
pub async fn insert_or<M, A>(
    tx: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = M>,
    end: &str,
) -> Result<Vec<QueryResult>, DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let table = A::Entity::default();
    insert_returning(tx, table.table_name(), &all_columns::<A>(), all_values(rows)?, end).await
}

fn all_columns<A: ActiveModelTrait>() -> Vec<&'static str> {
    Column::<A>::iter().map(|column| column.as_str()).collect()
}

fn all_values<M, A>(rows: impl IntoIterator<Item = M>) -> Result<Vec<Vec<Value>>, DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    rows.into_iter().map(|row| values_of(row.into_active_model())).collect()
}

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

fn values_of<A: ActiveModelTrait>(mut row: A) -> Result<Vec<Value>, DbErr> {
    Column::<A>::iter()
        .map(|column| match row.take(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Ok(value),
            ActiveValue::NotSet => {
                let column = column.as_str();
                Err(DbErr::Custom(format!("a row is inserted without its {column}")))
            }
        })
        .collect()
}

/// Inserts rows of some columns, each row with a value of every column. They are written in their
/// order.
///
/// # Errors
/// As of [`insert`].
pub async fn insert_values(
    tx: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), DbErr> {
    for statement in insert_statements(tx.get_database_backend(), table, columns, rows, "")? {
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Inserts rows of some columns and gives what the end of the statement returns: `ON CONFLICT … RETURNING
/// …`, which both databases understand alike.
///
/// # Errors
/// As of [`insert`].
pub async fn insert_returning(
    tx: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    end: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let mut returned = Vec::with_capacity(rows.len());
    for statement in insert_statements(tx.get_database_backend(), table, columns, rows, end)? {
        returned.extend(tx.query_all_raw(statement).await?);
    }
    Ok(returned)
}

/// An update of many rows, each with values of its own.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The table.
    pub table: &'a str,
    /// The column that names rows.
    pub key: &'a str,
    /// What is set: `column = v1, …`, as of [`Update::run`].
    pub set: &'a str,
    /// Which of the named rows alone, if not all.
    pub only: Option<&'a str>,
}

impl Update<'_> {
    /// Updates the rows. A row here is the key, which is `v0`, and its values, which are `v1`, `v2` …
    /// Rows that everybody must lock in one order are locked before.
    ///
    /// # Errors
    /// As of [`insert`].
    pub async fn run(&self, tx: &impl ConnectionTrait, rows: Vec<Vec<Value>>) -> Result<(), DbErr> {
        let sqlite = tx.get_database_backend() == DbBackend::Sqlite;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let statement = if sqlite {
                let size = SQLITE_ROWS.min(prev_power_of_two(rows.len()));
                self.of_values(rows.by_ref().take(size).collect())
            } else {
                self.of_arrays(arrays_of(rows.by_ref().take(POSTGRES_ROWS))?)
            };
            tx.execute_raw(statement).await?;
        }
        Ok(())
    }

    fn begin(&self) -> String {
        format!("UPDATE \"{}\" SET {} FROM (SELECT", self.table, self.set)
    }

    fn end(&self) -> String {
        let Self { table, key, only, .. } = self;
        let only = only.map(|only| format!(" AND {only}")).unwrap_or_default();
        format!(") AS v WHERE \"{table}\".\"{key}\" = v.v0{only}")
    }

    fn of_values(&self, rows: Vec<Vec<Value>>) -> Statement {
        let width = rows.first().map_or(0, Vec::len);
        let named = (0..width).map(|place| format!("column{} AS v{place}", place + 1));
        let begin = format!("{} {} FROM (", self.begin(), named.collect::<Vec<_>>().join(", "));
        values_statement(&begin, width, rows, &format!("){}", self.end()))
    }

    fn of_arrays(&self, arrays: Arrays) -> Statement {
        let Arrays { selected, names, types, values } = arrays;
        let named =
            selected.iter().enumerate().map(|(place, value)| format!("{value} AS v{place}"));
        let sql = format!(
            "{} {} FROM UNNEST({}) AS u ({}){}",
            self.begin(),
            named.collect::<Vec<_>>().join(", "),
            types.join(", "),
            names.join(", "),
            self.end()
        );
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
    }
}

/// Whether a column holds one of some values, in a text that does not depend on how many they are. (On
/// SQLite on the next power of two: the last value is said again.)
pub fn is_any<T>(db: &impl ConnectionTrait, column: impl ColumnTrait, values: Vec<T>) -> SimpleExpr
where
    T: Into<Value>,
{
    any_of(db, Expr::col(column.as_column_ref()), values)
}

/// The same of any expression.
pub fn any_of<T>(db: &impl ConnectionTrait, expression: Expr, values: Vec<T>) -> SimpleExpr
where
    T: Into<Value>,
{
    let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
    let Some(last) = values.last().cloned() else { return expression.is_in(values) };
    let array_type = last.array_type();
    match (db.get_database_backend(), sql_type(&array_type)) {
        (DbBackend::Postgres, Ok(element)) => {
            let array = Expr::val(Value::Array(array_type, Some(Box::new(values))));
            // The cast makes it one array: a SELECT that stands in ANY alone is a list of rows.
            let any = format!("$1 = ANY((SELECT $2)::{element}[])");
            Expr::cust_with_exprs(any, [expression, array])
        }
        _ => {
            values.resize(values.len().next_power_of_two(), last);
            expression.is_in(values)
        }
    }
}

fn insert_statements(
    backend: DbBackend,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    end: &str,
) -> Result<Vec<Statement>, DbErr> {
    let into = format!("INSERT INTO \"{table}\" (\"{}\")", columns.join("\", \""));
    let mut rows = rows.into_iter();
    let mut statements = Vec::with_capacity(1);
    while rows.len() > 0 {
        statements.push(if backend == DbBackend::Sqlite {
            let size = SQLITE_ROWS.min(prev_power_of_two(rows.len()));
            values_statement(&into, columns.len(), rows.by_ref().take(size).collect(), end)
        } else {
            let Arrays { selected, names, types, values } =
                arrays_of(rows.by_ref().take(POSTGRES_ROWS))?;
            let sql = format!(
                "{into} SELECT {} FROM UNNEST({}) AS u ({}) {end}",
                selected.join(", "),
                types.join(", "),
                names.join(", ")
            );
            Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
        });
    }
    Ok(statements)
}

const fn prev_power_of_two(number: usize) -> usize {
    1 << (usize::BITS - 1 - number.leading_zeros())
}

fn values_statement(begin: &str, width: usize, rows: Vec<Vec<Value>>, end: &str) -> Statement {
    let row = format!("({})", vec!["?"; width].join(", "));
    let sql = format!("{begin} VALUES {} {end}", vec![row.as_str(); rows.len()].join(", "));
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, rows.into_iter().flatten())
}

fn arrays_of(rows: impl Iterator<Item = Vec<Value>>) -> Result<Arrays, DbErr> {
    let mut columns: Vec<Vec<Value>> = Vec::new();
    for row in rows {
        columns.resize_with(row.len(), Vec::new);
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let mut arrays = Arrays::default();
    for column in columns {
        arrays.add(column)?;
    }
    Ok(arrays)
}

/// Columns as arrays, and how they are read.
#[derive(Default)]
struct Arrays {
    selected: Vec<String>,
    names: Vec<String>,
    types: Vec<String>,
    values: Vec<Value>,
}

impl Arrays {
    /// Arrays carry no NULL here: where some values are missing, a second array says which.
    fn add(&mut self, mut column: Vec<Value>) -> Result<(), DbErr> {
        let Some(first) = column.first() else { return Ok(()) };
        let (array_type, empty) = (first.array_type(), first.as_null());
        let sql_type = sql_type(&array_type)?;
        let missing: Vec<bool> = column.iter().map(|value| *value == empty).collect();
        let some_missing = missing.contains(&true);
        if some_missing {
            if !missing.contains(&false) {
                self.selected.push(format!("NULL::{sql_type}"));
                return Ok(());
            }
            for value in &mut column {
                if *value == empty {
                    *value = mem::replace(value, Value::Bool(None)).dummy_value();
                }
            }
        }
        let name = self.push(array_type, sql_type, column);
        if some_missing {
            let missing = missing.into_iter().map(|one| Value::Bool(Some(one))).collect();
            let missing = self.push(ArrayType::Bool, "boolean", missing);
            self.selected.push(format!("CASE WHEN {missing} THEN NULL ELSE {name} END"));
        } else {
            self.selected.push(name);
        }
        Ok(())
    }

    fn push(&mut self, array_type: ArrayType, sql_type: &str, values: Vec<Value>) -> String {
        self.values.push(Value::Array(array_type, Some(Box::new(values))));
        let name = format!("a{}", self.values.len());
        self.types.push(format!("(SELECT ${}::{sql_type}[])", self.values.len()));
        self.names.push(name.clone());
        name
    }
}

fn sql_type(of: &ArrayType) -> Result<&'static str, DbErr> {
    Ok(match of {
        ArrayType::Bool => "boolean",
        ArrayType::SmallInt => "smallint",
        ArrayType::Int => "integer",
        ArrayType::BigInt => "bigint",
        ArrayType::String => "text",
        ArrayType::Bytes => "bytea",
        ArrayType::Uuid => "uuid",
        other => return Err(DbErr::Custom(format!("no array of {other:?} is written"))),
    })
}
