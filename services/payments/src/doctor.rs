//! What must always hold in payments.

use std::collections::HashMap;
use std::time::Duration;

use kernel::Timestamp;
use platform::database::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::domain::ledger::Account;
use crate::store;
use crate::store::ledger::rebuild_chain;

/// What is wrong, and the question that finds it: its answer must be no row, the first column says where.
type Check = (&'static str, &'static str);

/// What must hold of the ledger, whatever it is about.
const LEDGER: &[Check] = &[
    (
        "the ledger does not sum to zero",
        "SELECT currency FROM ledger_entries GROUP BY currency HAVING SUM(amount_minor) <> 0",
    ),
    (
        "a posting does not sum to zero",
        "SELECT CAST(MIN(place) AS TEXT) FROM ledger_entries GROUP BY posting_id, currency HAVING SUM(amount_minor) <> 0",
    ),
    (
        // Both sides of it, and also where one of the two is missing.
        "a kept balance differs from its entries",
        "SELECT x.account FROM (
            SELECT account, currency, debit, credit FROM ledger_balances
            UNION ALL
            SELECT account, currency, CASE WHEN amount_minor > 0 THEN -amount_minor ELSE 0 END,
                CASE WHEN amount_minor < 0 THEN amount_minor ELSE 0 END FROM ledger_entries
         ) x GROUP BY x.account, x.currency HAVING SUM(x.debit) <> 0 OR SUM(x.credit) <> 0",
    ),
    (
        // The chain says nothing of it.
        "an entry is of no posting",
        "SELECT e.account FROM ledger_entries e LEFT JOIN ledger_postings p ON p.id = e.posting_id WHERE p.id IS NULL",
    ),
];

/// So many of them, the first, say whether the books balance.
const SUMS: usize = 3;

