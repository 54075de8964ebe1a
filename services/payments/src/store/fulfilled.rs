//! When shoppers got their orders: noted wherever it stands what was taken of an order.

use std::collections::BTreeMap;

use kernel::{OrderId, Timestamp};
use platform::bulk;
use sea_orm::{ConnectionTrait, DbErr};

/// Where it stands: of what is taken, of what was given back whole, of what resellers are invoiced.
const TABLES: [&str; 3] = ["order_charges", "reversed_charges", "reseller_invoices"];

/// Notes that shoppers got orders; of an order the first time counts.
pub async fn note(
    tx: &impl ConnectionTrait,
    fulfilled: &[(OrderId, Timestamp)],
) -> Result<(), DbErr> {
    // An order that is named twice is one row here: else the database would choose which time counts.
    let mut first = BTreeMap::new();
    for (order, at) in fulfilled {
        first.entry(*order).or_insert(*at);
    }
    for table in TABLES {
        let only = format!("{table}.fulfilled_at IS NULL");
        let set = "fulfilled_at = v1";
        let update = bulk::Update { table, key: "order_id", set, only: Some(&only) };
        let rows = first.iter().map(|(order, at)| vec![order.uuid().into(), at.micros().into()]);
        update.run(tx, rows.collect()).await?;
    }
    Ok(())
}
