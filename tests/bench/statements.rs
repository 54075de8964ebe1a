//! Statements: from the file to credits that are matched, posted and committed.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use chonoi::market::{Databases, migrate, payments_parts};
use chonoi::roles::Role;
use journeys::matching_set::{Open, matching_set};
use kernel::{Clock, PaymentId};
use payments::Payments;
use platform::clock::SystemClock;
use platform::database::Database;
use platform::ids;
use sea_orm::{ConnectionTrait, Statement};

use crate::load::median;
use crate::process::{Ground, Stand};
use crate::report::Report;

/// Payments that wait for money.
const OPEN: usize = 60_000;
/// Lines of a statement.
pub const LINES: u32 = 50_000;
const SEED: u64 = 20_261_124;
/// What is written of a payment, and of its only order.
const PAYMENTS: &str = "payments (id, checkout_id, status, amount_minor, currency, code, created_at, expires_at, closed_at)";
const PARTS: &str = "payment_allocations (payment_id, order_id, shop_id, amount_minor, currency)";

/// Imports three statements on a stand.
pub async fn measure(report: &mut Report, stand: &Stand, tpcb: f64) -> anyhow::Result<()> {
    let ground = Ground::lay(stand).await?;
    let config = ground.config();
    let databases = Databases::open(&config, &[Role::Payments]).await?;
    migrate(&databases).await?;
    let database = databases.payments.clone().context("payments has no database")?;
    let parts = payments_parts(&config, database.clone(), Arc::new(SystemClock), "")?;
    let account = parts.receiving_account.account.clone();
    let payments = Payments::new(parts);
    let (mut rates, mut posting_rates) = (Vec::new(), Vec::new());
    for run in 0..3 {
        let file = statement(&database, run, &account).await?;
        let posted_before = postings(&database).await?;
        let begun = Instant::now();
        let taken = payments.import_statement("bench.csv", file.into_bytes(), "bench").await?;
        payments.process_statements().await?;
        let seconds = begun.elapsed().as_secs_f64();
        rates.push(f64::from(LINES) / seconds);
        posting_rates.push(f64::from(postings(&database).await? - posted_before) / seconds);
        let done = payments.statement(taken.id).await?.context("the statement is gone")?;
        ensure!(done.counts.credits_new == u64::from(LINES), "{done:?}");
    }
    let rate = median(&mut rates);
    let (aim, beside) = match stand {
        Stand::Sqlite => ("5,000", String::new()),
        Stand::Postgres { .. } => ("10,000", format!("{:.1} × pgbench; ", rate / tpcb)),
    };
    report.row(
        &format!("statement of {LINES} lines, {}", stand.name()),
        &format!("{rate:.0} lines/s"),
        &format!("{beside}aim ≥ {aim}"),
    );
    let aim = match stand {
        Stand::Sqlite => String::new(),
        Stand::Postgres { .. } => "aim ≥ 5,000".to_owned(),
    };
    report.row(
        &format!("ledger postings, durable, by these statements, {}", stand.name()),
        &format!("{:.0}/s", median(&mut posting_rates)),
        &aim,
    );
    let findings = payments::doctor(&database, SystemClock.now()).await?;
    ensure!(findings.is_empty(), "{findings:?}");
    database.close().await?;
    ground.clear().await
}

/// A statement of credits by a run's own seed; what it pays waits in the database then.
pub async fn statement(database: &Database, run: u64, account: &str) -> anyhow::Result<String> {
    let (open, credits) = matching_set(SEED + run, OPEN, LINES as usize);
    insert_payments(database, &open).await?;
    let mut file = String::from("booked_at,amount,memo,reference,account\n");
    for (number, credit) in credits.iter().enumerate() {
        let (minute, second) = (number / 60 % 60, number % 60);
        let (amount, memo) = (credit.amount.minor, credit.memo.replace('"', "'"));
        let _ = writeln!(
            file,
            "2026-11-23 08:{minute:02}:{second:02},{amount},\"{memo}\",R{run}-{number},{account}"
        );
    }
    Ok(file)
}

/// How many postings the ledger has: their places are numbered.
async fn postings(database: &Database) -> anyhow::Result<u32> {
    let head = "SELECT sequence FROM ledger_head".to_owned();
    let head = Statement::from_string(database.backend(), head);
    let head = database.reader().query_one_raw(head).await?.context("the ledger has no end")?;
    Ok(u32::try_from(head.try_get::<i64>("", "sequence")?)?)
}

/// Payments of one order each, straight into the tables: making them is not what is measured.
async fn insert_payments(database: &Database, open: &[Open]) -> anyhow::Result<()> {
    let hex = |number: u128| match database.backend() {
        sea_orm::DbBackend::Sqlite => format!("x'{number:032x}'"),
        _ => format!("'{number:032x}'"),
    };
    for some in open.chunks(1_000) {
        let (mut payments, mut parts) = (Vec::new(), Vec::new());
        for payment in some {
            let id = hex(new_id());
            let (minor, code) = (payment.amount.minor, payment.code);
            payments.push(format!(
                "({id}, {}, 'pending', {minor}, 'VND', '{code}', 0, {}, NULL)",
                hex(new_id()),
                i64::MAX
            ));
            parts.push(format!(
                "({id}, {}, {}, {minor}, 'VND')",
                hex(new_id()),
                hex(u128::from(rand::random::<u8>()))
            ));
        }
        let tx = database.begin().await?;
        for (table, rows) in [(PAYMENTS, payments), (PARTS, parts)] {
            tx.execute_unprepared(&format!("INSERT INTO {table} VALUES {}", rows.join(", ")))
                .await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// An id as the market makes them: by time.
fn new_id() -> u128 {
    ids::new::<PaymentId>().uuid().as_u128()
}
