//! What the database of payments holds, seen past the program.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use chonoi::market::Databases;
use chonoi::roles::Role;
use journeys::market::TestMarket;
use platform::database::Database;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// The database of payments, open for a test to look into.
pub struct Books {
    database: Database,
}

impl Books {
    /// Opens it.
    pub async fn of(market: &TestMarket) -> anyhow::Result<Self> {
        let databases = Databases::open(market.config(), &[Role::Payments]).await?;
        Ok(Self { database: databases.payments.context("payments has no database")? })
    }

    /// Closes it: a market that ends must be the last to hold it.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.database.close().await?)
    }

    /// The first column of the first row, as a whole number.
    pub async fn number(&self, question: &str) -> anyhow::Result<i64> {
        let statement = Statement::from_string(self.database.backend(), question);
        let row = self.database.reader().query_one_raw(statement).await?.context("no row")?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Two columns of every row, as texts.
    pub async fn pairs(&self, question: &str) -> anyhow::Result<Vec<(String, String)>> {
        let statement = Statement::from_string(self.database.backend(), question);
        let rows = self.database.reader().query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    /// How many rows every table has.
    pub async fn counts(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        let tables = match self.database.backend() {
            DbBackend::Sqlite => {
                "SELECT name, name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            }
            _ => {
                "SELECT table_name, table_name FROM information_schema.tables
                 WHERE table_schema = current_schema()"
            }
        };
        let mut counts = BTreeMap::new();
        for (table, _) in self.pairs(tables).await? {
            let count = self.number(&format!("SELECT COUNT(*) FROM \"{table}\"")).await?;
            counts.insert(table, count);
        }
        Ok(counts)
    }

    /// The counts once nothing more is written: two looks that see the same.
    pub async fn quiet_counts(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        let mut before = self.counts().await?;
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            let now = self.counts().await?;
            if now == before {
                return Ok(now);
            }
            before = now;
        }
        anyhow::bail!("something is written all the time")
    }
}
