//! What there was of each variant at first: without it nobody can say whether what is there now is right.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

/// Notes as the opening of each variant what its movements and sales do not explain.
pub(super) struct OpeningStock;

impl MigrationName for OpeningStock {
    fn name(&self) -> &'static str {
        "m2026_11_28_000100_opening_stock"
    }
}

/// Variants of one transaction. What refers to a variant keeps it from being sold until the transaction
/// ends (PostgreSQL locks it FOR KEY SHARE, and a sale FOR UPDATE).
const BATCH: usize = 2_000;

/// One statement reads one state of the database, whatever is sold meanwhile; it locks variants in the order
/// in which sales do. A variant has one opening, so its id is the movement's, too; what is explained by an
/// opening already gets none.
const OPENINGS: &str = "INSERT INTO stock_movements (id, variant_id, change, reason, at)
    SELECT v.id, v.id, v.on_hand + COALESCE(s.sold, 0) - COALESCE(m.came, 0), 'opening', p.created_at
    FROM variants v JOIN products p ON p.id = v.product_id
    LEFT JOIN (
        SELECT variant_id, SUM(change) AS came FROM stock_movements
        WHERE variant_id > {after} AND variant_id <= {last} GROUP BY variant_id
    ) m ON m.variant_id = v.id
    LEFT JOIN (
        SELECT l.variant_id, SUM(l.quantity) AS sold FROM hold_lines l
        JOIN holds h ON h.id = l.hold_id
        WHERE h.status = 'committed' AND l.variant_id > {after} AND l.variant_id <= {last}
        GROUP BY l.variant_id
    ) s ON s.variant_id = v.id
    WHERE v.id > {after} AND v.id <= {last}
        AND v.on_hand + COALESCE(s.sold, 0) - COALESCE(m.came, 0) <> 0
    ORDER BY v.id
    ON CONFLICT (id) DO NOTHING";

#[async_trait::async_trait]
impl MigrationTrait for OpeningStock {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let mut after = Uuid::nil();
        while let Some(last) = last_of_batch(manager, after).await? {
            let (from, to) = (literal(backend, after), literal(backend, last));
            let statement = OPENINGS.replace("{after}", &from).replace("{last}", &to);
            match backend {
                DbBackend::Sqlite => crate::shared::create(manager, &[&statement]).await?,
                _ => crate::shared::briefly(manager, &[&statement]).await?,
            }
            after = last;
        }
        Ok(())
    }

    /// On PostgreSQL each batch is a transaction of its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

/// The last variant of the batch behind one; `None` if there is no further variant.
async fn last_of_batch(manager: &SchemaManager<'_>, after: Uuid) -> Result<Option<Uuid>, DbErr> {
    let backend = manager.get_database_backend();
    let question = format!(
        "SELECT id FROM (SELECT id FROM variants WHERE id > {} ORDER BY id LIMIT {BATCH}) batch
         ORDER BY id DESC LIMIT 1",
        literal(backend, after)
    );
    let asked = Statement::from_string(backend, question);
    let row = manager.get_connection().query_one_raw(asked).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// An id as each database writes it.
fn literal(backend: DbBackend, id: Uuid) -> String {
    let hex = id.simple();
    if backend == DbBackend::Sqlite { format!("x'{hex}'") } else { format!("'{hex}'::uuid") }
}
