//! What must always hold in catalog.

use std::time::Duration;

use kernel::Timestamp;
use platform::database::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement};

/// The sweeper expires holds long before this.
const OVERDUE_AT_MOST: Duration = Duration::from_secs(120);

/// Questions whose answer must be no row.
const CHECKS: &[(&str, &str)] = &[
    (
        "what is held of a variant is not what its holds say",
        "SELECT v.sku FROM variants v LEFT JOIN (
            SELECT l.variant_id, SUM(l.quantity) AS quantity FROM hold_lines l
            JOIN holds h ON h.id = l.hold_id WHERE h.status = 'held' GROUP BY l.variant_id
         ) s ON s.variant_id = v.id WHERE v.held <> COALESCE(s.quantity, 0)",
    ),
    (
        "a variant has less than nothing",
        "SELECT sku FROM variants WHERE held < 0 OR held > on_hand",
    ),
    (
        "a product is visible and its shop is not approved",
        "SELECT p.slug FROM products p JOIN shops s ON s.id = p.shop_id WHERE p.visible AND NOT s.approved",
    ),
];

/// Checks what must always hold; gives what does not, in words.
pub async fn doctor(database: &Database, now: Timestamp) -> Result<Vec<String>, DbErr> {
    let mut findings = Vec::new();
    let overdue = format!(
        "SELECT reference FROM holds WHERE status = 'held' AND expires_at < {}",
        now.before(OVERDUE_AT_MOST).micros()
    );
    let overdue = ("a hold has outlived its expiry", overdue.as_str());
    for (wrong, question) in CHECKS.iter().copied().chain([overdue]) {
        let statement = Statement::from_string(database.backend(), question);
        for row in database.reader().query_all_raw(statement).await? {
            let about: String = row.try_get_by_index(0)?;
            findings.push(format!("{wrong}: {about}"));
        }
    }
    Ok(findings)
}
