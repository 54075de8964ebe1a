//! The main job and what can go wrong with it, through the public API, on SQLite in one process and on
//! PostgreSQL with Redis.

use std::time::Duration;

use anyhow::Context;
use chonoi::api::Api;
use journeys::bank::{sepay_body, webhook};
use journeys::market::{Stand, TestMarket, WEBHOOK_SECRET};
use journeys::shopping::{
    TestCart, TestShop, add_line, apply_voucher, check_out_one, create_cart, credits, open_shop,
    owed, page, pay, sell, sign_up, start_checkout, start_checkout_of, status, transfer, wait_for,
    wait_for_credits,
};
use serde_json::{Value, json};

/// Makes two tests of each journey. A journey ends with a market in which all that must hold, holds.
macro_rules! journeys {
    ($(async fn $name:ident($market:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn check(mut $market: TestMarket) -> anyhow::Result<()> {
                $body
                // Journeys that restart need `mut`; the others do not.
                let _ = &mut $market;
                assert_eq!($market.end().await?, Vec::<String>::new());
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() -> anyhow::Result<()> {
                check(TestMarket::start(Stand::Embedded, |_| {}).await?).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn servers() -> anyhow::Result<()> {
                check(TestMarket::start(Stand::Servers, |_| {}).await?).await
            }
        }
    )*};
}

journeys! {
    async fn goods_of_two_shops_are_paid_by_one_qr(market) {
        let (fruit, cakes) = (open_shop(&market, "Trái cây").await?, open_shop(&market, "Bánh pía").await?);
        let mango = sell(&fruit, "Xoài cát Hòa Lộc", 85_000, 10).await?;
        let cake = sell(&cakes, "Bánh pía sầu riêng", 65_000, 10).await?;
        let cart = create_cart(&market.api).await?;
        for (variant, quantity) in [(&mango, 3), (&cake, 2)] {
            let added = add_line(&market.api, &cart, variant, quantity).await?;
            assert_eq!(added["userErrors"], json!([]));
        }
        let payload = start_checkout(&market.api, &cart, "khoa-cua-toi-1").await?;
        let checkout = &payload["checkout"];
        assert_eq!(checkout["status"], "AWAITING_PAYMENT");
        assert_eq!(checkout["total"]["amount"], "385000");
        assert_eq!(checkout["orders"].as_array().map(Vec::len), Some(2));
        pay(&market.api, checkout).await?;
        wait_for(&market.api, checkout, "PAID").await?;
        assert_eq!((owed(&fruit).await?, owed(&cakes).await?), (net_of(255_000), net_of(130_000)));
        let credits = credits(&market.operator).await?;
        assert_eq!((credits.len(), &credits[0]["state"]), (1, &json!("MATCHED")));
    }

    async fn who_has_no_scripts_pays_the_sandbox_bank_by_the_page_s_form(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài cát Hòa Lộc", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let payload = checkout["payment"]["qr"]["payload"].as_str().context("no QR")?;
        let shown = format!("{}/checkout/{}", market.url(), checkout["id"].as_str().unwrap_or_default());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let door = format!("{}/sandbox/bank/scanned", market.url());
        let send = |payload: String| {
            client
                .post(&door)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("referer", &shown)
                .body(format!("payload={payload}&payer=KHACH+THU+NGHIEM"))
                .send()
        };
        assert_eq!(send("khong-phai-qr".to_owned()).await?.status().as_u16(), 422);
        let answer = send(payload.replace(' ', "+")).await?;
        assert_eq!(answer.status().as_u16(), 303);
        assert_eq!(answer.headers()["location"], shown.as_str());
        wait_for(&market.api, &checkout, "PAID").await?;
        let credits = credits(&market.operator).await?;
        assert_eq!((credits.len(), &credits[0]["state"]), (1, &json!("MATCHED")));
    }

    async fn a_voucher_is_borne_by_its_shop_and_gives_back_what_was_paid(market) {
        let (fruit, cakes) = (open_shop(&market, "Trái cây").await?, open_shop(&market, "Bánh pía").await?);
        let mango = sell(&fruit, "Xoài cát Hòa Lộc", 85_000, 10).await?;
        let cake = sell(&cakes, "Bánh pía sầu riêng", 65_000, 10).await?;
        let input = json!({ "shopId": fruit.id, "code": "Tết 2027", "amount": { "amount": "50001" }, "usesAtMost": 1 });
        let made = fruit.owner.change(CREATE_VOUCHER, json!({ "input": input })).await?;
        assert_eq!(made["voucher"]["code"], "TET2027");
        let cart = create_cart(&market.api).await?;
        let other = create_cart(&market.api).await?;
        for (cart, variant, quantity) in [(&cart, &mango, 3), (&cart, &cake, 2), (&other, &mango, 1)] {
            assert_eq!(add_line(&market.api, cart, variant, quantity).await?["userErrors"], json!([]));
        }
        for (cart, total) in [(&cart, "334999"), (&other, "34999")] {
            let applied = apply_voucher(&market.api, cart, "tết2027").await?;
            assert_eq!(applied["cart"]["total"]["amount"], total, "{applied}");
        }
        pages_show_the_voucher(&market.api, &cart, &fruit).await?;
        let payload = start_checkout(&market.api, &cart, "khoa-cua-toi-1").await?;
        let checkout = &payload["checkout"];
        assert_eq!((&checkout["total"]["amount"], &checkout["payment"]["amount"]["amount"]), (&json!("334999"), &json!("334999")));
        // The only use is taken.
        let late = start_checkout(&market.api, &other, "khoa-cua-toi-2").await?;
        assert_eq!(late["userErrors"][0]["code"], "VOUCHER_USED_UP", "{late}");
        pay(&market.api, checkout).await?;
        wait_for(&market.api, checkout, "PAID").await?;
        assert_eq!((owed(&fruit).await?, owed(&cakes).await?), (net_of(204_999), net_of(130_000)));
        // Two of three pieces go back: two thirds of what was paid. With the third all of it is back.
        let order = checkout["orders"].as_array().and_then(|all| all.iter().find(|one| one["shop"]["id"] == fruit.id.as_str()));
        let order = order.context("the shop has no order")?["id"].clone();
        let mut back = 0;
        for (quantity, key) in [(2, "tra-lai-1"), (1, "tra-lai-2")] {
            let refund = refund_pieces(&fruit, checkout, &order, quantity, key).await?;
            back += refund["amount"]["amount"].as_str().unwrap_or_default().parse::<i64>()?;
            // To an account that the shop names: a second person agrees.
            market.operator.change(APPROVE_REFUND, json!({ "id": refund["id"] })).await?;
            assert_eq!(back, if quantity == 2 { 136_666 } else { 204_999 });
        }
        assert_eq!((owed(&fruit).await?, owed(&cakes).await?), (0, net_of(130_000)));
        let found = fruit.owner.run(VOUCHERS, json!({ "id": fruit.id })).await?;
        assert_eq!(found["me"]["shop"]["vouchers"]["nodes"], json!([
            { "code": "GIAM10", "uses": 0, "status": "VALID" }, { "code": "TET2027", "uses": 1, "status": "EXHAUSTED" },
        ]));
    }

    async fn the_shop_corrects_its_goods_on_the_pages(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        sell(&shop, "Xoai", 85_000, 10).await?;
        let asked = "query($id: ID!) { me { shop(id: $id) { products { nodes { id unit ocopStars
          translations { title { vi en } } attributes { name value } } } } } }";
        let listed = shop.owner.run(asked, json!({ "id": shop.id })).await?;
        let product = &listed["me"]["shop"]["products"]["nodes"][0]["id"];
        let path = format!("/my-shops/{}/products/{}", shop.id, product.as_str().unwrap_or_default());
        let session = format!("session={}", shop.owner.token().unwrap_or_default());
        let list = page(&market.api, &format!("/my-shops/{}/products", shop.id), &session, None).await?;
        assert!(list.contains(&format!("href=\"{path}\"")), "{list}");
        let form = page(&market.api, &path, &session, None).await?;
        assert!(form.contains("value=\"Xoai\""), "{form}");
        // What is wrong stands at its field, and nothing has changed.
        for (name, value) in [("title", ""), ("ocop_stars", "2"), ("category", "khong-co"), ("attributes", "ngon")] {
            let mut fields = vec![("title", "Xoai-cat"), ("unit", "kg")];
            fields.retain(|(field, _)| *field != name);
            fields.push((name, value));
            let refused = page(&market.api, &path, &session, Some(fields.as_slice())).await?;
            assert!(refused.contains("class=\"wrong\""), "{name}: {refused}");
        }
        let unchanged = shop.owner.run(asked, json!({ "id": shop.id })).await?;
        assert_eq!(unchanged, listed);
        let fields: &[_] = &[
            ("title", "Xoai-cat"), ("title_en", "Mango"), ("unit", "trai"), ("ocop_stars", "4"), ("attributes", "Vung:Phong-Dien"),
        ];
        let saved = page(&market.api, &path, &session, Some(fields)).await?;
        assert!(saved.contains("Xoai-cat"), "{saved}");
        let changed = shop.owner.run(asked, json!({ "id": shop.id })).await?;
        assert_eq!(changed["me"]["shop"]["products"]["nodes"], json!([{
            "id": product, "unit": "trai", "ocopStars": 4,
            "translations": { "title": { "vi": "Xoai-cat", "en": "Mango" } },
            "attributes": [{ "name": "Vung", "value": "Phong-Dien" }],
        }]));
        // To everybody else the page is not there.
        let other = open_shop(&market, "Bánh pía").await?;
        let session = format!("session={}", other.owner.token().unwrap_or_default());
        assert!(page(&market.api, &path, &session, None).await.is_err());
    }

    async fn a_refused_shop_is_mended_on_its_page_and_submitted_again(market) {
        let owner = sign_up(&market.api, "Bông").await?;
        let open = "mutation($input: OpenShopInput!) { openShop(input: $input) { shop { id } userErrors { code message path } } }";
        let input = json!({
            "name": "Vua", "kind": "HOUSEHOLD", "wardCode": "31186", "address": "1 Bến Chợ", "phone": "0900000123",
            "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "NGUYEN VAN A" },
        });
        let opened = owner.change(open, json!({ "input": input })).await?;
        let id = opened["shop"]["id"].as_str().context("no shop")?.to_owned();
        let (session, home) = (format!("session={}", owner.token().unwrap_or_default()), format!("/my-shops/{id}"));
        let submit = format!("{home}/submit");
        page(&market.api, &submit, &session, Some(&[])).await?;
        let refuse = "mutation($id: ID!) { suspendShop(input: {shopId: $id, reason: \"Thiếu giấy phép\"}) { shop { status } userErrors { code message } } }";
        market.operator.change(refuse, json!({ "id": id })).await?;
        let refused = page(&market.api, &home, &session, None).await?;
        assert!(refused.contains("Thiếu giấy phép") && refused.contains(&submit), "{refused}");
        let details = format!("{home}/details");
        let form = page(&market.api, &details, &session, None).await?;
        assert!(form.contains("value=\"Vua\"") && form.contains("name=\"kind\""), "{form}");
        let fields = |name: &'static str, tax_code: &'static str| {
            [("name", name), ("kind", "COMPANY"), ("tax_code", tax_code), ("ward_code", "31186"), ("address", "2-Ben-Cho"), ("phone", "0900000124")]
        };
        let wrong = page(&market.api, &details, &session, Some(&fields("Sen", ""))).await?;
        assert!(wrong.contains("class=\"wrong\"") && wrong.contains("value=\"Sen\""), "{wrong}");
        let saved = page(&market.api, &details, &session, Some(&fields("Sen", "1800123456"))).await?;
        assert!(saved.contains("<h1>Sen</h1>"), "{saved}");
        page(&market.api, &submit, &session, Some(&[])).await?;
        let asked = "query($id: ID!) { me { shop(id: $id) { name kind status statusReason taxCode address phone } } }";
        let found = owner.run(asked, json!({ "id": id })).await?;
        assert_eq!(found["me"]["shop"], json!({
            "name": "Sen", "kind": "COMPANY", "status": "SUBMITTED", "statusReason": null, "taxCode": "1800123456",
            "address": "2-Ben-Cho", "phone": "+84900000124",
        }));
        // What operators look at stays, and to everybody else the page is not there.
        let form = page(&market.api, &details, &session, None).await?;
        assert!(!form.contains("name=\"kind\""), "{form}");
        let other = sign_up(&market.api, "Xuân").await?;
        let session = format!("session={}", other.token().unwrap_or_default());
        assert!(page(&market.api, &details, &session, None).await.is_err());
    }

    async fn the_owner_names_another_account_for_payouts_with_the_password_and_takes_it_back(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let path = format!("/my-shops/{}/payout-account", shop.id);
        let session = format!("session={}", shop.owner.token().unwrap_or_default());
        let fields = |number: &'static str, password: &'static str| {
            [("bin", "970436"), ("number", number), ("holder", "NGUYEN-VAN-A"), ("password", password)]
        };
        let asked = "query($id: ID!) { me { shop(id: $id) { bankAccount { number } nextBankAccount { account { number } } } } }";
        let before = shop.owner.run(asked, json!({ "id": shop.id })).await?;
        for (number, password) in [("9876543210", "mot-mat-khau-khac"), ("1", "mot-mat-khau-de-thu")] {
            let refused = page(&market.api, &path, &session, Some(&fields(number, password))).await?;
            assert!(refused.contains("class=\"wrong\"") && !refused.contains(password), "{refused}");
        }
        assert_eq!(shop.owner.run(asked, json!({ "id": shop.id })).await?, before);
        let fine = fields("9876543210", "mot-mat-khau-de-thu");
        let waits = page(&market.api, &path, &session, Some(&fine)).await?;
        assert!(waits.contains("data-test=\"next-payout-account\""), "{waits}");
        // Whoever has no e-mail address reads of it on the shop's page.
        let first = format!("/my-shops/{}", shop.id);
        let warned = page(&market.api, &first, &session, None).await?;
        assert!(warned.contains("data-test=\"account-changes\""), "{warned}");
        let named = shop.owner.run(asked, json!({ "id": shop.id })).await?;
        assert_eq!(named["me"]["shop"], json!({
            "bankAccount": { "number": "0123456789" }, "nextBankAccount": { "account": { "number": "9876543210" } },
        }));
        let form = [("bin", "970436"), ("number", "0123456789"), ("holder", "NGUYEN%20VAN%20A"), ("password", "mot-mat-khau-de-thu")];
        let back = page(&market.api, &path, &session, Some(&form)).await?;
        assert!(!back.contains("next-payout-account"), "{back}");
        let calm = page(&market.api, &first, &session, None).await?;
        assert!(!calm.contains("account-changes"), "{calm}");
        assert_eq!(shop.owner.run(asked, json!({ "id": shop.id })).await?, before);
        // To everybody else the page is not there.
        let other = open_shop(&market, "Bánh pía").await?;
        let session = format!("session={}", other.owner.token().unwrap_or_default());
        assert!(page(&market.api, &path, &session, None).await.is_err());
    }

    async fn at_the_counter_the_shop_is_told_within_two_seconds(market) {
        let shop = open_shop(&market, "Cà phê Bến Ninh Kiều").await?;
        let create = "mutation($input: CreateCounterPaymentInput!) { createCounterPayment(input: $input) {
          payment { id reference qr { payload } } userErrors { code message path } } }";
        let amount = json!({ "amount": "100000", "currency": "VND" });
        let input = json!({ "shopId": shop.id, "amount": amount, "note": "bàn 4", "idempotencyKey": "ban-4" });
        let asked = shop.owner.change(create, json!({ "input": input })).await?["payment"].clone();
        let again = shop.owner.change(create, json!({ "input": input })).await?["payment"].clone();
        assert_eq!(asked, again);
        let (owner, id) = (shop.owner.clone(), asked["id"].clone());
        let told = tokio::spawn(async move {
            let listen = "subscription($id: ID!) { counterPaymentChanged(id: $id) { status } }";
            let paid = |data: &Value| data["counterPaymentChanged"]["status"] == "SUCCEEDED";
            owner.listen_until(listen, json!({ "id": id }), paid).await
        });
        let begun = std::time::Instant::now();
        let payload = &asked["qr"]["payload"];
        transfer(&market.api, json!({ "payload": payload, "payer": "LE MINH" })).await?;
        told.await??;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        // 0.5 % for the market at a till, 1 % and 0.5 % of tax.
        assert_eq!(owed(&shop).await?, 98_000);
        let list = "query($id: ID!) { me { shop(id: $id) { counterPayments(first: 5) { nodes { note status } } } } }";
        let found = shop.owner.run(list, json!({ "id": shop.id })).await?;
        let expected = json!([{ "note": "bàn 4", "status": "SUCCEEDED" }]);
        assert_eq!(found["me"]["shop"]["counterPayments"]["nodes"], expected);
    }

    async fn a_checkout_that_is_sent_again_is_the_same_checkout(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let cart = create_cart(&market.api).await?;
        add_line(&market.api, &cart, &mango, 1).await?;
        let both = tokio::join!(
            start_checkout(&market.api, &cart, "cung-mot-khoa"),
            start_checkout(&market.api, &cart, "cung-mot-khoa")
        );
        let third = start_checkout(&market.api, &cart, "cung-mot-khoa").await?;
        let id = third["checkout"]["id"].clone();
        assert!(id.is_string(), "{third}");
        for answer in [both.0?, both.1?] {
            assert_eq!(answer["checkout"]["id"], id, "{answer}");
        }
        let other = start_checkout_of(&market.api, &cart, "cung-mot-khoa", "Người khác").await?;
        assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
    }

    async fn of_two_shoppers_one_gets_the_last_piece(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let last = sell(&shop, "Quả cuối cùng", 50_000, 1).await?;
        let (one, two) = tokio::join!(check_out_one(&market.api, &last), check_out_one(&market.api, &last));
        let outcomes = [one?, two?];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let refusal = outcomes.iter().find_map(|outcome| outcome.as_ref().err());
        assert_eq!(refusal.map(String::as_str), Some("INSUFFICIENT_STOCK"));
        for checkout in outcomes.into_iter().flatten() {
            pay(&market.api, &checkout).await?;
            wait_for(&market.api, &checkout, "PAID").await?;
        }
    }

    async fn what_does_not_match_exactly_waits_in_the_queue_as_what_it_is(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let qr = &checkout["payment"]["qr"];
        let paying = |amount: i64, memo: &str| {
            json!({ "account": qr["accountNumber"], "amount": amount, "memo": memo, "payer": "LE MINH" })
        };
        let memo = qr["memo"].as_str().unwrap_or_default();
        transfer(&market.api, paying(84_000, memo)).await?;
        wait_for_credits(&market.operator, 1).await?;
        transfer(&market.api, paying(86_000, memo)).await?;
        wait_for_credits(&market.operator, 2).await?;
        transfer(&market.api, paying(85_000, "chuyen tien mua xoai")).await?;
        let states = |credits: &[Value]| {
            let mut states: Vec<String> =
                credits.iter().filter_map(|credit| credit["state"].as_str()).map(str::to_owned).collect();
            states.sort_unstable();
            states
        };
        let waiting = wait_for_credits(&market.operator, 3).await?;
        assert_eq!(states(&waiting), ["ORPHAN", "OVERPAID", "UNDERPAID"]);
        assert_eq!(status(&market.api, &checkout).await?, "AWAITING_PAYMENT");
        pay(&market.api, &checkout).await?;
        wait_for(&market.api, &checkout, "PAID").await?;
        pay(&market.api, &checkout).await?;
        // What had come too little and too much came besides what paid, as what comes afterwards.
        let credits = wait_for_credits(&market.operator, 5).await?;
        assert_eq!(states(&credits), ["DUPLICATE", "DUPLICATE", "DUPLICATE", "MATCHED", "ORPHAN"]);
        assert_eq!(owed(&shop).await?, net_of(85_000));
    }

    async fn fifty_deliveries_of_one_webhook_have_one_effect(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let body = sepay_body(&checkout, 7_001);
        let calls = (0..50).map(|_| webhook(market.url(), &body, WEBHOOK_SECRET, 0));
        for answer in futures_util::future::join_all(calls).await {
            assert_eq!(answer?, 200);
        }
        wait_for(&market.api, &checkout, "PAID").await?;
        assert_eq!(credits(&market.operator).await?.len(), 1);
        assert_eq!(owed(&shop).await?, net_of(85_000));
    }

    async fn a_forged_webhook_is_refused_and_changes_nothing(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let body = sepay_body(&checkout, 7_002);
        assert_eq!(webhook(market.url(), &body, "another secret", 0).await?, 401);
        assert_eq!(webhook(market.url(), &body, WEBHOOK_SECRET, -301).await?, 401);
        let unsigned = reqwest::Client::new().post(format!("{}/webhooks/sepay", market.url()));
        assert_eq!(unsigned.body(body).send().await?.status(), 401);
        assert_eq!(status(&market.api, &checkout).await?, "AWAITING_PAYMENT");
        assert_eq!(credits(&market.operator).await?, Vec::<Value>::new());
    }

    async fn a_sale_survives_a_restart_between_order_and_payment(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        market.restart().await?;
        pay(&market.api, &checkout).await?;
        wait_for(&market.api, &checkout, "PAID").await?;
    }

    async fn two_hundred_checkouts_of_fifty_pieces_sell_exactly_fifty(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let rare = sell(&shop, "Sầu riêng", 100_000, 50).await?;
        let shoppers = (0..200).map(|_| {
            let (api, rare) = (market.api.clone(), rare.clone());
            tokio::spawn(async move {
                let outcome = check_out_one(&api, &rare).await?;
                if let Ok(checkout) = &outcome {
                    pay(&api, checkout).await?;
                    wait_for(&api, checkout, "PAID").await?;
                }
                anyhow::Ok(outcome.is_ok())
            })
        });
        let mut sold = 0;
        for shopper in futures_util::future::join_all(shoppers).await {
            sold += i64::from(shopper??);
        }
        assert_eq!(sold, 50);
        assert_eq!(owed(&shop).await?, 50 * net_of(100_000));
        nothing_is_held(&shop).await?;
    }
}

