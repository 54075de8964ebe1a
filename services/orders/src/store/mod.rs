//! The tables of orders: the only place that knows the ORM.

pub mod booking;
pub mod cancellation;
pub mod cart;
pub mod checkout;
pub mod departure;
mod entities;
pub mod mail;
pub mod notice;
pub mod order;
pub mod order_return;
pub mod postponement;
pub mod reseller;
mod return_entities;
pub mod return_policy;
pub mod scan;
pub mod ticket;
pub mod turnover;
pub mod unsold_order;

use kernel::{CheckoutId, Money, Timestamp};
use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{ColumnTrait, DbErr};

/// A row says something that the program never wrote.
fn corrupt(what: &str) -> DbErr {
    DbErr::Custom(format!("the database holds {what} that this program does not know"))
}

/// In an update of rows of many checkouts: each row's own moment.
fn moment_of(checkout: impl ColumnTrait, moments: &[(CheckoutId, Timestamp)]) -> Expr {
    let each = moments.iter().fold(CaseStatement::new(), |each, (id, at)| {
        each.case(checkout.eq(id.uuid()), Expr::value(at.micros()))
    });
    each.into()
}

fn money_of(minor: i64, currency: &str) -> Result<Money, DbErr> {
    Ok(Money::new(minor, currency.parse().map_err(|_| corrupt("a currency"))?))
}
