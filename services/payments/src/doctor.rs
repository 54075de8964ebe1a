//! What must always hold in payments.

use std::collections::HashMap;

use platform::database::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::store;
use crate::store::ledger::rebuild_chain;

/// Questions whose answer must be no row; the first column says what is wrong.
const CHECKS: &[(&str, &str)] = &[
    ("the ledger does not sum to zero", "SELECT currency FROM ledger_entries GROUP BY currency HAVING SUM(amount_minor) <> 0"),
    (
        "a posting does not sum to zero",
        "SELECT CAST(MIN(place) AS TEXT) FROM ledger_entries GROUP BY posting_id, currency HAVING SUM(amount_minor) <> 0",
    ),
    (
        "a kept balance differs from its entries",
        "SELECT b.account FROM ledger_balances b LEFT JOIN (
            SELECT account, currency, SUM(amount_minor) AS total FROM ledger_entries GROUP BY account, currency
         ) e ON e.account = b.account AND e.currency = b.currency
         WHERE b.debit - b.credit <> COALESCE(e.total, 0)",
    ),
    (
        "a bank credit is not in the ledger exactly once",
        "SELECT c.provider_id FROM bank_credits c LEFT JOIN ledger_postings p
           ON p.idempotency_key = 'credit:' || c.feed || ':' || c.provider_id
         WHERE p.id IS NULL",
    ),
    (
        "a payment succeeded without its credit",
        "SELECT p.code FROM payments p WHERE p.status = 'succeeded' AND p.amount_minor <>
            COALESCE((SELECT SUM(c.amount_minor) FROM bank_credits c
                WHERE c.payment_id = p.id AND c.state = 'matched'), 0)
            + COALESCE((SELECT SUM(c.expected_minor) FROM bank_credits c
                WHERE c.payment_id = p.id AND c.state = 'matched_with_tolerance'), 0)
            + COALESCE((SELECT SUM(s.amount_minor) FROM credit_splits s WHERE s.payment_id = p.id), 0)",
    ),
    (
        "a credit is matched to a payment that did not succeed",
        "SELECT c.provider_id FROM bank_credits c JOIN payments p ON p.id = c.payment_id
         WHERE c.state IN ('matched', 'matched_with_tolerance') AND p.status <> 'succeeded'",
    ),
    (
        "a credit that paid several is not their sum",
        "SELECT c.provider_id FROM bank_credits c LEFT JOIN credit_splits s ON s.credit_id = c.id
         WHERE c.rule = 'codes_and_their_sum/1'
         GROUP BY c.id, c.provider_id, c.amount_minor HAVING COALESCE(SUM(s.amount_minor), 0) <> c.amount_minor",
    ),
    (
        "a payment's parts do not sum to its amount",
        "SELECT p.code FROM payments p JOIN payment_allocations a ON a.payment_id = p.id
         GROUP BY p.id, p.code, p.amount_minor HAVING SUM(a.amount_minor) <> p.amount_minor",
    ),
];

/// Checks what must always hold; gives what does not, in words.
pub async fn doctor(database: &Database) -> Result<Vec<String>, DbErr> {
    let mut findings = Vec::new();
    for (wrong, question) in CHECKS {
        let statement = Statement::from_string(database.backend(), *question);
        for row in database.reader().query_all_raw(statement).await? {
            let about: String = row.try_get_by_index(0)?;
            findings.push(format!("{wrong}: {about}"));
        }
    }
    findings.extend(rebuild_chain(database.reader()).await?);
    Ok(findings)
}

/// Whether kept balances agree with the entries and everything sums to zero.
pub async fn books_balance(database: &Database) -> Result<bool, DbErr> {
    for (_, question) in CHECKS.iter().take(3) {
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
