//! People take away what is kept of them: gathered from all services, in their own name, in parts, and only so often.

use proto::accounts::{
    Consent, Consents, GetPersonalRecordsRequest, GetShopsRequest, ListConsentsRequest,
    MembershipRecord, PersonalRecords, SessionRecord, Shop, ShopRole, Shops,
};
use proto::catalog::{ListBuyerReviewsRequest, Review, ReviewPage};
use proto::common::PageInfo;
use proto::orders::{
    BoughtCheckout, BoughtCheckoutPage, Checkout, Contact, ListBuyerCheckoutsRequest,
};
use proto::payments::{GetPaymentsRequest, PayeeAccount, Payment, PaymentList, Refund};
use serde_json::{Value, json};

use crate::support::{Market, SHOP_A, SHOP_B, payment_id, post, shop, user_of, vnd};

const EXPORT: &str =
    "query($after: String) { exportMyData(after: $after) { name mediaType content } }";

/// How the accounts of refunds came to be known, and whether the buyer is told them.
const ACCOUNTS_FROM: [(&str, bool); 6] = [
    ("request", true),
    ("buyer", true),
    ("payer", false),
    ("operator", false),
    ("nobody", false),
    ("", false),
];

fn id_of(token: &str) -> String {
    user_of(token).unwrap().user.unwrap().id
}

/// A market in which "a" owns shop A, works for shop B, reviewed something, and bought so often.
fn market(purchases: usize) -> Market {
    let market = Market::new();
    market.accounts.on("list_consents", |request: ListConsentsRequest| {
        assert_eq!(request.user_id, id_of("a"));
        let version = "2026-12-01".to_owned();
        Ok(Consents { consents: vec![Consent { version, locale: "vi".to_owned(), given_at: 1 }] })
    });
    market.accounts.on("get_personal_records", |request: GetPersonalRecordsRequest| {
        assert_eq!(request.user_id, id_of("a"));
        let of = |number, role: ShopRole| MembershipRecord {
            shop_id: shop(number).id,
            role: role.into(),
            since: 1,
            declines_letters: role == ShopRole::Staff,
        };
        Ok(PersonalRecords {
            sessions: vec![SessionRecord { created_at: 1, expires_at: 2, revoked_at: 0 }],
            memberships: vec![of(SHOP_A, ShopRole::Owner), of(SHOP_B, ShopRole::Staff)],
            audit_entries: Vec::new(),
            awaited_email: "moi@chonoi.example".to_owned(),
            whole: true,
        })
    });
    market.accounts.on("get_shops", |request: GetShopsRequest| {
        let known = [SHOP_A, SHOP_B].map(shop).into_iter();
        let with_code = known.map(|shop| Shop { tax_code: format!("{}-001", shop.slug), ..shop });
        Ok(Shops { shops: with_code.filter(|shop| request.ids.contains(&shop.id)).collect() })
    });
    market.catalog.on("list_buyer_reviews", |request: ListBuyerReviewsRequest| {
        assert_eq!(request.buyer_id, id_of("a"));
        let review =
            Review { id: "rev_1".to_owned(), text: "Ngon".to_owned(), ..Review::default() };
        Ok(ReviewPage { reviews: vec![review], page: Some(PageInfo::default()) })
    });
    market.orders.on("list_buyer_checkouts", move |request: ListBuyerCheckoutsRequest| {
        assert_eq!(request.buyer_id, id_of("a"));
        let page = request.page.unwrap();
        let seen: usize = if page.after.is_empty() { 0 } else { page.after.parse().unwrap() };
        let now: Vec<usize> = (seen + 1..=purchases).take(page.first as usize).collect();
        let has_next = now.last().is_some_and(|last| *last < purchases);
        let cursors = now.iter().map(ToString::to_string).collect();
        let bought = |number: &usize| BoughtCheckout {
            checkout: Some(Checkout {
                id: format!("chk_{number}"),
                payment_id: payment_id(1),
                total: Some(vnd(170_000)),
                ..Checkout::default()
            }),
            contact: Some(Contact { name: "Lê Thị Sáu".to_owned(), ..Contact::default() }),
            ..BoughtCheckout::default()
        };
        Ok(BoughtCheckoutPage {
            checkouts: now.iter().map(bought).collect(),
            page: Some(PageInfo { has_next, cursors, total: -1 }),
        })
    });
    market.payments.on("get_payments", |request: GetPaymentsRequest| {
        let refund = |account_from: &str| Refund {
            account: Some(PayeeAccount { number: "0123".to_owned(), ..PayeeAccount::default() }),
            account_from: account_from.to_owned(),
            amount: Some(vnd(1_000)),
            ..Refund::default()
        };
        let refunds = ACCOUNTS_FROM.map(|(from, _)| refund(from)).into();
        let id = request.ids[0].clone();
        Ok(PaymentList { payments: vec![Payment { id, refunds, ..Payment::default() }] })
    });
    market
}

