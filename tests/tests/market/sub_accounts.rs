//! A market whose bank gives each payment a sub-account of its own: who writes nonsense has paid all the same.

use journeys::market::{Stand, TestMarket};
use journeys::shopping::{check_out_one, open_shop, pay, sell, transfer, wait_for};
use serde_json::json;

async fn a_shopper_who_writes_something_else_has_paid_all_the_same(
    stand: Stand,
) -> anyhow::Result<()> {
    let with_sub_accounts = |config: &mut platform::config::Config| {
        config.bank.sub_account_prefix = "96247".to_owned();
    };
    let market = TestMarket::start(stand, with_sub_accounts).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let mango = sell(&shop, "Xoài", 85_000, 10).await?;
    let mut rules = Vec::new();
    for memo in [Some("an trua"), None] {
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let payment = &checkout["payment"];
        let reference = payment["reference"].as_str().unwrap_or_default();
        assert_eq!(payment["qr"]["accountNumber"], format!("96247{reference}"));
        match memo {
            Some(memo) => {
                let body = json!({ "payload": payment["qr"]["payload"], "memo": memo, "payer": "LE MINH" });
                transfer(&market.api, body).await?;
            }
            None => pay(&market.api, &checkout).await?,
        }
        wait_for(&market.api, &checkout, "PAID").await?;
        let query = "{ operations { bankCredits(first: 1) { nodes { state rule accountNumber subAccount } } } }";
        let found = market.operator.run(query, json!({})).await?;
        let credit = &found["operations"]["bankCredits"]["nodes"][0];
        assert_eq!(credit["state"], "MATCHED");
        assert_eq!(credit["subAccount"], payment["qr"]["accountNumber"]);
        assert_eq!(credit["accountNumber"], market.config().bank.account);
        rules.push(credit["rule"].clone());
    }
    assert_eq!(rules, ["sub_account_and_exact_amount/1", "code_and_exact_amount/1"]);
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shopper_who_writes_something_else_has_paid_embedded() -> anyhow::Result<()> {
    a_shopper_who_writes_something_else_has_paid_all_the_same(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shopper_who_writes_something_else_has_paid_servers() -> anyhow::Result<()> {
    a_shopper_who_writes_something_else_has_paid_all_the_same(Stand::Servers).await
}
