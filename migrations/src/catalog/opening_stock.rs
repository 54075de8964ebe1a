//! What there was of each variant at first: without it nobody can say whether what is there now is right.

use sea_orm_migration::prelude::*;

/// Notes as the opening of each variant what its movements and sales do not explain.
pub(super) struct OpeningStock;

impl MigrationName for OpeningStock {
    fn name(&self) -> &'static str {
        "m2026_11_28_000100_opening_stock"
    }
}

/// One statement reads one state of the database, whatever is sold meanwhile, and locks no stock. A variant
/// has one opening, so its id is the movement's, too.
const OPENINGS: &str = "INSERT INTO stock_movements (id, variant_id, change, reason, at)
    SELECT v.id, v.id, v.on_hand + COALESCE(s.sold, 0) - COALESCE(m.came, 0), 'opening', p.created_at
    FROM variants v JOIN products p ON p.id = v.product_id
    LEFT JOIN (
        SELECT variant_id, SUM(change) AS came FROM stock_movements GROUP BY variant_id
    ) m ON m.variant_id = v.id
    LEFT JOIN (
        SELECT l.variant_id, SUM(l.quantity) AS sold FROM hold_lines l
        JOIN holds h ON h.id = l.hold_id WHERE h.status = 'committed' GROUP BY l.variant_id
    ) s ON s.variant_id = v.id
    WHERE v.on_hand + COALESCE(s.sold, 0) - COALESCE(m.came, 0) <> 0";

#[async_trait::async_trait]
impl MigrationTrait for OpeningStock {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, &[OPENINGS]).await
    }
}
