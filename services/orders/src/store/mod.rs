//! The tables of orders: the only place that knows the ORM.

pub mod booking;
pub mod cancellation;
pub mod cart;
pub mod checkout;
mod claim;
pub mod departure;
mod entities;
pub mod forgotten_buyer;
pub mod mail;
pub mod notice;
pub mod open_sale;
pub mod order;
pub mod order_return;
pub mod postponement;
pub mod reseller;
mod return_entities;
pub mod return_policy;
pub mod scan;
pub mod shop_news;
pub mod standing;
pub mod ticket;
pub mod turnover;
pub mod unsold_order;
pub mod voucher;
mod voucher_entities;
pub mod voucher_use;

use kernel::Money;
use sea_orm::DbErr;

/// A row says something that the program never wrote.
fn corrupt(what: &str) -> DbErr {
    DbErr::Custom(format!("the database holds {what} that this program does not know"))
}

fn money_of(minor: i64, currency: &str) -> Result<Money, DbErr> {
    Ok(Money::new(minor, currency.parse().map_err(|_| corrupt("a currency"))?))
}
