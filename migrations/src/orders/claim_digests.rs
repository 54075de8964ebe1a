//! Tokens that claim waiting lists' offers become their digests: only the guest has the token itself.

use platform::secrets::digest;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement, Value};

/// Digests the tokens that carts and checkouts kept.
pub(super) struct ClaimDigests;

impl MigrationName for ClaimDigests {
    fn name(&self) -> &'static str {
        "m2026_11_27_000550_claim_digests"
    }
}

/// Rows that are read at once. Few carts ever claimed anything.
const BATCH: usize = 500;

#[async_trait::async_trait]
impl MigrationTrait for ClaimDigests {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["carts", "checkouts"] {
            while digest_some(manager, table).await? {}
        }
        Ok(())
    }
}

/// Digests a batch; says whether there may be more.
async fn digest_some(manager: &SchemaManager<'_>, table: &str) -> Result<bool, DbErr> {
    let (db, backend) = (manager.get_connection(), manager.get_database_backend());
    let question = format!(
        "SELECT DISTINCT claim_token FROM {table}
         WHERE claim_token <> '' AND claim_token NOT LIKE 'sha256:%' LIMIT {BATCH}"
    );
    let rows = db.query_all_raw(Statement::from_string(backend, question)).await?;
    for row in &rows {
        let token: String = row.try_get_by_index(0)?;
        let hex: String = digest(&token).iter().map(|byte| format!("{byte:02x}")).collect();
        let change = format!("UPDATE {table} SET claim_token = $1 WHERE claim_token = $2");
        let values = [Value::from(format!("sha256:{hex}")), Value::from(token)];
        db.execute_raw(Statement::from_sql_and_values(backend, change, values)).await?;
    }
    Ok(rows.len() == BATCH)
}
