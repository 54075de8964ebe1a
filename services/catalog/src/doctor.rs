//! What must always hold in catalog.

use std::time::Duration;

use kernel::{DepartureId, Timestamp};
use platform::database::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::store;

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
        // What came in is what is free, held or sold.
        "what is there of a variant and what was sold of it is not what came in",
        "SELECT v.sku FROM variants v LEFT JOIN (
            SELECT variant_id, SUM(change) AS came FROM stock_movements GROUP BY variant_id
         ) m ON m.variant_id = v.id LEFT JOIN (
            SELECT l.variant_id, SUM(l.quantity) AS sold FROM hold_lines l
            JOIN holds h ON h.id = l.hold_id WHERE h.status = 'committed' GROUP BY l.variant_id
         ) s ON s.variant_id = v.id
         WHERE v.on_hand + COALESCE(s.sold, 0) <> COALESCE(m.came, 0)",
    ),
    (
        "a product is visible and its shop is not approved",
        "SELECT p.slug FROM products p JOIN shops s ON s.id = p.shop_id WHERE p.visible AND NOT s.approved",
    ),
    (
        "the ratings of a product are not what its reviews say",
        "SELECT p.slug FROM products p LEFT JOIN (
            SELECT product_id, SUM(rating) AS ratings, COUNT(*) AS reviews FROM reviews
            WHERE removed_at IS NULL GROUP BY product_id
         ) r ON r.product_id = p.id
         WHERE p.rating_sum <> COALESCE(r.ratings, 0) OR p.rating_count <> COALESCE(r.reviews, 0)",
    ),
    (
        // Hundredths, rounded half up, as the domain reckons them.
        "the average of a product is not what its ratings come to",
        "SELECT slug FROM products WHERE rating <>
            CASE rating_count WHEN 0 THEN 0 ELSE (rating_sum * 200 + rating_count) / (rating_count * 2) END",
    ),
];

/// The same of departures: the answer is their ids.
const SEAT_CHECKS: &[(&str, &str)] = &[
    (
        "what is held of a departure's seats is not what its holds say",
        "SELECT d.id FROM departures d LEFT JOIN (
            SELECT s.departure_id, SUM(s.seats) AS seats FROM hold_seats s
            JOIN holds h ON h.id = s.hold_id WHERE h.status = 'held' GROUP BY s.departure_id
         ) s ON s.departure_id = d.id WHERE d.held <> COALESCE(s.seats, 0)",
    ),
    (
        "what is sold of a departure's seats is not what its holds say",
        "SELECT d.id FROM departures d LEFT JOIN (
            SELECT s.departure_id, SUM(s.seats - s.returned_seats) AS seats FROM hold_seats s
            JOIN holds h ON h.id = s.hold_id WHERE h.status = 'committed' GROUP BY s.departure_id
         ) s ON s.departure_id = d.id WHERE d.sold <> COALESCE(s.seats, 0)",
    ),
    (
        "more seats of a departure are taken than it has",
        "SELECT id FROM departures WHERE held < 0 OR sold < 0 OR held + sold > capacity",
    ),
    (
        "seats are offered to who waits, and no hold keeps them",
        "SELECT w.departure_id FROM waiting_list w LEFT JOIN holds h ON h.id = w.hold_id
         WHERE w.status = 'offered' AND (h.status IS NULL OR h.status <> 'held')",
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
    for (wrong, question) in SEAT_CHECKS {
        let statement = Statement::from_string(database.backend(), *question);
        for row in database.reader().query_all_raw(statement).await? {
            let about = DepartureId::from_uuid(row.try_get_by_index(0)?);
            findings.push(format!("{wrong}: {about}"));
        }
    }
    for slug in store::image::without_files(database.reader()).await? {
        findings.push(format!("a picture of a product has no file: {slug}"));
    }
    Ok(findings)
}