/// Of the shop's only product nothing is there any more, and nothing is held for anybody: as many can be
/// bought as there are, and none was sold that was not there.
async fn nothing_is_held(shop: &TestShop) -> anyhow::Result<()> {
    let query = "query($id: ID!) { me { shop(id: $id) { products(first: 10) { nodes {
      variants { stock available } } } } } }";
    let begun = std::time::Instant::now();
    loop {
        let found = shop.owner.run(query, json!({ "id": shop.id })).await?;
        let products = &found["me"]["shop"]["products"]["nodes"];
        if *products == json!([{ "variants": [{ "stock": 0, "available": 0 }] }]) {
            return Ok(());
        }
        // What was held is sold when catalog hears of the payment.
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "there stay {products}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_payment_after_expiry_is_late_and_in_the_books(stand: Stand) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |config| config.market.payment_seconds = 1).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let mango = sell(&shop, "Xoài", 85_000, 1).await?;
    let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
    wait_for(&market.api, &checkout, "EXPIRED").await?;
    pay(&market.api, &checkout).await?;
    let credits = wait_for_credits(&market.operator, 1).await?;
    assert_eq!(credits[0]["state"], "LATE");
    assert_eq!(status(&market.api, &checkout).await?, "EXPIRED");
    assert_eq!(owed(&shop).await?, 0);
    // What was held is free again.
    let begun = std::time::Instant::now();
    while check_out_one(&market.api, &mango).await?.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the piece stays held");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    market.end().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_after_expiry_is_late_embedded() -> anyhow::Result<()> {
    a_payment_after_expiry_is_late_and_in_the_books(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_after_expiry_is_late_servers() -> anyhow::Result<()> {
    a_payment_after_expiry_is_late_and_in_the_books(Stand::Servers).await
}

const CREATE_VOUCHER: &str =
    "mutation($input: CreateVoucherInput!) { createVoucher(input: $input) {
  voucher { code } userErrors { code message path } } }";
