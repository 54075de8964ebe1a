//! Settlement through the API: who may do what, and what reaches payments.

use std::collections::BTreeMap;

use kernel::{BankCreditId, OrderLineId, RefundId};
use proto::common::PageInfo;
use proto::orders::{Checkout, GetCheckoutRequest, GetOrdersRequest, Order, OrderLine, OrderList};
use proto::payments::{
    AccountStatement, BankCredit, BankCreditPage, BankCreditState, CloseBooksRequest,
    CreditOutcome, CreditSuggestions, ForgetPayerRequest, ForgottenPayer,
    GetAccountStatementRequest, GetPaymentsRequest, GetRefundRequest, LedgerClosing,
    LedgerEntryPage, ListBankCreditsRequest, ListLedgerEntriesRequest, MatchConfidence,
    PayeeAccount, Payment, PaymentList, ProvideRefundAccountRequest, Refund, RefundPaymentRequest,
    RefundStatus, SuggestPaymentsRequest, SuggestedPayment, SuggestedPayments,
    UnmatchBankCreditRequest, WithdrawWriteOffRequest, WrittenOff,
};
use serde_json::json;
use tonic::Status;
use uuid::Uuid;

use crate::support::{Market, SHOP_A, order_id, payment_id, post, shop, user_of, vnd};

fn refund_id() -> String {
    RefundId::from_uuid(Uuid::from_u128(1)).to_string()
}

fn line_id(number: u128) -> String {
    OrderLineId::from_uuid(Uuid::from_u128(number)).to_string()
}

fn order() -> Order {
    let line =
        OrderLine { id: line_id(1), quantity: 3, total: Some(vnd(75_000)), ..OrderLine::default() };
    Order { id: order_id(1), shop_id: shop(SHOP_A).id, lines: vec![line], ..Order::default() }
}

fn requested() -> Refund {
    Refund {
        id: refund_id(),
        payment_id: payment_id(1),
        order_id: order_id(1),
        amount: Some(vnd(25_000)),
        status: RefundStatus::RefundRequested.into(),
        ..Refund::default()
    }
}

#[tokio::test]
async fn a_shop_refunds_pieces_of_its_orders_lines_without_knowing_the_account() {
    let market = Market::new();
    market.orders.on("get_orders", |request: GetOrdersRequest| {
        let mine = request.shop_ids.contains(&shop(SHOP_A).id);
        Ok(OrderList { orders: if mine { vec![order()] } else { Vec::new() } })
    });
    market.payments.on("get_payments", |_: GetPaymentsRequest| Ok(PaymentList::default()));
    market.payments.on("refund_payment", |request: RefundPaymentRequest| {
        assert_eq!((request.account, request.amount), (None, None));
        let line = &request.lines[0];
        assert_eq!((line.quantity, line.ordered, line.total.clone()), (1, 3, Some(vnd(75_000))));
        Ok(requested())
    });
    let routes = market.routes();
    let query = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      refund { status amount { amount } account { number } } userErrors { code path } } }";
    let input = |lines| {
        json!({ "input": { "paymentId": payment_id(1), "orderId": order_id(1), "reason": "hỏng",
          "idempotencyKey": "k", "lines": lines } })
    };
    let lines = json!([{ "orderLineId": line_id(1), "quantity": 1 }]);
    let answer = post(&routes, "a", query, input(lines.clone())).await;
    let refund = &answer["data"]["refundPayment"]["refund"];
    assert_eq!(refund["status"], "REQUESTED", "{answer}");
    assert_eq!((&refund["account"], &refund["amount"]["amount"]), (&json!(null), &json!("25000")));
    // Another shop, a line that is not the order's, nothing asked for.
    let other = json!([{ "orderLineId": line_id(9), "quantity": 1 }]);
    for (who, lines, code) in
        [("b", lines, "NOT_FOUND"), ("a", other, "NOT_FOUND"), ("a", json!([]), "REQUIRED")]
    {
        let answer = post(&routes, who, query, input(lines)).await;
        assert_eq!(answer["data"]["refundPayment"]["userErrors"][0]["code"], code, "{answer}");
    }
    assert_eq!(market.payments.take_calls().get("refund_payment"), Some(&1));
}

