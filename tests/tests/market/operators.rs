//! What operators do on their pages: every decision that the API knows has a form, and the page says what
//! came of it, or why it is refused.

use std::time::Duration;

use anyhow::Context;
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket, sign_in};
use journeys::shopping::{
    TestShop, check_out_one, open_shop, page, patiently, pay, refund, sell, sign_up, transfer,
    wait_for, wait_for_credits,
};
use platform::config::Config;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::{format_description, offset};

/// An operator before their pages.
struct Desk {
    api: Api,
    cookie: String,
}

impl Desk {
    fn of(operator: &Api) -> Self {
        let cookie = format!("session={}", operator.token().unwrap_or_default());
        Self { api: operator.clone(), cookie }
    }

    async fn see(&self, path: &str) -> anyhow::Result<String> {
        page(&self.api, path, &self.cookie, None).await
    }

    /// Looks until the page is as it must become.
    async fn see_until(&self, path: &str, is_so: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        for _ in 0..400 {
            if is_so(&self.see(path).await?) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("{path} does not become what it must")
    }

    /// Sends a form; gives the page that comes of it.
    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        page(&self.api, path, &self.cookie, Some(fields)).await
    }
}

/// Shops are paid at once, whatever it is.
fn at_once(config: &mut Config) {
    config.settlement.days_after_fulfilment = 0;
    config.settlement.days_after_capture = 0;
    config.settlement.minimum_payout = 1;
}

async fn paid(market: &TestMarket, shop: &TestShop, price: i64) -> anyhow::Result<Value> {
    let goods = sell(shop, "Xoài", price, 10).await?;
    let checkout = check_out_one(&market.api, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    pay(&market.api, &checkout).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    Ok(checkout)
}

/// The second person.
async fn second_operator(market: &TestMarket) -> anyhow::Result<Api> {
    let (login, password) = ("thu-hai@chonoi.example", "mot-mat-khau-khac");
    chonoi::commands::add_operator(market.config(), login, password).await?;
    sign_in(&market.api, login, password).await
}

async fn send_transfers(operator: &Api) -> anyhow::Result<()> {
    let send = "mutation { sendTransfers { userErrors { code message } } }";
    patiently(|| operator.change(send, json!({}))).await?;
    Ok(())
}

/// Plans what the shop is owed, has the second person agree, and gives it to the bank.
async fn send_payout(market: &TestMarket, second: &Api) -> anyhow::Result<Value> {
    let run =
        "mutation { runPayouts(input: {}) { run { payouts { id reference amount { amount } } }
      userErrors { code message } } }";
    let ran = patiently(|| market.operator.change(run, json!({}))).await?;
    let payout = ran["run"]["payouts"][0].clone();
    let approve = "mutation($id: ID!) { approvePayout(input: {payoutId: $id}) { payout { status } userErrors { code message } } }";
    patiently(|| second.change(approve, json!({ "id": payout["id"] }))).await?;
    send_transfers(second).await?;
    Ok(payout)
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}

/// The id in the address of the first form whose address begins and ends so.
fn id_of_form<'a>(page: &'a str, begins: &str, ends: &str) -> Option<&'a str> {
    let mut addresses = page.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    addresses.find_map(|one| one.strip_prefix(begins)?.strip_suffix(ends))
}

/// How often something stands on a page.
fn times(page: &str, what: &str) -> usize {
    page.matches(what).count()
}

