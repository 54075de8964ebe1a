//! Public figures, through the API.

use proto::Refused;
use proto::common::RefusalCode;
use proto::orders::{DigitalEconomy, DigitalEconomyRequest, TurnoverByWay};
use serde_json::json;

use crate::support::{Market, post, vnd};

#[tokio::test]
async fn public_figures_are_counted_once_and_tell_of_nobody() {
    let market = Market::new();
    market.orders.on("get_digital_economy", |request: DigitalEconomyRequest| {
        if request.from.is_empty() {
            return Err(Refused::new(RefusalCode::Invalid).at(&["from"]).into());
        }
        let few = request.from == "2027-01-01";
        let way =
            |pay_with, minor| TurnoverByWay { pay_with, orders: 1, turnover: Some(vnd(minor)) };
        let ways =
            if few { Vec::new() } else { vec![way(1, 600_000), way(2, 300_000), way(0, 100_000)] };
        let turnover = (!few).then(|| vnd(1_000_000));
        Ok(DigitalEconomy { shops: if few { 2 } else { 9 }, orders: 3, turnover, ways, as_of: 1 })
    });
    let routes = market.routes();
    let query =
        "query($from: String!) { digitalEconomy(from: $from, to: \"2027-01-31\") { shops orders
        turnover { amount } nonCashBasisPoints ways { payWith orders turnover { amount } } } }";
    for _ in 0..3 {
        let answer = post(&routes, "", query, json!({ "from": "2027-01-02" })).await;
        let told = &answer["data"]["digitalEconomy"];
        assert_eq!(
            (&told["shops"], &told["turnover"]["amount"]),
            (&json!(9), &json!("1000000")),
            "{answer}"
        );
        assert_eq!(
            (&told["nonCashBasisPoints"], &told["ways"][2]["payWith"]),
            (&json!(9_000), &json!(null))
        );
    }
    assert_eq!(market.orders.take_calls().get("get_digital_economy"), Some(&1));
    let answer = post(&routes, "", query, json!({ "from": "2027-01-01" })).await;
    let told = &answer["data"]["digitalEconomy"];
    assert_eq!(
        (&told["turnover"], &told["nonCashBasisPoints"], &told["ways"]),
        (&json!(null), &json!(null), &json!([]))
    );
    let answer = post(&routes, "", query, json!({ "from": "" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
}
