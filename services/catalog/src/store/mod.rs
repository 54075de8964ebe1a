//! The tables of catalog: the only place that knows the ORM.

pub mod category;
pub mod departure;
mod entities;
pub mod forgetting;
pub mod hold;
pub mod image;
pub mod import;
pub mod listing;
pub mod product;
pub mod review;
pub mod seats;
pub mod shop;
pub mod standing;
pub mod tour;
pub mod variant;
pub mod waiting;

use kernel::Money;
use sea_orm::DbErr;

/// A row says something that the program never wrote.
fn corrupt(what: &str) -> DbErr {
    DbErr::Custom(format!("the database holds {what} that this program does not know"))
}

fn money_of(minor: i64, currency: &str) -> Result<Money, DbErr> {
    Ok(Money::new(minor, currency.parse().map_err(|_| corrupt("a currency"))?))
}

/// A list of texts in one column.
fn texts_of(column: &str) -> Result<Vec<String>, DbErr> {
    serde_json::from_str(column).map_err(|_| corrupt("a list of texts"))
}

fn column_of(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}