/// What must hold besides.
const CHECKS: &[Check] = &[
    (
        "a bank credit is not in the ledger exactly once",
        "SELECT c.provider_id FROM bank_credits c LEFT JOIN ledger_postings p
           ON p.idempotency_key = 'credit:' || c.feed || ':' || c.provider_id
         WHERE p.id IS NULL",
    ),
    (
        "a payment succeeded without its credit",
        "SELECT p.code FROM payments p
         LEFT JOIN (
            SELECT payment_id, SUM(CASE state WHEN 'matched' THEN amount_minor ELSE expected_minor END) AS came
            FROM bank_credits WHERE state IN ('matched', 'matched_with_tolerance') GROUP BY payment_id
         ) c ON c.payment_id = p.id
         LEFT JOIN (
            SELECT payment_id, SUM(amount_minor) AS came FROM credit_splits GROUP BY payment_id
         ) s ON s.payment_id = p.id
         LEFT JOIN card_attempts a ON a.payment_id = p.id AND a.status = 'captured'
         WHERE p.status = 'succeeded' AND p.amount_minor <>
            COALESCE(c.came, 0) + COALESCE(s.came, 0) + COALESCE(a.captured_minor, 0)",
    ),
    (
        "a credit is matched to a payment that did not succeed",
        "SELECT c.provider_id FROM bank_credits c JOIN payments p ON p.id = c.payment_id
         WHERE c.state IN ('matched', 'matched_with_tolerance') AND p.status <> 'succeeded'",
    ),
    (
        "a credit that paid several is not their sum",
        "SELECT c.provider_id FROM bank_credits c LEFT JOIN credit_splits s ON s.credit_id = c.id
         WHERE c.rule = 'codes_and_their_sum/1' OR c.resolution IN ('matched', 'split')
         GROUP BY c.id, c.provider_id, c.amount_minor HAVING COALESCE(SUM(s.amount_minor), 0) <> c.amount_minor",
    ),
    (
        "a credit is matched with a payment that a person refused",
        "SELECT c.provider_id FROM match_refusals r JOIN bank_credits c ON c.id = r.credit_id
         LEFT JOIN credit_splits s ON s.credit_id = r.credit_id AND s.payment_id = r.payment_id
         WHERE s.payment_id IS NOT NULL
            OR (c.payment_id = r.payment_id AND c.state IN ('matched', 'matched_with_tolerance'))",
    ),
    (
        "a paid order was not charged exactly once",
        "SELECT p.code FROM payments p JOIN payment_allocations a ON a.payment_id = p.id
         LEFT JOIN order_charges o ON o.order_id = a.order_id AND o.payment_id = p.id
         WHERE (p.status = 'succeeded' AND (o.order_id IS NULL OR o.base_minor <> a.amount_minor))
            OR (p.status <> 'succeeded' AND o.order_id IS NOT NULL)",
    ),
    (
        "a posting moved a shop's payable by something else than its lines",
        "SELECT p.idempotency_key FROM (
            SELECT posting_id, SUM(amount_minor) AS moved FROM ledger_entries
            WHERE account LIKE 'shop:%:payable' GROUP BY posting_id
         ) e LEFT JOIN (
            SELECT posting_id, SUM(amount_minor) AS said FROM shop_lines GROUP BY posting_id
         ) l ON l.posting_id = e.posting_id
         JOIN ledger_postings p ON p.id = e.posting_id
         WHERE e.moved + COALESCE(l.said, 0) <> 0",
    ),
    (
        "refunds of an order are more than was captured",
        "SELECT r.reference FROM refunds r JOIN order_charges o ON o.order_id = r.order_id
         WHERE r.status NOT IN ('failed', 'cancelled') AND r.shop_id IS NOT NULL
         GROUP BY r.order_id, o.base_minor, r.reference
         HAVING (SELECT SUM(x.amount_minor) FROM refunds x
            WHERE x.order_id = r.order_id AND x.shop_id IS NOT NULL AND x.status NOT IN ('failed', 'cancelled')) > o.base_minor",
    ),
    (
        "more pieces of an order's line are refunded than were ordered",
        "SELECT CAST(MIN(r.reference) AS TEXT) FROM refund_lines l JOIN refunds r ON r.id = l.refund_id
         WHERE r.status NOT IN ('failed', 'cancelled')
         GROUP BY l.order_line_id HAVING SUM(l.quantity) > MIN(l.ordered)",
    ),
    (
        "a payout is not the sum of its lines",
        "SELECT p.reference FROM payouts p LEFT JOIN shop_lines l ON l.settled_by = p.id
         WHERE p.status NOT IN ('discarded', 'returned')
         GROUP BY p.id, p.reference, p.amount_minor HAVING COALESCE(SUM(l.amount_minor), 0) <> p.amount_minor",
    ),
    (
        "more payouts are announced in the ledger than are planned",
        "SELECT CAST(a.announced AS TEXT) FROM (
            SELECT COALESCE(SUM(l.amount_minor), 0) AS announced FROM ledger_pending l
            LEFT JOIN ledger_pending_resolutions r ON r.pending_id = l.id
            WHERE r.pending_id IS NULL AND l.kind = 'payout_sent'
         ) a WHERE a.announced >
            (SELECT COALESCE(SUM(p.amount_minor), 0) FROM payouts p WHERE p.status IN ('draft', 'approved'))",
    ),
    (
        "an announced posting was posted otherwise than it says",
        "SELECT l.idempotency_key FROM ledger_pending l JOIN ledger_pending_resolutions r ON r.pending_id = l.id
         WHERE r.outcome = 'posted' AND (
            NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.posting_id = r.posting_id
                AND e.account = l.debit_account AND e.amount_minor = r.posted_minor AND e.currency = r.currency)
            OR NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.posting_id = r.posting_id
                AND e.account = l.credit_account AND e.amount_minor = -r.posted_minor AND e.currency = r.currency))",
    ),
    (
        "refunds on their way differ from the ledger",
        // A card's refund is owed from its approval until its movement is in the books, and again from the
        // movement by which it came back until it is taken back.
        "SELECT CAST(COALESCE(SUM(r.owed), 0) AS TEXT) FROM (
            SELECT amount_minor AS owed FROM refunds
            WHERE method = 'bank_transfer' AND status IN ('approved', 'sent')
            UNION ALL
            SELECT CASE WHEN f.status IN ('approved', 'sent', 'succeeded') THEN f.amount_minor ELSE 0 END
                - CASE WHEN c.movement_id IS NULL THEN 0 ELSE f.amount_minor END
                + CASE WHEN c.failure_movement_id IS NULL THEN 0 ELSE f.amount_minor END
            FROM refunds f LEFT JOIN card_returns c ON c.refund_id = f.id WHERE f.method = 'card'
         ) r
         HAVING COALESCE(SUM(r.owed), 0) <>
            COALESCE((SELECT SUM(b.credit - b.debit) FROM ledger_balances b WHERE b.account = 'refunds'), 0)",
    ),
    (
        "payouts on their way differ from the ledger",
        "SELECT CAST(COALESCE(SUM(p.amount_minor), 0) AS TEXT) FROM payouts p WHERE p.status = 'sent'
         HAVING COALESCE(SUM(p.amount_minor), 0) <>
            COALESCE((SELECT SUM(b.credit - b.debit) FROM ledger_balances b WHERE b.account = 'payouts:in_transit'), 0)",
    ),
    (
        "a card paid a payment that did not succeed",
        "SELECT a.charge_id FROM card_attempts a JOIN payments p ON p.id = a.payment_id
         WHERE a.status = 'captured' AND p.status <> 'succeeded'",
    ),
    (
        "the balance at the card provider differs from its movements",
        "SELECT k.currency FROM (
            SELECT currency, SUM(amount) AS amount FROM (
                SELECT currency, net_minor AS amount FROM card_movements
                UNION ALL
                SELECT currency, captured_minor AS amount FROM card_attempts
                WHERE captured_minor IS NOT NULL AND movement_id IS NULL
                UNION ALL
                SELECT currency, credit - debit AS amount FROM ledger_balances WHERE account = 'stripe:clearing'
            ) x GROUP BY currency
         ) k WHERE k.amount <> 0",
    ),
    (
        "the card provider's payouts on their way differ from the ledger",
        "SELECT k.currency FROM (
            SELECT currency, SUM(amount) AS amount FROM (
                SELECT currency, amount_minor AS amount FROM card_movements
                WHERE kind IN ('payout', 'payout_failure')
                UNION ALL
                SELECT currency, amount_minor AS amount FROM card_payouts WHERE credit_id IS NOT NULL
                UNION ALL
                SELECT currency, debit - credit AS amount FROM ledger_balances WHERE account = 'stripe:payouts'
            ) x GROUP BY currency
         ) k WHERE k.amount <> 0",
    ),
    (
        "a lost dispute is borne by nobody, or one that was not lost by somebody",
        "SELECT d.provider_id FROM card_disputes d
         WHERE (d.status = 'lost' AND d.borne_minor = 0 AND EXISTS (SELECT 1 FROM card_movements m
                WHERE m.source = d.provider_id GROUP BY m.source HAVING SUM(m.amount_minor) < 0))
            OR (d.status <> 'lost' AND d.borne_minor <> 0) OR d.borne_by_surplus_minor > d.borne_minor",
    ),
    (
        "card money that came second is neither on its way back nor in suspense",
        "SELECT a.charge_id FROM card_attempts a
         WHERE a.status = 'surplus' AND NOT EXISTS (SELECT 1 FROM card_returns r WHERE r.attempt_id = a.id)",
    ),
    (
        "what resellers were invoiced differs from the ledger",
        "SELECT CAST(i.base_minor AS TEXT) FROM reseller_invoices i
         LEFT JOIN reseller_lines l ON l.booking_id = i.booking_id
         GROUP BY i.booking_id, i.base_minor, i.returned_minor
         HAVING COALESCE(SUM(l.amount_minor), 0) <> i.base_minor - i.returned_minor",
    ),
    (
        "a reseller's line differs from its posting",
        "SELECT p.idempotency_key FROM reseller_lines l JOIN ledger_postings p ON p.id = l.posting_id
         WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.posting_id = l.posting_id
            AND e.account LIKE 'reseller:%' AND e.amount_minor = l.amount_minor AND e.currency = l.currency)",
    ),
    (
        "a reseller's bill is not the sum of its lines",
        // What ended without money holds none.
        "SELECT p.code FROM payments p LEFT JOIN reseller_bills b ON b.payment_id = p.id
         LEFT JOIN reseller_lines l ON l.bill_id = b.id
         WHERE p.purpose = 'reseller_bill' GROUP BY p.id, p.code, p.status, p.amount_minor
         HAVING COALESCE(SUM(l.amount_minor), 0) <>
            CASE WHEN p.status IN ('pending', 'succeeded') THEN p.amount_minor ELSE 0 END",
    ),
    (
        "a payment was paid on another account than it asked for",
        "SELECT p.code FROM payments p JOIN bank_credits c ON c.payment_id = p.id
         WHERE c.state IN ('matched', 'matched_with_tolerance') AND p.receiving_account IS NOT NULL
            AND (c.account_number <> p.receiving_account OR c.shop_id IS NULL)
         UNION ALL
         SELECT p.code FROM payments p JOIN bank_credits c ON c.payment_id = p.id
         WHERE c.state IN ('matched', 'matched_with_tolerance') AND p.receiving_account IS NULL AND c.shop_id IS NOT NULL
         UNION ALL
         SELECT p.code FROM payments p JOIN credit_splits s ON s.payment_id = p.id JOIN bank_credits c ON c.id = s.credit_id
         WHERE (p.receiving_account IS NULL AND c.shop_id IS NOT NULL)
            OR (p.receiving_account IS NOT NULL AND (c.shop_id IS NULL OR c.account_number <> p.receiving_account))",
    ),
    (
        "what came straight to shops' own accounts differs from the ledger or from their statements",
        "SELECT CAST(d.sold AS TEXT) FROM (
            SELECT COALESCE((SELECT SUM(o.base_minor) FROM order_charges o JOIN payments p ON p.id = o.payment_id
                    WHERE p.receiving_account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM card_attempts a
                        WHERE a.payment_id = p.id AND a.status = 'captured')), 0)
                - COALESCE((SELECT SUM(r.amount_minor) FROM refunds r
                    WHERE r.method = 'by_shop' AND r.status IN ('approved', 'sent', 'succeeded')), 0) AS sold,
                COALESCE((SELECT SUM(b.credit - b.debit) FROM ledger_balances b
                    WHERE b.account LIKE 'shop:%:direct_sales'), 0) AS booked,
                -COALESCE((SELECT SUM(l.amount_minor) FROM shop_lines l
                    WHERE l.kind IN ('direct', 'direct_back')), 0) AS told
         ) d WHERE d.sold <> d.booked OR d.sold <> d.told",
    ),
    (
        "what shops are to give back themselves differs from the ledger",
        "SELECT CAST(COALESCE(SUM(r.amount_minor), 0) AS TEXT) FROM refunds r
         WHERE r.method = 'by_shop' AND r.status IN ('approved', 'sent')
         HAVING COALESCE(SUM(r.amount_minor), 0) <>
            COALESCE((SELECT SUM(b.credit - b.debit) FROM ledger_balances b
                WHERE b.account LIKE 'shop:%:direct_refunds'), 0)",
    ),
    (
        "a payment's parts do not sum to its amount",
        "SELECT p.code FROM payments p JOIN payment_allocations a ON a.payment_id = p.id
         GROUP BY p.id, p.code, p.amount_minor HAVING SUM(a.amount_minor) <> p.amount_minor",
    ),
];

