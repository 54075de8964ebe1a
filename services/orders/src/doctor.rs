//! What must always hold in orders.

use std::time::Duration;

use kernel::Timestamp;
use platform::database::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::store;

/// The sweeper resumes a checkout long before this.
const STARTING_AT_MOST: Duration = Duration::from_secs(10 * 60);

/// A refund that nobody takes is tried again for this long before somebody must look.
const CANCELLING_AT_MOST: Duration = Duration::from_secs(60 * 60);

/// Questions whose answer must be no row.
const CHECKS: &[(&str, &str)] = &[
    (
        "a paid checkout has an order that is not paid",
        "SELECT o.number FROM orders o JOIN checkouts c ON c.id = o.checkout_id
         WHERE c.status = 'paid' AND o.cancelled_at IS NULL
         AND o.status NOT IN ('paid', 'fulfilled', 'refund_due')
         AND NOT EXISTS (SELECT 1 FROM unsold_orders u WHERE u.order_id = o.id)",
    ),
    (
        "an order is paid and its checkout is not",
        "SELECT o.number FROM orders o JOIN checkouts c ON c.id = o.checkout_id
         WHERE c.status <> 'paid' AND (o.status = 'paid'
             OR (o.status = 'fulfilled' AND c.reopened_at IS NULL))",
    ),
    (
        "the orders of a checkout do not sum to its total",
        "SELECT COALESCE(MIN(o.number), 'it has none') FROM checkouts c
         LEFT JOIN orders o ON o.checkout_id = c.id
         GROUP BY c.id, c.total_minor HAVING COALESCE(SUM(o.total_minor), 0) <> c.total_minor",
    ),
    (
        "the lines of an order do not sum to its total",
        "SELECT o.number FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id
         GROUP BY o.id, o.number, o.total_minor
         HAVING COALESCE(SUM(l.total_minor - l.discount_minor), 0) <> o.total_minor",
    ),
    (
        "a line has a discount and its order no voucher",
        "SELECT DISTINCT o.number FROM order_lines l JOIN orders o ON o.id = l.order_id
         WHERE l.discount_minor > 0 AND o.voucher_code IS NULL",
    ),
    (
        "a voucher does not count its uses",
        "SELECT v.code FROM vouchers v LEFT JOIN voucher_uses u ON u.voucher_id = v.id
             AND u.given_back_at IS NULL
         GROUP BY v.id, v.code, v.uses HAVING COUNT(u.checkout_id) <> v.uses",
    ),
    (
        "a checkout that ended unpaid still uses a voucher, or an open one does not",
        "SELECT v.code FROM voucher_uses u JOIN checkouts c ON c.id = u.checkout_id
         JOIN vouchers v ON v.id = u.voucher_id
         WHERE (c.status IN ('expired', 'cancelled', 'refused')) <> (u.given_back_at IS NOT NULL)",
    ),
    (
        "a paid order does not have the tickets of a line",
        "SELECT o.number FROM order_lines l JOIN orders o ON o.id = l.order_id
         LEFT JOIN tickets t ON t.order_line_id = l.id
         WHERE l.departure_id IS NOT NULL AND o.status IN ('paid', 'fulfilled')
         GROUP BY l.id, o.number, l.quantity, l.admits, l.total_minor, l.discount_minor
         HAVING COALESCE(SUM(t.admits), 0) <> l.quantity * l.admits
             OR (l.admits > 0
                 AND COALESCE(SUM(t.price_minor), 0) <> l.total_minor - l.discount_minor)",
    ),
    (
        "a ticket lets somebody in and its order is not paid",
        "SELECT DISTINCT o.number FROM tickets t JOIN orders o ON o.id = t.order_id
         JOIN checkouts c ON c.id = o.checkout_id
         WHERE o.status NOT IN ('paid', 'fulfilled')
         AND (t.status = 'valid' OR (t.status = 'redeemed' AND c.reopened_at IS NULL))",
    ),
    (
        "a guest is on board without a scan of that moment",
        "SELECT DISTINCT o.number FROM tickets t JOIN orders o ON o.id = t.order_id
         WHERE t.status = 'redeemed' AND NOT EXISTS (SELECT 1 FROM ticket_scans s
             WHERE s.ticket_id = t.id AND s.verdict = 'counts' AND s.undo = 0
                 AND s.counted_at = t.redeemed_at)",
    ),
    (
        "a guest was scanned and is not on board",
        "SELECT DISTINCT o.number FROM tickets t JOIN orders o ON o.id = t.order_id
         JOIN order_lines l ON l.id = t.order_line_id
         WHERE t.status = 'valid' AND EXISTS (SELECT 1 FROM ticket_scans s
             WHERE s.ticket_id = t.id AND s.verdict = 'counts' AND s.undo = 0
                 AND s.departure_id = l.departure_id)
         AND NOT EXISTS (SELECT 1 FROM ticket_scans s
             WHERE s.ticket_id = t.id AND s.verdict = 'counts' AND s.undo = 1)",
    ),
    (
        "a cancelled ticket is of no cancellation that is done",
        "SELECT DISTINCT o.number FROM tickets t JOIN orders o ON o.id = t.order_id
         JOIN ticket_cancellations c ON c.id = t.cancellation_id
         WHERE (t.status = 'cancelled') <> (c.status = 'done')",
    ),
    (
        "what came back of an order is more than it cost",
        "SELECT o.number FROM orders o JOIN ticket_cancellations c ON c.order_id = o.id
         GROUP BY o.id, o.number, o.total_minor HAVING SUM(c.refund_minor) > o.total_minor",
    ),
    (
        "more pieces of a line come back than were sold",
        "SELECT o.number FROM order_lines l JOIN orders o ON o.id = l.order_id
         JOIN order_return_lines r ON r.order_line_id = l.id
         JOIN order_returns b ON b.id = r.return_id AND b.status <> 'declined'
         GROUP BY l.id, o.number, l.quantity HAVING SUM(r.quantity) > l.quantity",
    ),
    (
        "an order was called off, and nothing of it comes back",
        "SELECT o.number FROM orders o WHERE o.cancelled_at IS NOT NULL AND NOT EXISTS
         (SELECT 1 FROM order_returns b WHERE b.order_id = o.id AND b.kind = 'cancellation'
             AND b.status = 'done')",
    ),
    (
        "a confirmed booking is not what its order is",
        "SELECT b.uuid FROM bookings b LEFT JOIN orders o ON o.id = b.order_id
         WHERE b.status IN ('confirmed', 'cancelling')
         AND (o.id IS NULL OR o.status NOT IN ('paid', 'fulfilled') OR o.total_minor <> b.total_minor)",
    ),
    (
        "an invoiced order has no invoice of its total",
        "SELECT o.number FROM orders o JOIN checkouts c ON c.id = o.checkout_id
         LEFT JOIN reseller_invoices i ON i.order_id = o.id AND i.reversal = 0
         WHERE c.pay_with = 'invoiced' AND (i.cause IS NULL OR i.amount_minor <> o.total_minor)",
    ),
    (
        "a paid order is waiting for a refund",
        "SELECT number FROM orders WHERE status = 'refund_due'",
    ),
];

