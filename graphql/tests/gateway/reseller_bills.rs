//! Resellers' accounts and bills through the API: for operators; a shop sees what its resellers owe.

use kernel::{ResellerBillId, ResellerId};
use proto::bookings::{GetResellersRequest, ListResellersRequest, Reseller, Resellers};
use proto::common::PageInfo;
use proto::payments::{
    BillResellerRequest, ListResellerBillsRequest, ListResellerDebtsRequest, Payment,
    PaymentStatus, ResellerBill, ResellerBillPage, ResellerBillRequest, ResellerDebt,
    ResellerDebtPage, VietQr,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Market, SHOP_A, payment_id, post, shop, user_of, vnd};

fn reseller_id(number: u128) -> String {
    ResellerId::from_uuid(Uuid::from_u128(number)).to_string()
}

fn reseller(number: u128) -> Reseller {
    let (id, shop_id) = (reseller_id(number), shop(SHOP_A).id);
    let invoiced = Some(vnd(1_000_000));
    let name = format!("Đại lý {number}");
    Reseller { id, shop_id, name, active: true, invoiced, ..Reseller::default() }
}

fn debt(number: u128, open: i64, billed: i64) -> ResellerDebt {
    let reseller_id = reseller_id(number);
    ResellerDebt { reseller_id, open: Some(vnd(open)), billed: Some(vnd(billed)) }
}

fn bill(status: PaymentStatus) -> ResellerBill {
    let qr =
        VietQr { payload: "0002".to_owned(), memo: "CN7K2M4QPX".to_owned(), ..VietQr::default() };
    let payment = Payment {
        id: payment_id(1),
        status: status.into(),
        amount: Some(vnd(700_000)),
        reference: "CN7K2M4QPX".to_owned(),
        qr: Some(qr),
        ..Payment::default()
    };
    ResellerBill {
        id: ResellerBillId::from_uuid(Uuid::from_u128(1)).to_string(),
        reseller_id: reseller_id(1),
        until: "2026-11-30".to_owned(),
        lines: 3,
        payment: Some(payment),
        ..ResellerBill::default()
    }
}

#[tokio::test]
async fn an_operator_bills_a_reseller_and_takes_a_bill_back() {
    let market = Market::new();
    market.payments.on("bill_reseller", |request: BillResellerRequest| {
        assert_eq!((request.reseller_id, request.until), (reseller_id(1), "2026-11-30".to_owned()));
        assert_eq!(request.asked_by, user_of("operator").unwrap().user.unwrap().id);
        Ok(bill(PaymentStatus::Pending))
    });
    market.payments.on("cancel_reseller_bill", |request: ResellerBillRequest| {
        assert_eq!(request.bill_id, bill(PaymentStatus::Pending).id);
        Ok(bill(PaymentStatus::Cancelled))
    });
    let routes = market.routes();
    let query = "mutation($input: BillResellerInput!) { billReseller(input: $input) {
      bill { id until lineCount payment { status reference amount { amount } qr { memo } } } userErrors { code } } }";
    let input = json!({ "input": { "resellerId": reseller_id(1), "until": "2026-11-30", "idempotencyKey": "k" } });
    let answer = post(&routes, "operator", query, input.clone()).await;
    let made = &answer["data"]["billReseller"]["bill"];
    assert_eq!(
        (&made["lineCount"], &made["payment"]["reference"]),
        (&json!(3), &json!("CN7K2M4QPX")),
        "{answer}"
    );
    let query_back = "mutation($id: ID!) { cancelResellerBill(input: {billId: $id}) {
      bill { payment { status } } userErrors { code } } }";
    let answer = post(&routes, "operator", query_back, json!({ "id": made["id"] })).await;
    let status = &answer["data"]["cancelResellerBill"]["bill"]["payment"]["status"];
    assert_eq!(status, "CANCELLED", "{answer}");
    // A shop's member may not.
    let answer = post(&routes, "a", query, input).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn operators_see_what_resellers_owe_and_their_bills() {
    let market = Market::new();
    market.payments.on("list_reseller_debts", |_: ListResellerDebtsRequest| {
        let debts = vec![debt(1, 300_000, 700_000), debt(2, -50_000, 0)];
        let page =
            PageInfo { cursors: vec![reseller_id(1), reseller_id(2)], ..PageInfo::default() };
        Ok(ResellerDebtPage { debts, page: Some(page) })
    });
    market.orders.on("get_resellers", |request: GetResellersRequest| {
        assert_eq!(request.ids.len(), 2);
        Ok(Resellers { resellers: vec![reseller(2), reseller(1)] })
    });
    market.payments.on("list_reseller_bills", |request: ListResellerBillsRequest| {
        let bills = if request.reseller_id == reseller_id(1) {
            vec![bill(PaymentStatus::Pending)]
        } else {
            Vec::new()
        };
        let cursors = bills.iter().map(|bill| bill.id.clone()).collect();
        Ok(ResellerBillPage { bills, page: Some(PageInfo { cursors, ..PageInfo::default() }) })
    });
    let query = "{ operations { resellers { nodes { name open { amount } billed { amount } bills { nodes { until } } } } } }";
    let answer = post(&market.routes(), "operator", query, json!({})).await;
    let nodes = &answer["data"]["operations"]["resellers"]["nodes"];
    assert_eq!(nodes[0]["name"], "Đại lý 1", "{answer}");
    assert_eq!(
        (&nodes[0]["open"]["amount"], &nodes[1]["open"]["amount"]),
        (&json!("300000"), &json!("-50000"))
    );
    assert_eq!(nodes[0]["bills"]["nodes"][0]["until"], "2026-11-30");
    assert_eq!(market.orders.take_calls().get("get_resellers"), Some(&1));
}

#[tokio::test]
async fn a_shop_sees_what_its_resellers_owe_asked_for_at_once() {
    let market = Market::new();
    market.orders.on("list_resellers", |_: ListResellersRequest| {
        Ok(Resellers { resellers: vec![reseller(1), reseller(2)] })
    });
    market.payments.on("list_reseller_debts", |request: ListResellerDebtsRequest| {
        assert_eq!(request.reseller_ids.len(), 2);
        Ok(ResellerDebtPage {
            debts: vec![debt(1, 300_000, 700_000), debt(2, -50_000, 0)],
            page: None,
        })
    });
    let query = "query($id: ID!) { me { shop(id: $id) { resellers { invoiced { amount } owed { amount } } } } }";
    let answer = post(&market.routes(), "a", query, json!({ "id": shop(SHOP_A).id })).await;
    let found = &answer["data"]["me"]["shop"]["resellers"];
    assert_eq!(found[0]["owed"]["amount"], "1000000", "{answer}");
    assert_eq!(
        (&found[1]["owed"]["amount"], &found[1]["invoiced"]["amount"]),
        (&json!("-50000"), &json!("1000000"))
    );
    assert_eq!(market.payments.take_calls().get("list_reseller_debts"), Some(&1));
}
