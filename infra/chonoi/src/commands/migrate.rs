//! `chonoi migrate`: brings every database to the newest shape.

use std::process::ExitCode;

use crate::arguments::Common;
use crate::market::{Databases, migrate};
use crate::roles::Role;

/// Migrates all databases of the configuration.
pub async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    let databases = Databases::open(&config, &Role::ALL).await?;
    migrate(&databases).await?;
    for (name, database) in databases.all() {
        println!("{name}: {:?} is at the newest shape", database.backend());
        database.close().await?;
    }
    Ok(ExitCode::SUCCESS)
}
