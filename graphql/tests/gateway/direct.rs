//! Shops that are paid straight into their own accounts: who may say so, and who sees what comes there.

use proto::payments::{
    AllowDirectPaymentsRequest, BankCredit, BankCreditPage, BankCreditState,
    ListBankCreditsRequest, MoneyDestination, MoneyLanding, PaymentDestination,
    PaymentDestinationSet, SetPaymentDestinationRequest, ShopRequest,
};
use serde_json::{Value, json};

use crate::support::{Market, SHOP_A, post, shop, vnd};

const SET: &str =
    "mutation($input: SetPaymentDestinationInput!) { setPaymentDestination(input: $input) {
  directPayments { wanted landing hasFeedKey } feedKey userErrors { code } } }";

fn wanted(shop_number: u128) -> Value {
    let account = json!({ "bin": "970436", "number": "7700123456", "holder": "NGUYEN THI BA" });
    json!({ "input": { "shopId": shop(shop_number).id, "destination": "SHOP_ACCOUNT", "bankAccount": account } })
}

fn cooling_off(shop_id: String) -> PaymentDestination {
    PaymentDestination {
        shop_id,
        allowed: true,
        wanted: MoneyDestination::ToShopAccount.into(),
        landing: MoneyLanding::LandsCoolingOff.into(),
        effective_at: 1,
        has_feed_key: true,
        ..PaymentDestination::default()
    }
}

#[tokio::test]
async fn only_the_owner_who_signed_in_lately_says_where_money_lands() {
    let market = Market::new();
    market.payments.on("set_payment_destination", |request: SetPaymentDestinationRequest| {
        assert_eq!(request.wanted(), MoneyDestination::ToShopAccount);
        assert_eq!(request.account.as_ref().unwrap().number, "7700123456");
        let destination = Some(cooling_off(request.shop_id));
        Ok(PaymentDestinationSet { destination, feed_key: "the-key".to_owned() })
    });
    let routes = market.routes();
    let answer = post(&routes, "a", SET, wanted(SHOP_A)).await;
    let payload = &answer["data"]["setPaymentDestination"];
    assert_eq!(payload["feedKey"], "the-key", "{answer}");
    assert_eq!(payload["directPayments"]["landing"], "COOLING_OFF");
    market.payments.take_calls();
    let answer = post(&routes, "a-long-ago", SET, wanted(SHOP_A)).await;
    let payload = &answer["data"]["setPaymentDestination"];
    assert_eq!(payload["userErrors"], json!([{ "code": "SIGN_IN_AGAIN" }]), "{answer}");
    assert_eq!(payload["feedKey"], Value::Null);
    for stranger in ["a-staff", "b", "buyer", "operator"] {
        let answer = post(&routes, stranger, SET, wanted(SHOP_A)).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{stranger}: {answer}");
    }
    assert!(market.payments.take_calls().is_empty());
}

#[tokio::test]
async fn an_operator_allows_it_and_nobody_else() {
    let market = Market::new();
    market.payments.on("allow_direct_payments", |request: AllowDirectPaymentsRequest| {
        assert!(request.allowed && !request.decided_by.is_empty());
        Ok(cooling_off(request.shop_id))
    });
    let routes = market.routes();
    let query = "mutation($id: ID!) { allowDirectPayments(input: {shopId: $id, allowed: true}) { directPayments { allowed } } }";
    let id = json!({ "id": shop(SHOP_A).id });
    let answer = post(&routes, "operator", query, id.clone()).await;
    assert_eq!(answer["data"]["allowDirectPayments"]["directPayments"]["allowed"], true);
    market.payments.take_calls();
    for stranger in ["a", "b", "buyer"] {
        let answer = post(&routes, stranger, query, id.clone()).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{stranger}: {answer}");
    }
    assert!(market.payments.take_calls().is_empty());
}

#[tokio::test]
async fn a_shop_sees_what_came_to_its_own_account_and_another_shop_does_not() {
    let market = Market::new();
    let own = shop(SHOP_A).id;
    market
        .payments
        .on("get_payment_destination", |request: ShopRequest| Ok(cooling_off(request.shop_id)));
    let asked_for = own.clone();
    market.payments.on("list_bank_credits", move |request: ListBankCreditsRequest| {
        // Never those of all: the shop stands in the question.
        assert_eq!(request.shop_id, asked_for);
        let credit = BankCredit {
            id: "cred_1".to_owned(),
            amount: Some(vnd(45_000)),
            memo: "ca phe".to_owned(),
            state: BankCreditState::Orphan.into(),
            resolution: "shops_own".to_owned(),
            ..BankCredit::default()
        };
        Ok(BankCreditPage { credits: vec![credit], page: None })
    });
    let query = "query($id: ID!) { me { shop(id: $id) { directPayments { landing
      credits { nodes { memo resolution amount { amount } } } } } } }";
    let routes = market.routes();
    let answer = post(&routes, "a-staff", query, json!({ "id": own })).await;
    let credits = &answer["data"]["me"]["shop"]["directPayments"]["credits"]["nodes"];
    assert_eq!(credits[0]["memo"], "ca phe", "{answer}");
    market.payments.take_calls();
    for stranger in ["b", "buyer"] {
        let answer = post(&routes, stranger, query, json!({ "id": own })).await;
        assert_eq!(answer["data"]["me"]["shop"], Value::Null, "{stranger}: {answer}");
    }
    assert!(market.payments.take_calls().is_empty());
}