/// For so long an operator has time to look at card money that could not go back.
const SURPLUS_STUCK_AFTER: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The most findings of one kind.
const MOST: u64 = 100;

/// Checks what must always hold; gives what does not, in words.
pub async fn doctor(database: &Database, now: Timestamp) -> Result<Vec<String>, DbErr> {
    let mut findings = ledger(database.reader()).await?;
    findings.extend(answers(database.reader(), CHECKS).await?);
    let since = now.before(SURPLUS_STUCK_AFTER);
    for stuck in store::cards::returned::stuck_surplus(database.reader(), since, MOST).await? {
        let id = stuck.returned.id;
        findings.push(format!("card money that came second did not go back for a week: {id}"));
    }
    findings.extend(receivables(database.reader()).await?);
    Ok(findings)
}

/// What must hold of the ledger alone: sums, kept balances, the chain, closed periods.
pub async fn ledger(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut findings = answers(db, LEDGER).await?;
    findings.extend(rebuild_chain(db).await?);
    findings.extend(store::ledger_closing::verify(db).await?);
    Ok(findings)
}

async fn answers(db: &impl ConnectionTrait, checks: &[Check]) -> Result<Vec<String>, DbErr> {
    let mut findings = Vec::new();
    for (wrong, question) in checks {
        let statement = Statement::from_string(db.get_database_backend(), *question);
        for row in db.query_all_raw(statement).await? {
            let about: String = row.try_get_by_index(0)?;
            findings.push(format!("{wrong}: {about}"));
        }
    }
    Ok(findings)
}

