//! What the services say of each other's work, compared: each tells where its own things stand, and no
//! database is joined with another. Only here are all of them at hand.

mod money;
mod stock;

use crate::market::Databases;

/// Rows of a service that are looked at together.
const PAGE: u64 = 500;
/// The most that is said of one kind: who reads it begins with the first.
const MOST: usize = 100;

/// Something on which two services do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// Whose words are compared.
    pub between: &'static str,
    /// On what they do not agree.
    pub what: String,
}

/// On what services do not agree. What one of them has just done and another has not heard yet is found,
/// too: whoever looks at a market that serves looks again a moment later.
pub async fn disagreements(databases: &Databases) -> anyhow::Result<Vec<Disagreement>> {
    let mut found = Vec::new();
    let mut note = |between: &'static str, list: Vec<String>| {
        found.extend(list.into_iter().map(|what| Disagreement { between, what }));
    };
    if let (Some(orders), Some(payments)) = (&databases.orders, &databases.payments) {
        let (orders, payments) = (orders.reader(), payments.reader());
        note("orders and payments", money::received(orders, payments).await?);
        note("orders and payments", money::paid_and_given_back(orders, payments).await?);
    }
    if let (Some(orders), Some(catalog)) = (&databases.orders, &databases.catalog) {
        let (orders, catalog) = (orders.reader(), catalog.reader());
        note("orders and catalog", stock::sold(orders, catalog).await?);
        note("orders and catalog", stock::paid_for(orders, catalog).await?);
        note("orders and catalog", stock::booked(orders, catalog).await?);
    }
    Ok(found)
}
