//! Fault 15: the same key in parallel, with another body, after a restart: one effect, and a clear
//! refusal.

use std::collections::BTreeSet;

use journeys::market::{Stand, TestMarket};
use journeys::shopping::{
    add_line, check_out_one, create_cart, open_shop, pay, refund, sell, start_checkout,
    start_checkout_of, wait_for,
};

use super::books::Books;

on_both_stands! {
    |_| {} => async fn a_refunds_key_is_one_refund_in_parallel_and_after_a_restart(market) {
        let mut shop = open_shop(&market, "Trái cây").await?;
        let goods = sell(&shop, "Xoài", 100_000, 10).await?;
        let checkout = check_out_one(&market.api, &goods).await?;
        let Ok(checkout) = checkout else { panic!("{checkout:?}") };
        pay(&market.api, &checkout).await?;
        wait_for(&market.api, &checkout, "PAID").await?;
        let requests = (0..30).map(|_| refund(&shop.owner, &checkout, 10_000, "khoa-1"));
        let mut ids = BTreeSet::new();
        for answer in futures_util::future::join_all(requests).await {
            let answer = answer?;
            let id = answer["refund"]["id"].as_str().map(ToOwned::to_owned);
            ids.insert(id.ok_or_else(|| anyhow::anyhow!("{answer}"))?);
        }
        assert_eq!(ids.len(), 1);
        let other = refund(&shop.owner, &checkout, 10_001, "khoa-1").await?;
        assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED", "{other}");

        market.restart().await?;
        // The session goes on, at another address.
        shop.owner = shop.owner.moved_to(market.url());
        let again = refund(&shop.owner, &checkout, 10_000, "khoa-1").await?;
        assert_eq!(again["refund"]["id"].as_str(), ids.first().map(String::as_str), "{again}");
        let other = refund(&shop.owner, &checkout, 9_999, "khoa-1").await?;
        assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED", "{other}");
        let books = Books::of(&market).await?;
        assert_eq!(books.number("SELECT CAST(SUM(amount_minor) AS BIGINT) FROM refunds").await?, 10_000);
        books.close().await?;
    }

    // Parallel and with another body: journey.rs. Here what a restart forgets.
    |_| {} => async fn a_checkouts_key_is_known_after_a_restart(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let goods = sell(&shop, "Xoài", 85_000, 10).await?;
        let cart = create_cart(&market.api).await?;
        add_line(&market.api, &cart, &goods, 1).await?;
        let first = start_checkout(&market.api, &cart, "khoa-thu-hai").await?;
        market.restart().await?;
        let again = start_checkout(&market.api, &cart, "khoa-thu-hai").await?;
        assert!(first["checkout"]["id"].is_string(), "{first}");
        assert_eq!(again["checkout"]["id"], first["checkout"]["id"], "{again}");
        assert_eq!(again["checkout"]["payment"]["id"], first["checkout"]["payment"]["id"]);
        let other = start_checkout_of(&market.api, &cart, "khoa-thu-hai", "Người khác").await?;
        assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED", "{other}");
        let books = Books::of(&market).await?;
        assert_eq!(books.number("SELECT COUNT(*) FROM payments").await?, 1);
        books.close().await?;
    }
}
