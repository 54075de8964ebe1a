//! Many rows with one statement, and one statement's text for any number of rows.
//!
//! A text that depends on the number of rows is parsed and planned anew for every batch. On PostgreSQL
//! a column is one array here, so that the text depends on the table only; on SQLite rows go in parts
//! whose sizes are powers of two, so that few texts are prepared once each.

use std::mem;

use sea_orm::sea_query::{ArrayType, Expr, ExprTrait, SimpleExpr, extension::postgres::PgFunc};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName,
    EntityTrait, IdenStatic, IntoActiveModel, Iterable, Statement, Value,
};

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
    let rows = rows.into_iter().map(|row| values_of(row.into_active_model()));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let table = A::Entity::default();
    let columns: Vec<Column<A>> = Column::<A>::iter().collect();
    let columns: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    insert_values(tx, table.table_name(), &columns, rows).await
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
    let into = format!("INSERT INTO \"{table}\" (\"{}\")", columns.join("\", \""));
    let sqlite = tx.get_database_backend() == DbBackend::Sqlite;
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let statement = if sqlite {
            let size = SQLITE_ROWS.min(prev_power_of_two(rows.len()));
            values_statement(&into, columns.len(), rows.by_ref().take(size).collect())
        } else {
            arrays_statement(&into, columns.len(), rows.by_ref().take(POSTGRES_ROWS))?
        };
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Whether a column holds one of some values, in a text that does not depend on how many they are
/// (on PostgreSQL; SQLite takes them one by one).
pub fn is_any<T>(db: &impl ConnectionTrait, column: impl ColumnTrait, values: Vec<T>) -> SimpleExpr
where
    T: Into<Value>,
{
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    match values.first() {
        Some(first) if db.get_database_backend() == DbBackend::Postgres => {
            let array = Value::Array(first.array_type(), Some(Box::new(values)));
            Expr::col(column.as_column_ref()).eq(PgFunc::any(Expr::val(array)))
        }
        _ => column.is_in(values),
    }
}

const fn prev_power_of_two(number: usize) -> usize {
    1 << (usize::BITS - 1 - number.leading_zeros())
}

fn values_statement(into: &str, width: usize, rows: Vec<Vec<Value>>) -> Statement {
    let row = format!("({})", vec!["?"; width].join(", "));
    let sql = format!("{into} VALUES {}", vec![row.as_str(); rows.len()].join(", "));
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, rows.into_iter().flatten())
}

fn arrays_statement(
    into: &str,
    width: usize,
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<Statement, DbErr> {
    let mut columns: Vec<Vec<Value>> = vec![Vec::with_capacity(rows.size_hint().0); width];
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let mut arrays = Arrays::default();
    for column in columns {
        arrays.add(column)?;
    }
    let Arrays { selected, names, types, values } = arrays;
    let sql = format!(
        "{into} SELECT {} FROM UNNEST({}) AS u ({})",
        selected.join(", "),
        types.join(", "),
        names.join(", ")
    );
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
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
        self.types.push(format!("${}::{sql_type}[]", self.values.len()));
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
