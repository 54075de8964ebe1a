//! The tables of accounts.

use sea_orm_migration::prelude::*;

/// Migrates the database of accounts.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(crate::shared::Migration)]
    }

    fn migration_table_name() -> DynIden {
        "accounts_migrations".into_iden()
    }
}
