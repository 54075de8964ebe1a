//! Statements to take away, and what stands behind their lines: only for who may see them.

use proto::payments::{
    BankLine, BankStatement, BinaryFile, CorrectStatementColumnsRequest, DateOrder, FileFormat,
    GetReconciliationFileRequest, GetShopStatementFileRequest, OrderCharge,
    RetryBankStatementRequest, ShopLine, ShopLineExplanation, ShopLineRequest, StatementColumn,
    UnderstoodColumn,
};
use serde_json::json;
use tonic::Status;

use crate::support::{Market, SHOP_A, post, shop, vnd};

const FILE: &str = "query($shop: ID!) { me { shop(id: $shop) {
  statementFile(from: \"2026-11-01\", to: \"2026-11-30\", format: XLSX) { name mediaType base64 } } } }";
const REPORT: &str = "{ operations { reconciliationFile(from: \"2026-11-01\", to: \"2026-11-30\", format: PDF) { name base64 } } }";
const LINE: &str = "query($shop: ID!, $line: ID!) { me { shop(id: $shop) { statementLine(id: $line) {
  line { kind } atCounter order { number } charge { feeRule vatBasisPoints fee { amount } } bankCredits { memo amount { amount } }
  payout { id } } } } }";
const CORRECT: &str = "mutation { correctStatementColumns(input: {statementId: \"stm_1\", columns: [DATE, null, CREDIT]}) {
  statement { columns { header holds } dateOrder } userErrors { code path } } }";

#[tokio::test]
async fn a_statement_is_a_file_of_bytes_in_the_readers_language() {
    let market = Market::new();
    market.payments.on("get_shop_statement_file", |request: GetShopStatementFileRequest| {
        assert_eq!((request.format(), request.locale.as_str()), (FileFormat::FileXlsx, "en"));
        assert_eq!(request.shop_id, shop(SHOP_A).id);
        let (name, media_type) = ("a.xlsx".to_owned(), "application/x".to_owned());
        Ok(BinaryFile { name, media_type, content: vec![0, 255, 16] })
    });
    market.payments.on("get_reconciliation_file", |_: GetReconciliationFileRequest| {
        Ok(BinaryFile { content: b"%PDF".to_vec(), ..BinaryFile::default() })
    });
    let routes = market.routes();
    let variables = json!({ "shop": shop(SHOP_A).id });
    let answer = post(&routes, "a", FILE, variables.clone()).await;
    let file = &answer["data"]["me"]["shop"]["statementFile"];
    assert_eq!(*file, json!({ "name": "a.xlsx", "mediaType": "application/x", "base64": "AP8Q" }));
    assert_eq!(post(&routes, "b", FILE, variables).await["data"]["me"]["shop"], json!(null));
    let answer = post(&routes, "operator", REPORT, json!({})).await;
    assert_eq!(answer["data"]["operations"]["reconciliationFile"]["base64"], "JVBERg==");
    market.payments.take_calls();
    let refused = post(&routes, "a", REPORT, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(market.payments.take_calls().is_empty());
}

#[tokio::test]
async fn a_line_opens_to_its_rules_and_the_banks_own_line() {
    let market = Market::new();
    market.payments.on("explain_shop_line", |request: ShopLineRequest| {
        if request.shop_id != shop(SHOP_A).id {
            return Err(Status::not_found("the shop has no such line"));
        }
        let line =
            ShopLine { kind: "fee".to_owned(), order_id: "x".to_owned(), ..ShopLine::default() };
        let (fee_rule, fee, vat_basis_points) = ("till".to_owned(), Some(vnd(500)), 100);
        let charge = OrderCharge { fee_rule, fee, vat_basis_points, ..OrderCharge::default() };
        let (amount, memo) = (Some(vnd(100_000)), "MBVCB CN7".to_owned());
        Ok(ShopLineExplanation {
            line: Some(line),
            charge: Some(charge),
            bank_credits: vec![BankLine { amount, memo, ..BankLine::default() }],
            at_counter: true,
            ..ShopLineExplanation::default()
        })
    });
    let variables = json!({ "shop": shop(SHOP_A).id, "line": "1" });
    let answer = post(&market.routes(), "a", LINE, variables).await;
    let expected = json!({
        "line": { "kind": "fee" }, "atCounter": true, "order": null, "payout": null,
        "charge": { "feeRule": "till", "vatBasisPoints": 100, "fee": { "amount": "500" } },
        "bankCredits": [{ "memo": "MBVCB CN7", "amount": { "amount": "100000" } }],
    });
    assert_eq!(answer["data"]["me"]["shop"]["statementLine"], expected);
    // A counter's sale is no order: orders is not asked.
    assert!(market.orders.take_calls().is_empty());
}

#[tokio::test]
async fn an_operator_says_what_the_columns_of_a_statement_hold() {
    let market = Market::new();
    market.payments.on("correct_statement_columns", |request: CorrectStatementColumnsRequest| {
        let columns: Vec<_> = request.columns().collect();
        let nothing = StatementColumn::Unspecified;
        assert_eq!(columns, [StatementColumn::ColumnDate, nothing, StatementColumn::ColumnCredit]);
        assert_eq!(request.date_order(), DateOrder::DayFirst);
        let column = |header: &str, holds: StatementColumn| UnderstoodColumn {
            header: header.to_owned(),
            holds: holds.into(),
        };
        let columns = vec![column("Ngày", StatementColumn::ColumnDate), column("STT", nothing)];
        let status = proto::payments::BankStatementStatus::StatementWaiting.into();
        let date_order = DateOrder::DayFirst.into();
        Ok(BankStatement { columns, status, date_order, ..BankStatement::default() })
    });
    let routes = market.routes();
    let answer = post(&routes, "operator", CORRECT, json!({})).await;
    let payload = &answer["data"]["correctStatementColumns"];
    assert_eq!(payload["userErrors"], json!([]));
    let columns =
        json!([{ "header": "Ngày", "holds": "DATE" }, { "header": "STT", "holds": null }]);
    assert_eq!(payload["statement"], json!({ "columns": columns, "dateOrder": "DAY_FIRST" }));
    market.payments.take_calls();
    let refused = post(&routes, "a", CORRECT, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(market.payments.take_calls().is_empty());
}

#[tokio::test]
async fn an_operator_has_a_statement_tried_again_and_nobody_else_has() {
    const RETRY: &str = "mutation { retryBankStatement(input: {statementId: \"stm_1\"}) {
      statement { status } userErrors { code path } } }";
    let market = Market::new();
    market.payments.on("retry_bank_statement", |request: RetryBankStatementRequest| {
        assert_eq!(request.statement_id, "stm_1");
        let status = proto::payments::BankStatementStatus::StatementWaiting.into();
        Ok(BankStatement { status, ..BankStatement::default() })
    });
    let routes = market.routes();
    let answer = post(&routes, "operator", RETRY, json!({})).await;
    let payload = &answer["data"]["retryBankStatement"];
    assert_eq!(payload["statement"]["status"], "WAITING", "{answer}");
    market.payments.take_calls();
    let refused = post(&routes, "a", RETRY, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(market.payments.take_calls().is_empty());
    market.payments.on("retry_bank_statement", |_: RetryBankStatementRequest| {
        Err::<BankStatement, _>(Status::not_found("no such statement"))
    });
    let answer = post(&routes, "operator", RETRY, json!({})).await;
    let errors = &answer["data"]["retryBankStatement"]["userErrors"];
    assert_eq!(errors, &json!([{ "code": "NOT_FOUND", "path": ["statementId"] }]), "{answer}");
}