/// What each reseller owes in the books is what no bill asks for and what bills ask for that are not paid.
async fn receivables(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut owed = store::reseller_bill::owed(db, None).await?;
    let mut findings = Vec::new();
    for balance in store::ledger::balances(db).await? {
        let Ok(Account::ResellerReceivable(reseller)) = balance.account.parse() else { continue };
        let said = owed.remove(&reseller).map_or(0, |owed| owed.open.minor + owed.billed.minor);
        let booked = balance.debit.minor - balance.credit.minor;
        if said != booked {
            findings
                .push(format!("{reseller} owes {booked} in the ledger and {said} by its lines"));
        }
    }
    let without = owed.into_iter().filter(|(_, owed)| owed.open.minor + owed.billed.minor != 0);
    findings.extend(without.map(|(id, _)| format!("{id} owes what the ledger does not know of")));
    Ok(findings)
}

/// Whether kept balances agree with the entries and everything sums to zero.
pub async fn books_balance(database: &Database) -> Result<bool, DbErr> {
    for (_, question) in LEDGER.iter().take(SUMS) {
        let statement = Statement::from_string(database.backend(), *question);
        if !database.reader().query_all_raw(statement).await?.is_empty() {
            return Ok(false);
        }
    }
    let mut sums: HashMap<kernel::Currency, i128> = HashMap::new();
    for balance in store::ledger::balances(database.reader()).await? {
        let sum = sums.entry(balance.debit.currency).or_default();
        *sum += i128::from(balance.debit.minor) - i128::from(balance.credit.minor);
    }
    Ok(sums.values().all(|sum| *sum == 0))
}
