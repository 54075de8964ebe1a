//! `chonoi reindex`: builds the search index anew from the products.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use platform::clock::SystemClock;
use platform::config::SearchEngineKind;
use platform::limits::RateLimiter;
use platform::rpc::{self, CatalogClient, Rpc};
use proto::common::Empty;

use crate::arguments::Common;
use crate::market::{Databases, Services, migrate};
use crate::roles::Role;

/// Asks catalog to rebuild: the running role where its address is configured, else its data folder.
pub async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    let remote: Option<Rpc> = match config.links.catalog.as_str() {
        "" => None,
        address => Some(rpc::remote(address, &config.links.token)?),
    };
    let mut databases = Databases::default();
    let catalog = match remote {
        Some(rpc) => rpc,
        None => {
            databases = Databases::open(&config, &[Role::Catalog]).await?;
            migrate(&databases).await?;
            let clock: Arc<dyn kernel::Clock> = Arc::new(SystemClock);
            let limiter = Arc::new(RateLimiter::in_process());
            let services = Services::build(&config, &databases, &clock, &limiter, "")
                .await
                .with_context(|| match config.search.engine {
                    SearchEngineKind::Embedded => {
                        "the embedded index belongs to one process: stop the market first"
                    }
                    SearchEngineKind::Meilisearch => "Meilisearch cannot be reached",
                })?;
            services.ways().catalog.context("catalog is not in this process")?
        }
    };
    let report = CatalogClient::new(catalog).reindex(Empty {}).await?.into_inner();
    println!("{} products indexed in {} ms", report.products, report.milliseconds);
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(ExitCode::SUCCESS)
}