#[tokio::test]
async fn only_the_buyer_and_operators_say_where_a_refund_goes() {
    let market = Market::new();
    market.payments.on("get_refund", |request: GetRefundRequest| {
        if request.refund_id == refund_id() {
            Ok(requested())
        } else {
            Err(Status::not_found("none"))
        }
    });
    market.payments.on("get_payments", |_: GetPaymentsRequest| {
        let checkout_id = "chk_1".to_owned();
        let payment = Payment { id: payment_id(1), checkout_id, ..Payment::default() };
        Ok(PaymentList { payments: vec![payment] })
    });
    market.orders.on("get_checkout", |request: GetCheckoutRequest| {
        let buyer = user_of("buyer").unwrap().user.unwrap().id;
        assert!(!request.operator && request.checkout_id == "chk_1");
        if request.token == "secret" || request.buyer_id == buyer {
            return Ok(Checkout {
                id: request.checkout_id,
                orders: vec![order()],
                ..Checkout::default()
            });
        }
        Err(Status::not_found("none"))
    });
    market.payments.on("provide_refund_account", |request: ProvideRefundAccountRequest| {
        let operator = user_of("operator").unwrap().user.unwrap().id;
        assert_eq!(request.operator, request.provided_by == operator);
        let account = PayeeAccount {
            bank_bin: "970436".to_owned(),
            number: "1".to_owned(),
            holder: "A".to_owned(),
        };
        assert_eq!(request.account, Some(account));
        Ok(Refund { status: RefundStatus::RefundApproved.into(), ..requested() })
    });
    let routes = market.routes();
    let query =
        "mutation($input: ProvideRefundAccountInput!) { provideRefundAccount(input: $input) {
      refund { id status needsAccount } userErrors { code } } }";
    let account = json!({ "bin": "970436", "number": "1", "holder": "A" });
    let input = |id: String, token: &str| json!({ "input": { "refundId": id, "token": token, "account": account } });
    for (who, token, allowed) in [
        ("", "secret", true),
        ("buyer", "", true),
        ("operator", "", true),
        ("", "", false),
        ("", "guess", false),
        ("a", "", false),
        ("b", "guess", false),
    ] {
        let answer = post(&routes, who, query, input(refund_id(), token)).await;
        let payload = &answer["data"]["provideRefundAccount"];
        if allowed {
            assert_eq!(payload["refund"]["needsAccount"], false, "{who}: {answer}");
        } else {
            assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND", "{who}: {answer}");
        }
    }
    let unknown = RefundId::from_uuid(Uuid::from_u128(2)).to_string();
    let answer = post(&routes, "buyer", query, input(unknown, "")).await;
    assert_eq!(answer["data"]["provideRefundAccount"]["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(market.payments.take_calls().get("provide_refund_account"), Some(&3));
}

#[tokio::test]
async fn suggestions_of_a_page_are_one_call_and_speak_peoples_words() {
    let market = Market::new();
    let credit_id = |number: u128| BankCreditId::from_uuid(Uuid::from_u128(number)).to_string();
    market.payments.on("list_bank_credits", move |_: ListBankCreditsRequest| {
        let credit = |number| BankCredit {
            id: credit_id(number),
            amount: Some(vnd(25_000)),
            state: BankCreditState::Orphan.into(),
            ..BankCredit::default()
        };
        let cursors = (1..=20).map(credit_id).collect();
        let page = Some(PageInfo { has_next: false, cursors, total: -1 });
        Ok(BankCreditPage { credits: (1..=20).map(credit).collect(), page })
    });
    market.payments.on("suggest_payments", move |request: SuggestPaymentsRequest| {
        assert_eq!(request.credit_ids.len(), 20);
        let suggested = SuggestedPayment {
            payment_id: payment_id(1),
            reasons: vec!["near_code".to_owned(), "known_payer".to_owned()],
            confidence: MatchConfidence::High.into(),
        };
        let credits = request.credit_ids.into_iter().take(19);
        let credits = credits
            .map(|credit_id| CreditSuggestions { credit_id, payments: vec![suggested.clone()] });
        Ok(SuggestedPayments { credits: credits.collect() })
    });
    market.payments.on("get_payments", |request: GetPaymentsRequest| {
        assert_eq!(request.ids, [payment_id(1)]);
        Ok(PaymentList { payments: vec![Payment { id: payment_id(1), ..Payment::default() }] })
    });
    let query = "{ operations { bankCredits { nodes { suggestions { payment { id } reasons confidence } } } } }";
    let answer = post(&market.routes(), "operator", query, json!({})).await;
    let nodes = &answer["data"]["operations"]["bankCredits"]["nodes"];
    assert_eq!(
        nodes[0]["suggestions"][0],
        json!({ "payment": { "id": payment_id(1) }, "confidence": "HIGH", "reasons": [
            "The message is nearly its code.", "The sender has paid this shop before."
        ] }),
        "{answer}"
    );
    assert_eq!(nodes[19]["suggestions"], json!([]));
    assert_eq!(
        market.payments.take_calls(),
        BTreeMap::from([("get_payments", 1), ("list_bank_credits", 1), ("suggest_payments", 1)])
    );
}

#[tokio::test]
async fn only_operators_take_matches_back_and_forget_payers() {
    let market = Market::new();
    market.payments.on("unmatch_bank_credit", |request: UnmatchBankCreditRequest| {
        assert_eq!(request.decided_by, user_of("operator").unwrap().user.unwrap().id);
        assert_eq!((request.credit_id.as_str(), request.reason.as_str()), ("cred_1", "nhầm"));
        Ok(BankCredit { state: BankCreditState::Orphan.into(), ..BankCredit::default() })
    });
    market.payments.on("forget_payer", |_: ForgetPayerRequest| Ok(ForgottenPayer { forgotten: 2 }));
    let routes = market.routes();
    let unmatch = "mutation { unmatchBankCredit(input: {creditId: \"cred_1\", reason: \"nhầm\"}) { credit { state } userErrors { code } } }";
    let forget =
        "mutation { forgetPayer(input: {creditId: \"cred_1\"}) { forgotten userErrors { code } } }";
    let others = [
        "mutation { closeBooks(input: {until: \"2026-10-31\"}) { closing { until } } }",
        "mutation { writeOff(input: {creditId: \"cred_1\", reason: \"x\"}) { writeOff { id } } }",
        "mutation { withdrawWriteOff(input: {writeOffId: \"woff_1\"}) { writeOff { id } } }",
        "mutation { reverseBankCredit(input: {creditId: \"cred_1\", debitId: \"debit_1\", reason: \"x\"}) { credit { id } } }",
        "{ operations { accountStatement(account: \"refunds\", from: \"2026-11-01\", to: \"2026-11-02\") { foots } } }",
        "{ operations { ledgerClosings { until } } }",
        "{ operations { writeOffs(waitingOnly: true) { nodes { id } } } }",
    ];
    for query in [unmatch, forget].iter().chain(&others) {
        for who in ["", "a", "buyer"] {
            let answer = post(&routes, who, query, json!({})).await;
            assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{who}: {answer}");
        }
    }
    assert_eq!(market.payments.take_calls().len(), 0);
    let answer = post(&routes, "operator", unmatch, json!({})).await;
    assert_eq!(answer["data"]["unmatchBankCredit"]["credit"]["state"], "ORPHAN", "{answer}");
    let answer = post(&routes, "operator", forget, json!({})).await;
    assert_eq!(answer["data"]["forgetPayer"]["forgotten"], 2, "{answer}");
}

#[tokio::test]
async fn a_write_off_is_withdrawn_in_the_name_of_who_asks() {
    let market = Market::new();
    let operator = user_of("operator").unwrap().user.unwrap().id;
    market.payments.on("withdraw_write_off", move |request: WithdrawWriteOffRequest| {
        assert_eq!((request.write_off_id.as_str(), &request.asked_by), ("woff_1", &operator));
        Ok(WrittenOff { withdrawn_at: 1_000_000, ..WrittenOff::default() })
    });
    let withdraw = "mutation { withdrawWriteOff(input: {writeOffId: \"woff_1\"}) { writeOff { doneAt withdrawnAt } userErrors { code } } }";
    let answer = post(&market.routes(), "operator", withdraw, json!({})).await;
    let write_off = &answer["data"]["withdrawWriteOff"]["writeOff"];
    assert_eq!(write_off["doneAt"], json!(null), "{answer}");
    assert!(write_off["withdrawnAt"].is_string(), "{answer}");
}

#[tokio::test]
async fn books_are_closed_and_read_in_the_name_of_who_asks() {
    let market = Market::new();
    let operator = user_of("operator").unwrap().user.unwrap().id;
    let asked_by = operator.clone();
    market.payments.on("close_books", move |request: CloseBooksRequest| {
        assert_eq!((request.until.as_str(), &request.asked_by), ("2026-10-31", &asked_by));
        Ok(LedgerClosing {
            until: request.until,
            requested_by: asked_by.clone(),
            ..LedgerClosing::default()
        })
    });
    market.payments.on("get_account_statement", |request: GetAccountStatementRequest| {
        assert_eq!((request.account.as_str(), request.currency.as_str()), ("refunds", "VND"));
        let (opening, closing) = (Some(vnd(-5_000)), Some(vnd(-2_000)));
        let (debits, credits) = (Some(vnd(10_000)), Some(vnd(7_000)));
        Ok(AccountStatement { opening, debits, credits, closing, entries: 2, foots: true })
    });
    market.payments.on("list_ledger_entries", |request: ListLedgerEntriesRequest| {
        assert_eq!((request.account.as_str(), request.from.as_str()), ("refunds", "2026-11-01"));
        Ok(LedgerEntryPage { entries: Vec::new(), page: Some(PageInfo::default()) })
    });
    let routes = market.routes();
    let close = "mutation { closeBooks(input: {until: \"2026-10-31\"}) { closing { until closedAt closedBy { name } } userErrors { code } } }";
    let answer = post(&routes, "operator", close, json!({})).await;
    assert_eq!(
        answer["data"]["closeBooks"]["closing"],
        json!({ "until": "2026-10-31", "closedAt": null, "closedBy": null }),
        "{answer}"
    );
    let read = "{ operations { accountStatement(account: \"refunds\", from: \"2026-11-01\", to: \"2026-11-30\") {
      opening { amount } closing { amount } foots entryCount entries { nodes { id } } } } }";
    let answer = post(&routes, "operator", read, json!({})).await;
    let statement = &answer["data"]["operations"]["accountStatement"];
    assert_eq!(
        (&statement["opening"]["amount"], &statement["foots"]),
        (&json!("-5000"), &json!(true)),
        "{answer}"
    );
}

#[tokio::test]
async fn a_figure_of_the_report_is_the_question_for_its_lines() {
    let market = Market::new();
    market.payments.on("list_bank_credits", |request: ListBankCreditsRequest| {
        assert_eq!(request.outcome(), CreditOutcome::OutcomeWaiting);
        assert_eq!((request.by_age, request.from_days, request.to_days), (true, 2, 3));
        assert_eq!(
            (request.from.as_str(), request.account_number.as_str()),
            ("2026-11-01", "0011")
        );
        Ok(BankCreditPage { credits: Vec::new(), page: Some(PageInfo::default()) })
    });
    let query = "{ operations { bankCredits(figure: {outcome: WAITING, fromDays: 2, toDays: 3, accountNumber: \"0011\",
      from: \"2026-11-01\", to: \"2026-11-02\"}) { nodes { id } } } }";
    let answer = post(&market.routes(), "operator", query, json!({})).await;
    assert_eq!(answer["data"]["operations"]["bankCredits"]["nodes"], json!([]), "{answer}");
}