/// Today's statement of the market's account with one debit, read to its end.
async fn import_debit(
    operator: &Api,
    account: &str,
    amount: i64,
    memo: &str,
) -> anyhow::Result<()> {
    let day = OffsetDateTime::now_utc().to_offset(offset!(+7)).date();
    let day = day.format(format_description!("[day]/[month]/[year]"))?;
    let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
    let file = format!("{header}\n{day},FT{amount},{amount},,{memo},{account}\n");
    let query = "mutation($input: ImportBankStatementInput!) { importBankStatement(input: $input) {
      statement { id } userErrors { code message } } }";
    let variables = json!({ "input": { "file": null } });
    let taken = operator.upload(query, &variables, "input.file", "sao-ke.csv", file.as_bytes());
    let id = taken.await?["statement"]["id"].clone();
    let query = "query($id: ID!) { operations { bankStatement(id: $id) { status debits } } }";
    for _ in 0..400 {
        let found = operator.run(query, json!({ "id": id })).await?;
        let found = &found["operations"]["bankStatement"];
        if found["status"] != "WAITING" {
            anyhow::ensure!(found["debits"] == 1, "the debit was not read: {found}");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the statement is not read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_says_of_a_statement_or_a_run_and_is_not_so_is_refused()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, at_once).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let account = checkout["payment"]["qr"]["accountNumber"].clone();
    let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
    let import =
        "mutation($input: ImportBankStatementInput!) { importBankStatement(input: $input) {
      statement { format } userErrors { code path } } }";
    let whose = text(&account)?;
    for (of, input, refused) in [
        (
            whose,
            json!({ "format": "MT940" }),
            json!([{ "code": "FILE_OF_OTHER_FORMAT", "path": ["format"] }]),
        ),
        (
            whose,
            json!({ "accountId": "999" }),
            json!([{ "code": "NOT_FOUND", "path": ["accountId"] }]),
        ),
        (
            "111222333",
            json!({ "accountId": whose }),
            json!([{ "code": "FILE_OF_OTHER_ACCOUNT", "path": ["accountId"] }]),
        ),
        (whose, json!({ "accountId": whose, "format": "CSV" }), json!([])),
    ] {
        let file = format!("{header}\n15/01/2026,FT1,,5000,tien,{of}\n");
        let mut variables = json!({ "input": input });
        variables["input"]["file"] = Value::Null;
        let taken =
            market.operator.upload(import, &variables, "input.file", "a.csv", file.as_bytes());
        let taken = taken.await?;
        assert_eq!(taken["userErrors"], refused, "{input}");
        assert_eq!(taken["statement"]["format"] == "csv", refused == json!([]), "{taken}");
    }
    let run = "mutation($date: String) { runPayouts(input: {date: $date, dryRun: true}) { run { payouts { amount { amount } } }
      userErrors { code path } } }";
    let planned = |date: &str| market.operator.attempt(run, json!({ "date": date }));
    let to_come = planned("2999-01-01").await?;
    assert_eq!(to_come["userErrors"], json!([{ "code": "OUT_OF_RANGE", "path": ["date"] }]));
    let nonsense = planned("hôm nay").await?;
    assert_eq!(nonsense["userErrors"], json!([{ "code": "INVALID", "path": ["date"] }]));
    // It was sold today: that day nothing was due.
    let before = planned("2026-01-01").await?;
    assert_eq!(before["run"]["payouts"], json!([]));
    let today = OffsetDateTime::now_utc().to_offset(offset!(+7)).date();
    let today = today.format(format_description!("[year]-[month]-[day]"))?;
    let today = planned(&today).await?;
    assert_eq!(today["run"]["payouts"].as_array().map(Vec::len), Some(1), "{today}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_did_with_a_payout_is_written_down_and_reopens_the_debt() -> anyhow::Result<()>
{
    let market = TestMarket::start(Stand::Embedded, at_once).await?;
    let (desk, second) = (Desk::of(&market.operator), second_operator(&market).await?);
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let refused = send_payout(&market, &second).await?;
    let sent = desk.see("/operations/money/payouts?state=SENT").await?;
    assert!(sent.contains(text(&refused["reference"])?), "{sent}");
    assert_eq!(times(&sent, "data-test=\"settle-returned\""), 1, "{sent}");
    let settle = |payout: &Value| {
        let id = payout["id"].as_str().unwrap_or_default();
        format!("/operations/money/payouts/{id}/settle")
    };
    let seen = desk.send(&settle(&refused), &[("outcome", "RETURNED")]).await?;
    assert_eq!(times(&seen, "data-status=\"RETURNED\""), 1, "{seen}");
    // What came back is no payout any more.
    let seen = desk.send(&settle(&refused), &[("outcome", "PAID")]).await?;
    assert!(seen.contains("class=\"problem\""), "{seen}");
    assert_eq!(times(&seen, "data-status=\"RETURNED\""), 1, "{seen}");
    // The debt is open again: the next run pays it, and then the money comes back by a credit.
    let made = send_payout(&market, &second).await?;
    assert_eq!(made["amount"], refused["amount"]);
    let seen = desk.send(&settle(&made), &[("outcome", "PAID")]).await?;
    assert_eq!(times(&seen, "data-status=\"PAID\""), 1, "{seen}");
    assert_eq!(times(&seen, "data-test=\"settle-came-back\""), 0, "nothing came back");
    let amount: i64 = text(&made["amount"]["amount"])?.parse()?;
    let account = &checkout["payment"]["qr"]["accountNumber"];
    let back =
        json!({ "account": account, "amount": amount, "memo": "hoan tra", "payer": "NGAN HANG" });
    transfer(&market.api, back).await?;
    let credits = wait_for_credits(&market.operator, 2).await?;
    let seen = desk.see("/operations/money/payouts?state=PAID").await?;
    assert_eq!(times(&seen, "data-test=\"settle-came-back\""), 1, "{seen}");
    let by = [("outcome", "RETURNED"), ("credit", text(&credits[0]["id"])?)];
    let seen = desk.send(&settle(&made), &by).await?;
    assert_eq!(times(&seen, "data-status=\"RETURNED\""), 2, "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_the_bank_did_not_send_ends_and_can_be_asked_for_again() -> anyhow::Result<()>
{
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let desk = Desk::of(&market.operator);
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let asked = refund(&shop.owner, &checkout, 20_000, "tra-lai-lan-1").await?;
    // To an account that the shop named, it goes when an operator agrees.
    let approve = "mutation($id: ID!) { approveRefund(input: {refundId: $id}) { refund { status } userErrors { code message } } }";
    market.operator.change(approve, json!({ "id": asked["refund"]["id"] })).await?;
    send_transfers(&market.operator).await?;
    let sent = desk.see("/operations/money/refunds?state=SENT").await?;
    assert_eq!(times(&sent, "data-test=\"fail-refund\""), 1, "{sent}");
    let fail = format!("/operations/money/refunds/{}/fail", text(&asked["refund"]["id"])?);
    let seen = desk.send(&fail, &[]).await?;
    assert_eq!(times(&seen, "data-status=\"FAILED\""), 1, "{seen}");
    let again = refund(&shop.owner, &checkout, 100_000, "tra-lai-lan-2").await?;
    assert_eq!(again["userErrors"], json!([]), "all of it can be given back again");
    // Nothing of this one was sent: there is nothing that could have failed.
    let fail = format!("/operations/money/refunds/{}/fail", text(&again["refund"]["id"])?);
    let seen = desk.send(&fail, &[]).await?;
    assert!(seen.contains("class=\"problem\""), "{seen}");
    assert_eq!(times(&seen, "data-status=\"FAILED\""), 1, "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_debit_that_took_a_credit_back_is_explained_by_it_and_waits_no_more() -> anyhow::Result<()>
{
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let desk = Desk::of(&market.operator);
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let account = text(&checkout["payment"]["qr"]["accountNumber"])?;
    let astray = json!({ "account": account, "amount": 70_000, "memo": "nham", "payer": "AI DO" });
    transfer(&market.api, astray).await?;
    let credits = wait_for_credits(&market.operator, 2).await?;
    import_debit(&market.operator, account, 70_000, "rut lai lenh nham").await?;
    let seen = desk.see("/operations/money/debits?state=WAITING").await?;
    assert_eq!(times(&seen, "data-waits"), 1, "{seen}");
    assert_eq!(times(&seen, "data-test=\"reverse-credit\""), 1, "{seen}");
    let id = id_of_form(&seen, "/operations/money/debits/", "/reverse").context("no form")?;
    let path = format!("/operations/money/debits/{id}/reverse");
    // What paid an order was not taken back by it.
    let other = [("credit", text(&credits[1]["id"])?), ("reason", "ngan+hang+rut")];
    let seen = desk.send(&path, &other).await?;
    assert!(seen.contains("class=\"problem\"") && times(&seen, "data-waits") == 1, "{seen}");
    let astray = [("credit", text(&credits[0]["id"])?), ("reason", "ngan+hang+rut")];
    let seen = desk.send(&path, &astray).await?;
    assert_eq!((times(&seen, "data-test=\"debit\""), times(&seen, "data-waits")), (1, 0), "{seen}");
    let seen = desk.see("/operations/money/debits?state=MATCHED").await?;
    assert_eq!(times(&seen, "data-test=\"debit\""), 0, "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_money_is_written_off_only_when_a_second_person_agrees() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let second = second_operator(&market).await?;
    let (desk, other_desk) = (Desk::of(&market.operator), Desk::of(&second));
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let account = text(&checkout["payment"]["qr"]["accountNumber"])?;
    let large =
        json!({ "account": account, "amount": 3_000_000, "memo": "nham", "payer": "AI DO" });
    transfer(&market.api, large).await?;
    let credits = wait_for_credits(&market.operator, 2).await?;
    let path = format!("/operations/money/credits/{}/write-off", text(&credits[0]["id"])?);
    let why: &[_] = &[("reason", "khong+ai+nhan")];
    let refused = desk.send(&path, &[("reason", "")]).await?;
    assert!(
        refused.contains("class=\"problem\""),
        "without a reason nothing is given up: {refused}"
    );
    // The same person asks twice: that are not two.
    for _ in 0..2 {
        let seen = desk.send(&path, why).await?;
        assert_eq!(times(&seen, "data-test=\"queued\""), 1, "{seen}");
    }
    // Who asked reads that another must agree; the other finds it in the list, and agrees there.
    let list = "/operations/money/write-offs?state=WAITING";
    let seen = desk.see(list).await?;
    let counts = |page: &str| {
        (times(page, "data-test=\"given-up\""), times(page, "data-test=\"agree-write-off\""))
    };
    assert_eq!(counts(&seen), (1, 0), "{seen}");
    // Who asked takes it back, and nobody else; then it is asked for anew.
    let id = id_of_form(&seen, "/operations/money/write-offs/", "/withdraw").context("no form")?;
    let withdraw = format!("/operations/money/write-offs/{id}/withdraw");
    other_desk.send(&withdraw, &[]).await?;
    assert_eq!(counts(&desk.see(list).await?), (1, 0));
    let seen = desk.send(&withdraw, &[]).await?;
    assert!(counts(&seen) == (1, 0) && seen.contains("Đã rút lại"), "{seen}");
    assert_eq!(counts(&other_desk.see(list).await?), (0, 0));
    desk.send(&path, why).await?;
    let seen = other_desk.see(list).await?;
    assert_eq!(counts(&seen), (1, 1), "{seen}");
    assert_eq!(
        id_of_form(&seen, "/operations/money/credits/", "/write-off"),
        credits[0]["id"].as_str()
    );
    let seen = other_desk.send(&path, why).await?;
    assert_eq!(times(&seen, "data-test=\"queued\""), 0, "{seen}");
    assert_eq!(counts(&other_desk.see(list).await?), (0, 0));
    // What is small needs no second person.
    import_debit(&market.operator, account, 11_000, "phi duy tri").await?;
    let seen = desk.see("/operations/money/debits").await?;
    let id = id_of_form(&seen, "/operations/money/debits/", "/write-off").context("no form")?;
    let path = format!("/operations/money/debits/{id}/write-off");
    let seen = desk.send(&path, why).await?;
    assert_eq!((times(&seen, "data-test=\"debit\""), times(&seen, "data-waits")), (1, 0), "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_whose_match_was_taken_back_is_listed_until_it_is_paid_again()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let desk = Desk::of(&market.operator);
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let reference = text(&checkout["payment"]["reference"])?;
    let path = "/operations/money/reopened";
    assert!(!desk.see(path).await?.contains(reference));
    let credits = wait_for_credits(&market.operator, 1).await?;
    let unmatch = format!("/operations/money/credits/{}/unmatch", text(&credits[0]["id"])?);
    desk.send(&unmatch, &[("reason", "cua+nguoi+khac")]).await?;
    let seen = desk.see(path).await?;
    assert!(seen.contains(reference) && times(&seen, "data-test=\"reopened\"") == 1, "{seen}");
    pay(&market.api, &checkout).await?;
    desk.see_until(path, |page| !page.contains(reference)).await?;
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taxes_of_a_month_are_a_file_and_two_persons_close_the_books() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let second = second_operator(&market).await?;
    let (desk, other_desk) = (Desk::of(&market.operator), Desk::of(&second));
    let shop = open_shop(&market, "Trái cây").await?;
    paid(&market, &shop, 123_000).await?;
    let today = OffsetDateTime::now_utc().to_offset(offset!(+7)).date();
    let month = today.format(format_description!("[year]-[month]"))?;
    let file = desk.see(&format!("/operations/books/tax?month={month}")).await?;
    assert!(file.contains(",123000,") && file.contains(&shop.id), "{file}");
    let refused = desk.see("/operations/books/tax?month=2026-13").await?;
    assert!(refused.contains("class=\"wrong\""), "{refused}");
    let written = format_description!("[year]-[month]-[day]");
    let (path, days) = ("/operations/books", (today, today - time::Duration::days(1)));
    let (today, yesterday) = (days.0.format(written)?, days.1.format(written)?);
    let refused = desk.send(path, &[("until", today.as_str())]).await?;
    assert!(refused.contains("class=\"wrong\"") && times(&refused, "data-test=\"closing\"") == 0);
    // Who asked does not close.
    for _ in 0..2 {
        let seen = desk.send(path, &[("until", yesterday.as_str())]).await?;
        let counts = (times(&seen, "data-test=\"closing\""), times(&seen, "data-closed"));
        assert_eq!(counts, (1, 0), "{seen}");
    }
    let seen = other_desk.send(path, &[("until", yesterday.as_str())]).await?;
    assert_eq!(
        (times(&seen, "data-test=\"closing\""), times(&seen, "data-closed")),
        (1, 1),
        "{seen}"
    );
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sent_a_credit_is_forgotten_from_its_page_and_the_credit_stays() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let desk = Desk::of(&market.operator);
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 100_000, 10).await?;
    let checkout = check_out_one(&market.api, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    let account = &checkout["payment"]["qr"]["accountNumber"];
    let memo = "LE MINH chuyen tien xoai";
    let unnamed =
        json!({ "account": account, "amount": 100_000, "memo": memo, "payer": "LE MINH" });
    transfer(&market.api, unnamed).await?;
    let credits = wait_for_credits(&market.operator, 1).await?;
    let id = text(&credits[0]["id"])?;
    let reference = text(&checkout["payment"]["reference"])?;
    let pays = [("action", "pay"), ("references", reference), ("reason", "khach+goi")];
    desk.send(&format!("/operations/money/credits/{id}"), &pays).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    let forget = format!("/operations/money/credits/{id}/forget");
    let seen = desk.see("/operations/money/credits").await?;
    assert!(seen.contains(&forget), "{seen}");
    let seen = desk.send(&forget, &[]).await?;
    assert_eq!(times(&seen, "data-test=\"credit\""), 1, "{seen}");
    let again = "mutation($id: ID!) { forgetPayer(input: {creditId: $id}) { forgotten userErrors { code message } } }";
    let left = market.operator.change(again, json!({ "id": id })).await?;
    assert_eq!(left["forgotten"], 0, "nothing is remembered any more");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_is_refused_or_stopped_with_a_reason_that_it_reads() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let desk = Desk::of(&market.operator);
    // Who approves a shop reads what its taxes hang on, and whose account it names.
    let owner = sign_up(&market.api, "Chủ công ty").await?;
    let input = json!({
        "name": "Công ty Sen", "kind": "COMPANY", "taxCode": "1800123456", "wardCode": "31186",
        "address": "2 Bến Chợ", "phone": "0900000124",
        "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "CONG TY SEN" },
    });
    let open = "mutation($input: OpenShopInput!) { openShop(input: $input) { shop { id } userErrors { code message } } }";
    let waiting = owner.change(open, json!({ "input": input })).await?["shop"]["id"].clone();
    let submit = "mutation($id: ID!) { submitShop(input: {shopId: $id}) { shop { id } userErrors { code message } } }";
    owner.change(submit, json!({ "id": waiting })).await?;
    for path in ["/operations", "/operations/shops?state=SUBMITTED"] {
        let seen = desk.see(path).await?;
        assert_eq!(times(&seen, "data-kind=\"COMPANY\""), 1, "{seen}");
        assert!(seen.contains("1800123456") && seen.contains("CONG TY SEN"), "{seen}");
    }
    let shop = open_shop(&market, "Trái cây").await?;
    let (stop, approve) = (
        format!("/operations/shops/{}/suspend", shop.id),
        format!("/operations/shops/{}/approve", shop.id),
    );
    let refused = desk.send(&stop, &[("reason", "")]).await?;
    assert!(refused.contains("class=\"problem\""), "{refused}");
    assert_eq!(times(&refused, "data-status=\"APPROVED\""), 1, "{refused}");
    let seen = desk.send(&stop, &[("reason", "hang-gia")]).await?;
    assert_eq!(times(&seen, "data-status=\"SUSPENDED\""), 1, "{seen}");
    let told = Desk::of(&shop.owner).see(&format!("/my-shops/{}", shop.id)).await?;
    assert!(told.contains("hang-gia"), "{told}");
    // The shop's own people see none of this and decide nothing.
    let people = Desk::of(&shop.owner);
    for path in ["shops", "audit", "books", "money/payouts", "money/refunds", "money/debits"] {
        assert!(people.see(&format!("/operations/{path}")).await.is_err(), "{path}");
    }
    assert!(people.send(&approve, &[]).await.is_err());
    // It stands already where it would be put.
    let refused = desk.send(&stop, &[("reason", "hang-gia")]).await?;
    assert!(refused.contains("class=\"problem\""), "{refused}");
    desk.send(&approve, &[]).await?;
    let seen = desk.see("/operations/shops?state=APPROVED").await?;
    assert_eq!(times(&seen, "data-test=\"market-shop\""), 1, "{seen}");
    let refused = desk.send(&approve, &[]).await?;
    assert!(refused.contains("class=\"problem\""), "{refused}");
    // The log keeps what was done, and only that.
    let log = desk.see("/operations/audit").await?;
    assert_eq!(times(&log, "data-action=\"shop.suspended\""), 1, "{log}");
    assert_eq!(times(&log, "data-action=\"shop.approved\""), 2, "{log}");
    assert!(log.contains(&shop.id) && !log.contains("hang-gia"), "{log}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}