async fn part(market: &Market, after: Value) -> Value {
    let answer = post(&market.routes(), "a", EXPORT, json!({ "after": after })).await;
    let file = &answer["data"]["exportMyData"];
    assert_eq!(file["mediaType"], "application/json", "{answer}");
    serde_json::from_str(file["content"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn one_file_holds_what_all_services_keep_of_a_person() {
    let file = part(&market(2), json!(null)).await;
    assert_eq!((&file["account"]["name"], &file["nextPart"]), (&json!("a"), &json!(null)));
    assert_eq!(file["account"]["awaitedEmail"], "moi@chonoi.example");
    assert_eq!(file["consents"][0]["version"], "2026-12-01");
    assert_eq!(file["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(file["reviews"][0]["text"], "Ngon");
    assert_eq!(file["purchases"].as_array().unwrap().len(), 2);
    let bought = &file["purchases"][0];
    assert_eq!(bought["contact"]["name"], "Lê Thị Sáu");
    assert_eq!(bought["total"], json!({ "amount": "170000", "currency": "VND" }));
    assert_eq!(bought["payment"]["refunds"][0]["account"]["number"], "0123");
}

#[tokio::test]
async fn only_an_account_that_the_buyer_named_is_told_for_another_may_be_somebody_elses() {
    let file = part(&market(1), json!(null)).await;
    let refunds = file["purchases"][0]["payment"]["refunds"].as_array().unwrap();
    assert_eq!(refunds.len(), ACCOUNTS_FROM.len());
    for (refund, (from, told)) in refunds.iter().zip(ACCOUNTS_FROM) {
        assert_eq!(refund["account"]["number"] == "0123", told, "{from}: {refund}");
        assert_eq!(refund["account"].is_null(), !told, "{from}: {refund}");
        assert_eq!(refund["amount"]["amount"], "1000");
    }
}

#[tokio::test]
async fn of_a_shop_that_belongs_to_somebody_else_only_its_name_is_told() {
    let file = part(&market(0), json!(null)).await;
    let shops = &file["shops"];
    assert_eq!((&shops[0]["role"], &shops[0]["taxCode"]), (&json!("OWNER"), &json!("shop-1-001")));
    assert_eq!((&shops[1]["role"], &shops[1]["name"]), (&json!("STAFF"), &json!("Shop 2")));
    assert_eq!(shops[1]["taxCode"], json!(null));
    assert_eq!(
        (&shops[0]["wantsLetters"], &shops[1]["wantsLetters"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn who_bought_more_than_a_part_holds_is_told_where_the_next_one_is() {
    let market = market(501);
    let file = part(&market, json!(null)).await;
    assert_eq!(file["purchases"].as_array().unwrap().len(), 500);
    assert_eq!(file["nextPart"], "https://chonoi.example/my-data/file?after=500");
    let file = part(&market, json!("500")).await;
    assert_eq!(file["purchases"].as_array().unwrap().len(), 1);
    assert_eq!((&file["nextPart"], &file["account"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn a_person_gets_only_so_many_files() {
    let mut market = market(0);
    market.settings.requests_per_minute = 10_000;
    let routes = market.routes();
    for _ in 0..10 {
        let answer = post(&routes, "a", EXPORT, json!({})).await;
        assert!(answer["data"]["exportMyData"]["content"].is_string(), "{answer}");
    }
    let answer = post(&routes, "a", EXPORT, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED");
}
