//! `chonoi import-statement`: a bank's statement, straight into the payments of the configuration.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use payments::statements::table::columns::ColumnMapping;
use payments::{Payments, PaymentsParts};
use platform::clock::SystemClock;

use crate::arguments::{Common, ImportStatement};
use crate::market::{Databases, migrate, payments_parts};
use crate::roles::Role;

/// Imports statements one after the other and says what their lines were. The market may be running.
pub async fn run(common: &Common, import: &ImportStatement) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    let databases = Databases::open(&config, &[Role::Payments]).await?;
    migrate(&databases).await?;
    let database = databases.payments.clone().context("payments has no database")?;
    let parts: PaymentsParts = payments_parts(&config, database, Arc::new(SystemClock), "")?;
    let payments = Payments::new(parts);
    for file in &import.files {
        import_one(&payments, file).await.with_context(|| file.display().to_string())?;
    }
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn import_one(payments: &Payments, file: &Path) -> anyhow::Result<()> {
    let body = std::fs::read(file)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let taken = payments.import_statement(&name.unwrap_or_default(), body, "operator").await?;
    payments.process_statements().await?;
    let imported = payments.statement(taken.id).await?.context("the statement is gone")?;
    let counts = imported.counts;
    println!(
        "{}: {} {}, {} lines: {} new credits, {} known, {} debits, {} unreadable",
        file.display(),
        imported.format,
        imported.status.name(),
        counts.lines_read,
        counts.credits_new,
        counts.credits_known,
        counts.debits,
        counts.unreadable,
    );
    // How the columns of a table were understood; an operator corrects it on the page of the statement.
    let mapping: Option<ColumnMapping> =
        imported.mapping.as_deref().and_then(|kept| serde_json::from_str(kept).ok());
    for (header, column) in mapping.iter().flat_map(|one| one.header.iter().zip(&one.columns)) {
        if let Some(column) = column {
            println!("  {}: {column:?}", kernel::normalize_spaces(header));
        }
    }
    ensure!(imported.problem.is_none(), "{}", imported.problem.unwrap_or_default());
    Ok(())
}