/// Checks what must always hold; gives what does not, in words.
pub async fn doctor(database: &Database, now: Timestamp) -> Result<Vec<String>, DbErr> {
    let mut findings = Vec::new();
    for (wrong, question) in CHECKS {
        let statement = Statement::from_string(database.backend(), *question);
        for row in database.reader().query_all_raw(statement).await? {
            let about: String = row.try_get_by_index(0)?;
            findings.push(format!("{wrong}: {about}"));
        }
    }
    for checkout in
        store::checkout::stuck(database.reader(), now.before(STARTING_AT_MOST), 100).await?
    {
        findings.push(format!("a checkout is still starting: {}", checkout.id));
    }
    let db = database.reader();
    for begun in store::cancellation::stuck(db, now.before(CANCELLING_AT_MOST), 100).await? {
        findings.push(format!("a cancellation is still under way: {}", begun.id));
    }
    for begun in store::order_return::stuck(db, now.before(CANCELLING_AT_MOST), 100).await? {
        findings.push(format!("a return is still under way: {}", begun.id));
    }
    for booking in store::booking::expired(db, now.before(STARTING_AT_MOST), 100).await? {
        findings.push(format!("a booking is held past its time: {}", booking.uuid));
    }
    for booking in store::booking::confirming(db, now.before(STARTING_AT_MOST), 100).await? {
        findings.push(format!("a booking is still being confirmed: {}", booking.uuid));
    }
    Ok(findings)
}
