//! Fault 20: a backup restored into an empty system: the same counts and the same content where nobody
//! traded, and a market that goes on where people bought meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::future::join_all;
use journeys::shopping::{open_shop_at, sell};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest, Sha256};

use super::processes::{Alone, Folder, Settings, embedded, findings, run};
use super::trade::{Crowd, check_out, pay, until_paid};

const SERVICES: [&str; 4] = ["accounts", "catalog", "orders", "payments"];
/// Shoppers at once.
const SHOPPERS: usize = 3;

/// Of every table of every service, how many rows it has and the hash of all of them.
async fn content(data: &Path) -> anyhow::Result<BTreeMap<String, (usize, String)>> {
    let mut content = BTreeMap::new();
    for service in SERVICES {
        let file = data.join(format!("{service}.db"));
        let url = format!("sqlite://{}?mode=rw", file.display());
        let database = sea_orm::Database::connect(url).await?;
        let texts = async |sql: String| {
            let rows =
                database.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
            let texts = rows.iter().map(|row| row.try_get_by_index::<String>(0));
            anyhow::Ok(texts.collect::<Result<Vec<_>, _>>()?)
        };
        let tables =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        for table in texts(tables.to_owned()).await? {
            let columns = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
            let columns = texts(columns).await?;
            let values: Vec<String> =
                columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            let lines =
                format!("SELECT {} FROM \"{table}\" ORDER BY 1", values.join(" || ',' || "));
            let lines = texts(lines).await?;
            let mut hash = Sha256::new();
            for line in &lines {
                hash.update(line.as_bytes());
                hash.update(b"\n");
            }
            content
                .insert(format!("{service}.{table}"), (lines.len(), hex::encode(hash.finalize())));
        }
        database.close().await?;
    }
    Ok(content)
}

/// Has a backup made, by the command, without holding anything else up.
async fn back_up(settings: &Settings, to: &Path) -> anyhow::Result<()> {
    let (settings, to) = (settings.clone(), to.display().to_string());
    let made = tokio::task::spawn_blocking(move || run(&settings, &["backup", "--to", &to]));
    let made = made.await??;
    ensure!(made.status.success(), "backup: {}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_market_at_rest_is_the_market() -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let (data, copy) = (folder.join("data"), folder.join("backup"));
    let mut market = Alone::start(&[], embedded(&data), &folder).await?;
    let shop = open_shop_at(&market.api, &market.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100).await?;
    for transfer in 1..=5 {
        let checkout = check_out(&market.api, &goods).await?;
        pay(market.api.url(), &checkout, transfer).await?;
        until_paid(&market.api, &checkout).await?;
    }
    assert_eq!(findings(&market.settings).await?, Vec::<String>::new());
    market.process.stop().await?;
    back_up(&market.settings, &copy).await?;
    let (original, restored) = (content(&data).await?, content(&copy).await?);
    ensure!(original.len() > 50, "{} tables only", original.len());
    let (credits, _) = original.get("payments.bank_credits").context("no table of credits")?;
    assert_eq!(*credits, 5);
    assert_eq!(original, restored);
    assert_eq!(findings(&embedded(&copy)).await?, Vec::<String>::new());
    // A second one into the same folder would leave a mixture of both.
    let again = back_up(&market.settings, &copy).await;
    ensure!(again.is_err(), "a backup was written over another one");
    assert_eq!(content(&copy).await?, restored);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_restored_from_a_backup_amid_sales_goes_on() -> anyhow::Result<()> {
    let (folder, place) = (Folder::new()?, Folder::new()?);
    let mut market = Alone::start(&[], embedded(&folder.join("data")), &folder).await?;
    let (api, copy) = (market.api.clone(), place.join("data"));
    let shop = open_shop_at(&api, &market.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100_000).await?;
    let paid_before = check_out(&api, &goods).await?;
    pay(api.url(), &paid_before, 1_000_000).await?;
    until_paid(&api, &paid_before).await?;
    let crowd = Crowd::default();
    let buying = join_all((0..SHOPPERS).map(|_| crowd.buy(&api, &shop, &goods)));
    let copying = async {
        // In the middle of things, whatever they are then.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let made = back_up(&market.settings, &copy).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        crowd.stop();
        made
    };
    let (bought, made) = tokio::join!(buying, copying);
    made?;
    let mut sold = Vec::new();
    for one in bought {
        sold.extend(one?);
    }
    ensure!(sold.len() >= SHOPPERS, "there were only {} sales", sold.len());
    // The market is lost, with all it did since.
    market.process.kill();

    let mut restored = Alone::start(&[], embedded(&copy), &place).await?;
    until_paid(&restored.api, &paid_before).await?;
    // The bank's statement tells of all transfers: of those in the backup nothing is new, what was paid since is
    // matched, and what the market does not know waits for a person.
    for sale in &sold {
        pay(restored.api.url(), &sale.checkout, sale.transfer).await?;
    }
    assert_eq!(findings(&restored.settings).await?, Vec::<String>::new());
    let checkout = check_out(&restored.api, &goods).await?;
    pay(restored.api.url(), &checkout, 2_000_000).await?;
    until_paid(&restored.api, &checkout).await?;
    assert_eq!(findings(&restored.settings).await?, Vec::<String>::new());
    restored.process.stop().await
}