const APPROVE_REFUND: &str = "mutation($id: ID!) { approveRefund(input: {refundId: $id}) {
  refund { id } userErrors { code message path } } }";
const VOUCHERS: &str =
    "query($id: ID!) { me { shop(id: $id) { vouchers { nodes { code uses status } } } } }";

/// Cart and checkout show what is taken off, forms take the voucher out and in, and its shop sees it.
async fn pages_show_the_voucher(api: &Api, cart: &TestCart, shop: &TestShop) -> anyhow::Result<()> {
    let cookie = format!("cart={}.{}", cart.id, cart.token);
    for path in ["/cart", "/checkout"] {
        let shown = page(api, path, &cookie, None).await?;
        assert!(
            shown.contains("−50.001\u{a0}₫") && shown.contains("334.999\u{a0}₫"),
            "{path}: {shown}"
        );
    }
    let code: &[_] = &[("code", "tet2027")];
    let without = page(api, "/cart/vouchers/remove", &cookie, Some(code)).await?;
    assert!(without.contains("385.000\u{a0}₫") && !without.contains("−50.001"), "{without}");
    let refused = page(api, "/cart/vouchers", &cookie, Some(&[("code", "KHONGCO")])).await?;
    assert!(refused.contains("Không có mã giảm giá KHONGCO"), "{refused}");
    let with = page(api, "/cart/vouchers", &cookie, Some(code)).await?;
    assert!(with.contains("334.999\u{a0}₫"), "{with}");
    let session = format!("session={}", shop.owner.token().unwrap_or_default());
    let path = format!("/my-shops/{}/vouchers", shop.id);
    let listed = page(api, &path, &session, None).await?;
    assert!(
        listed.contains("data-code=\"TET2027\"") && listed.contains("Đã dùng 0 / 1"),
        "{listed}"
    );
    let wrong: &[_] = &[("code", "GIAM10"), ("percent", "101")];
    let refused = page(api, &path, &session, Some(wrong)).await?;
    assert!(
        refused.contains("class=\"wrong\"") && !refused.contains("data-code=\"GIAM10\""),
        "{refused}"
    );
    let fine: &[_] = &[("code", "giam10"), ("percent", "10"), ("cap", "20.000"), ("amount", "")];
    let made = page(api, &path, &session, Some(fine)).await?;
    assert!(made.contains("data-code=\"GIAM10\"") && made.contains("−10\u{a0}%"), "{made}");
    Ok(())
}

/// The shop gives pieces of the first line of an order back; gives the refund.
async fn refund_pieces(
    shop: &TestShop,
    checkout: &Value,
    order: &Value,
    quantity: i64,
    key: &str,
) -> anyhow::Result<Value> {
    let lines = "query($id: ID!) { order(id: $id) { lines { id } } }";
    let found = shop.owner.run(lines, json!({ "id": order })).await?;
    let input = json!({
        "paymentId": checkout["payment"]["id"], "orderId": order,
        "lines": [{ "orderLineId": found["order"]["lines"][0]["id"], "quantity": quantity }],
        "reason": "Trả lại", "idempotencyKey": key,
        "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "LE MINH" },
    });
    let query = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      refund { id amount { amount } } userErrors { code message } } }";
    Ok(shop.owner.change(query, json!({ "input": input })).await?["refund"].clone())
}

/// What a household is owed of an order: less 3 % commission, 1 % VAT and 0.5 % PIT, each rounded.
const fn net_of(gross: i64) -> i64 {
    gross - (gross * 3 + 50) / 100 - (gross + 50) / 100 - (gross * 5 + 500) / 1_000
}
