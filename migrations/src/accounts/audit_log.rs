//! The audit log. The database itself refuses to change or remove an entry.

use sea_orm_migration::prelude::*;

/// Makes the audit log and the head of its chain.
#[derive(Debug)]
pub(super) struct AuditLog;

impl MigrationName for AuditLog {
    fn name(&self) -> &'static str {
        "m2026_11_23_000002_audit_log"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AuditLog {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(entries()).await?;
        manager.create_table(chain()).await?;
        let empty = Query::insert()
            .into_table("audit_chain")
            .columns(["id", "seq", "hash"])
            .values_panic([1_i16.into(), 0_i64.into(), vec![0_u8; 32].into()])
            .to_owned();
        manager.get_connection().execute(&empty).await?;
        crate::shared::refuse_changes(manager, "audit_entries").await
    }
}

fn entries() -> TableCreateStatement {
    Table::create()
        .table("audit_entries")
        .col(ColumnDef::new("seq").big_integer().not_null().primary_key())
        .col(ColumnDef::new("id").uuid().not_null().unique_key())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("actor_id").uuid())
        .col(ColumnDef::new("action").text().not_null())
        .col(ColumnDef::new("subject_id").text().not_null())
        .col(ColumnDef::new("detail").text().not_null())
        .col(ColumnDef::new("previous_hash").blob().not_null().unique_key())
        .col(ColumnDef::new("hash").blob().not_null().unique_key())
        .check((
            "audit_entries_hashes",
            Expr::cust("length(previous_hash) = 32 AND length(hash) = 32"),
        ))
        .to_owned()
}

/// One row: the number and hash of the last entry. Who appends locks it, so that the chain has no
/// forks; who cuts entries off the end is found out by it.
fn chain() -> TableCreateStatement {
    Table::create()
        .table("audit_chain")
        .col(ColumnDef::new("id").small_integer().not_null().primary_key())
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("hash").blob().not_null())
        .check(("audit_chain_one_row", Expr::cust("id = 1")))
        .to_owned()
}
