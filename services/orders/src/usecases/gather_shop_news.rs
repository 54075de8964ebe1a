//! Makes letters of what shops are to be told: all that waits of a shop is one letter to each of its people who
//! want it. Letters and what they take are written in one transaction, so a crash loses none and writes none twice.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::ShopId;
use proto::accounts::GetShopReadersRequest;
use uuid::Uuid;

use crate::Orders;
use crate::domain::mail::{Mail, MailKind};
use crate::store;

/// Shops of one sweep.
const BATCH: u64 = 50;
/// How long it is known what was told: longer than any letter is tried.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// News forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u64 = 1_000;

/// Gathers what has waited long enough.
pub async fn gather_shop_news(orders: &Orders) -> anyhow::Result<()> {
    let service = &orders.0;
    let (Some(_), Some(accounts)) = (&service.mailing, &service.accounts) else { return Ok(()) };
    let before = service.clock.now().before(service.shop_letters_after);
    for shop in store::shop_news::due(service.database.reader(), before, BATCH).await? {
        let request = GetShopReadersRequest { shop_id: shop.to_string() };
        let readers = match accounts.clone().get_shop_readers(request).await {
            Ok(readers) => readers.into_inner().users,
            Err(status) => {
                // The others would fail as well. All of it waits for the next sweep.
                tracing::warn!(%shop, %status, "who reads a shop's letters is not known now");
                return Ok(());
            }
        };
        let readers: Vec<String> = readers.into_iter().map(|reader| reader.id).collect();
        write_letters(orders, shop, &readers).await?;
    }
    Ok(())
}

async fn write_letters(orders: &Orders, shop: ShopId, readers: &[String]) -> anyhow::Result<()> {
    let tx = orders.0.database.begin().await?;
    if readers.is_empty() {
        // They read of it on the shop's page.
        store::shop_news::drop_waiting(&tx, shop).await?;
        return Ok(tx.commit().await?);
    }
    let letter = Uuid::now_v7();
    if !store::shop_news::gather(&tx, shop, letter).await? {
        return Ok(());
    }
    let now = orders.0.clock.now();
    let mails: Vec<Mail> = readers
        .iter()
        .map(|reader| {
            let named = (format!("shop_news:{letter}:{reader}"), letter);
            let facts = BTreeMap::from([("reader".to_owned(), reader.clone())]);
            Mail { facts, ..Mail::new(MailKind::ShopNews, named, now) }
        })
        .collect();
    store::mail::insert(&tx, &mails).await?;
    Ok(tx.commit().await?)
}

/// Forgets what was told long ago, and what nobody could be told.
pub async fn forget_shop_news(orders: &Orders) -> anyhow::Result<()> {
    let before = orders.0.clock.now().before(KEPT);
    let tx = orders.0.database.begin().await?;
    store::shop_news::forget(&tx, before, FORGOTTEN_AT_ONCE).await?;
    Ok(tx.commit().await?)
}
