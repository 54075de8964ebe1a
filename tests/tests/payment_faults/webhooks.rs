//! Faults 3, 4 and 5: calls that come fifty times at once, in disorder, or from somebody else.

use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::matching_set::Chance;
use journeys::shopping::{
    TestShop, check_out_one, credits, open_shop, sell, status, wait_for, wait_for_credits,
};
use serde_json::Value;

use super::books::Books;
use super::feeds::{self, Call, Feed, Transfer, asked, call, send, signed};

const FEEDS: [Feed; 3] = [Feed::Sepay, Feed::Casso, Feed::Payos];

/// Goods of which there is enough.
async fn goods(market: &TestMarket, price: i64) -> anyhow::Result<(TestShop, String)> {
    let shop = open_shop(market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", price, 100).await?;
    Ok((shop, goods))
}

async fn checkout(api: &Api, goods: &str) -> anyhow::Result<Value> {
    check_out_one(api, goods).await?.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))
}

/// The transfer that pays a checkout.
fn paying(checkout: &Value, id: u64) -> Transfer {
    let (memo, amount) = asked(checkout);
    Transfer { id, amount, memo: format!("MBVCB.{id}.{memo}.CT tu LE MINH") }
}

on_both_stands! {
    // Fault 3 for every feed at once; journey.rs has it for SePay alone.
    feeds::all_tell => async fn fifty_calls_at_once_of_each_feed_have_one_effect_each(market) {
        let (_shop, goods) = goods(&market, 85_000).await?;
        let mut checkouts = Vec::new();
        let mut calls = Vec::new();
        for (place, feed) in FEEDS.into_iter().enumerate() {
            let checkout = checkout(&market.api, &goods).await?;
            let told = call(feed, &paying(&checkout, 7_001 + place as u64))?;
            calls.extend((0..50).map(|_| told.clone()));
            checkouts.push(checkout);
        }
        let answers = calls.iter().map(|call| send(market.url(), call));
        for answer in futures_util::future::join_all(answers).await {
            assert_eq!(answer?, 200);
        }
        for checkout in &checkouts {
            wait_for(&market.api, checkout, "PAID").await?;
        }
        assert_eq!(credits(&market.operator).await?.len(), 3);
        let books = Books::of(&market).await?;
        assert_eq!(books.number("SELECT COUNT(*) FROM feed_events").await?, 3);
        assert_eq!(books.number("SELECT CAST(SUM(deliveries) AS BIGINT) FROM feed_events").await?, 150);
        assert_eq!(books.number("SELECT COUNT(*) FROM ledger_postings WHERE kind = 'payment_captured'").await?, 3);
        books.close().await?;
    }

    // Fault 5.
    feeds::all_tell => async fn what_is_forged_old_altered_or_bare_leaves_a_rejection_and_nothing_else(market) {
        let (_shop, goods) = goods(&market, 85_000).await?;
        let checkout = checkout(&market.api, &goods).await?;
        let transfer = paying(&checkout, 7_002);
        let mut forged: Vec<(String, Call)> = Vec::new();
        for feed in FEEDS {
            let name = |what: &str| format!("{feed:?}: {what}");
            let good = call(feed, &transfer)?;
            forged.push((name("wrong secret"), signed(feed, &transfer, Some("another"), 0)?));
            let altered = Call { body: good.body.replace("85000", "85001"), ..good.clone() };
            assert_ne!(altered.body, good.body);
            forged.push((name("altered byte"), altered));
            if feed == Feed::Payos {
                // Nothing in payOS's signature ages, and it stands in the body.
                let bare = good.body.replace("\"signature\"", "\"signatur\"");
                forged.push((name("no signature"), Call { body: bare, ..good.clone() }));
                continue;
            }
            // The future comes nearer while the test runs.
            for seconds in [-301, 360] {
                forged.push((name("out of time"), signed(feed, &transfer, None, seconds)?));
            }
            forged.push((name("no header"), Call { headers: Vec::new(), ..good.clone() }));
            let garbage: Vec<_> =
                good.headers.iter().map(|(header, _)| (*header, "=,t=,v1=".to_owned())).collect();
            forged.push((name("garbage"), Call { headers: garbage, ..good.clone() }));
        }
        let books = Books::of(&market).await?;
        let mut expected = books.quiet_counts().await?;
        for (what, call) in &forged {
            assert_eq!(send(market.url(), call).await?, 401, "{what}");
        }
        *expected.entry("feed_rejections".to_owned()).or_default() += forged.len() as i64;
        assert_eq!(books.quiet_counts().await?, expected);
        assert_eq!(status(&market.api, &checkout).await?, "AWAITING_PAYMENT");
        assert_eq!(credits(&market.operator).await?, Vec::<Value>::new());
        // And what is not forged pays, though the forged ones had its id.
        assert_eq!(send(market.url(), &call(Feed::Casso, &transfer)?).await?, 200);
        wait_for(&market.api, &checkout, "PAID").await?;
        books.close().await?;
    }

    // Fault 4: the payments' time has gone by when the feeds are heard again, and they tell backwards.
    |config| { feeds::all_tell(config); config.market.payment_seconds = 1; } =>
    async fn what_comes_late_and_in_disorder_waits_for_a_person_and_sells_nothing(market) {
        let (_shop, goods) = goods(&market, 85_000).await?;
        let mut transfers = Vec::new();
        let mut checkouts = Vec::new();
        for id in 0..9 {
            let checkout = checkout(&market.api, &goods).await?;
            transfers.push((FEEDS[id % 3], paying(&checkout, 8_000 + id as u64)));
            checkouts.push(checkout);
        }
        for checkout in &checkouts {
            wait_for(&market.api, checkout, "EXPIRED").await?;
        }
        let mut chance = Chance::of(20_261_127);
        for place in (1..transfers.len()).rev() {
            transfers.swap(place, chance.below(place + 1));
        }
        // Some come twice: retries cross with what they repeat.
        for (feed, transfer) in transfers.iter().chain(transfers.iter().take(4)) {
            assert_eq!(send(market.url(), &call(*feed, transfer)?).await?, 200);
        }
        let found = wait_for_credits(&market.operator, transfers.len()).await?;
        assert_eq!(found.len(), transfers.len());
        for credit in &found {
            assert_eq!(credit["state"], "LATE", "{credit}");
        }
        for checkout in &checkouts {
            assert_eq!(status(&market.api, checkout).await?, "EXPIRED");
        }
        let books = Books::of(&market).await?;
        let suspense = format!("SELECT credit - debit FROM ledger_balances WHERE account = 'suspense:{}'", feeds::ACCOUNT);
        assert_eq!(books.number(&suspense).await?, 9 * 85_000);
        books.close().await?;
    }
}
