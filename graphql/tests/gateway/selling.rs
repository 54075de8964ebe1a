//! The main job through the API: what is sent reaches the services, what they answer reaches people.

use kernel::{CartId, CheckoutId};
use proto::Refused;
use proto::accounts::{
    BankAccount, NextBankAccount, OpenShopRequest, SetPayoutAccountRequest, Shop, ShopDecision,
    ShopStatus, SignUpRequest, SignedIn, UpdateShopRequest,
};
use proto::catalog::{
    CreateProductRequest, GetImportRequest, Import, ImportFormat, ImportProblem, ImportRow,
    ImportRowPage, ImportRowStatus, ImportStatus, ListImportRowsRequest, UpdateProductRequest,
};
use proto::common::RefusalCode;
use proto::orders::{
    Cart, CartLine, CartStatus, Checkout, CheckoutStatus, GetCheckoutRequest, Order, OrderLine,
    OrderStatus, PayWith, SetCartLineRequest, StartCheckoutRequest,
};
use proto::payments::{
    GetPaymentsRequest, Payment, PaymentList, PaymentMethod, PaymentStatus, ShopBalance,
    ShopRequest, TrialBalance, TrialBalanceLine, VietQr,
};
use serde_json::json;
use tonic::Status;
use uuid::Uuid;

use crate::support::{
    Market, SHOP_A, order_id, payment_id, post, products, shop, text, user_of, vnd,
};

#[tokio::test]
async fn who_signs_up_is_signed_in() {
    let market = Market::new();
    market.accounts.on("sign_up", |request: SignUpRequest| {
        assert_eq!((request.name.as_str(), request.locale.as_str()), ("Bông", "en"));
        assert_eq!((request.phone.as_str(), request.email.as_str()), ("", "a@chonoi.example"));
        assert_eq!(request.accepted_terms.as_deref(), Some("2026-12-01"));
        Ok(SignedIn { token: "a".to_owned(), expires_at: 1_700_000_000_000_000, user: None })
    });
    let query = "mutation($input: SignUpInput!) { signUp(input: $input) {
      session { token expiresAt } user { name shops { nodes { id } } } userErrors { code } } }";
    let input = json!({
        "name": "Bông", "phone": null, "email": "a@chonoi.example", "password": "mat-khau-dai", "locale": "EN",
        "acceptedTerms": "2026-12-01",
    });
    let answer = post(&market.routes(), "", query, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["signUp"],
        json!({
            "session": { "token": "a", "expiresAt": "2023-11-14T22:13:20Z" },
            "user": { "name": "a", "shops": { "nodes": [{ "id": shop(SHOP_A).id }] } }, "userErrors": [],
        })
    );
}

#[tokio::test]
async fn a_shop_is_opened_and_decided_about_in_the_name_of_who_is_signed_in() {
    let market = Market::new();
    market.accounts.on("open_shop", |request: OpenShopRequest| {
        assert_eq!(request.actor_id, user_of("buyer").unwrap().user.unwrap().id);
        assert_eq!(request.bank_account.unwrap().bin, "970436");
        assert_eq!(request.about, Some(text("Ngon", "")));
        Ok(Shop { status: ShopStatus::Draft.into(), ..shop(7) })
    });
    market.accounts.on("suspend_shop", |request: ShopDecision| {
        assert_eq!(request.actor_id, user_of("operator").unwrap().user.unwrap().id);
        Ok(Shop { status: ShopStatus::Suspended.into(), status_reason: request.reason, ..shop(7) })
    });
    let routes = market.routes();
    let open = "mutation($input: OpenShopInput!) { openShop(input: $input) { shop { slug status bankAccount { bin } } userErrors { code } } }";
    let input = json!({ "name": "Vựa", "kind": "HOUSEHOLD", "taxCode": "", "wardCode": "31120", "address": "1",
      "phone": "0900000123", "bankAccount": { "bin": "970436", "number": "1", "holder": "A" }, "about": { "vi": "Ngon" } });
    let answer = post(&routes, "buyer", open, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["openShop"]["shop"],
        json!({ "slug": "shop-7", "status": "DRAFT", "bankAccount": null }),
        "{answer}"
    );
    let suspend = "mutation { suspendShop(input: {shopId: \"shop_7\", reason: \"Hàng giả\"}) { shop { status statusReason } } }";
    let answer = post(&routes, "operator", suspend, json!({})).await;
    assert_eq!(
        answer["data"]["suspendShop"]["shop"],
        json!({ "status": "SUSPENDED", "statusReason": "Hàng giả" })
    );
}

#[tokio::test]
async fn only_the_owner_corrects_what_is_said_of_a_shop() {
    let market = Market::new();
    market.accounts.on("update_shop", |request: UpdateShopRequest| {
        assert_eq!(request.actor_id, user_of("a").unwrap().user.unwrap().id);
        assert_eq!((request.phone.as_deref(), request.kind), (Some("0900000124"), None));
        let name = request.name.unwrap();
        assert_eq!(request.about, Some(text("Ngon", "")));
        Ok(Shop { name, ..shop(SHOP_A) })
    });
    let routes = market.routes();
    let query = "mutation($input: UpdateShopInput!) { updateShop(input: $input) { shop { name } userErrors { code } } }";
    let input = json!({ "input": { "shopId": shop(SHOP_A).id, "name": "Sen", "phone": "0900000124", "about": { "vi": "Ngon" } } });
    let answer = post(&routes, "a", query, input.clone()).await;
    assert_eq!(answer["data"]["updateShop"]["shop"]["name"], "Sen", "{answer}");
    market.accounts.take_calls();
    for stranger in ["a-staff", "b", "buyer", "operator"] {
        let answer = post(&routes, stranger, query, input.clone()).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{stranger}: {answer}");
    }
    assert!(!market.accounts.take_calls().contains_key("update_shop"));
}

#[tokio::test]
async fn only_the_owner_says_where_a_shop_is_paid_out_to_and_its_people_see_what_waits() {
    let market = Market::new();
    let account = BankAccount {
        bin: "970436".to_owned(),
        number: "7700123456".to_owned(),
        holder: "NGUYEN THI BA".to_owned(),
    };
    let next = NextBankAccount { account: Some(account), counts_from: 1_700_000_000_000_000 };
    market.accounts.on("set_payout_account", move |request: SetPayoutAccountRequest| {
        assert_eq!(request.actor_id, user_of("a").unwrap().user.unwrap().id);
        assert_eq!(request.account, next.account);
        if request.password != "ghe bầu neo bến" {
            let wrong = Refused::new(RefusalCode::WrongCredentials).at(&["password"]);
            return Err(wrong.into());
        }
        Ok(Shop { next_bank_account: Some(next.clone()), ..shop(SHOP_A) })
    });
    let routes = market.routes();
    let query = "mutation($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) {
      shop { nextBankAccount { account { number bank { shortName } } countsFrom } } userErrors { code path } } }";
    let sent = |password: &str| {
        json!({ "input": { "shopId": shop(SHOP_A).id, "password": password,
          "bankAccount": { "bin": "970436", "number": "7700123456", "holder": "NGUYEN THI BA" } } })
    };
    let answer = post(&routes, "a", query, sent("ghe bầu neo bến")).await;
    assert_eq!(
        answer["data"]["setPayoutAccount"]["shop"]["nextBankAccount"],
        json!({ "account": { "number": "7700123456", "bank": { "shortName": "Vietcombank" } },
          "countsFrom": "2023-11-14T22:13:20Z" }),
        "{answer}"
    );
    let answer = post(&routes, "a", query, sent("sai")).await;
    let payload = &answer["data"]["setPayoutAccount"];
    assert_eq!(payload["userErrors"][0]["code"], "WRONG_CREDENTIALS", "{answer}");
    market.accounts.take_calls();
    for stranger in ["a-staff", "b", "buyer", "operator"] {
        let answer = post(&routes, stranger, query, sent("ghe bầu neo bến")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{stranger}: {answer}");
    }
    assert!(!market.accounts.take_calls().contains_key("set_payout_account"));
}

#[tokio::test]
async fn a_product_is_made_as_it_was_sent() {
    let market = Market::new();
    market.catalog.on("create_product", |request: CreateProductRequest| {
        assert_eq!(request.title, Some(text("Xoài", "Mango")));
        assert_eq!(request.variants[0].price, Some(vnd(125_000)));
        assert_eq!((request.variants[0].stock, request.publish, request.ocop_stars), (4, true, 0));
        assert_eq!(request.option_names, ["Cỡ"]);
        Ok(products().next().unwrap_or_default())
    });
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
      product { title translations { title { vi en } } pictures { url alt }
        variants { available stock price { amount currency formatted vi: formatted(locale: VI) } options { name value } } } userErrors { code } } }";
    let input = json!({ "shopId": shop(SHOP_A).id, "kind": "GOODS", "title": { "vi": "Xoài", "en": "Mango" },
      "options": ["Cỡ"], "publish": true,
      "variants": [{ "price": { "amount": "125000.00", "currency": "VND" }, "stock": 4, "options": ["Lớn"] }] });
    let answer = post(&market.routes(), "a", query, json!({ "input": input })).await;
    let id = products().next().unwrap().id;
    assert_eq!(
        answer["data"]["createProduct"],
        json!({ "userErrors": [], "product": {
        "title": "Mango 1", "translations": { "title": { "vi": "Xoài 1", "en": "Mango 1" } },
        "pictures": [{ "url": format!("/media/drawn/xoai/{id}.svg"), "alt": "Mango 1" }],
        "variants": [{ "available": 7, "stock": 10, "options": [{ "name": "Cỡ", "value": "Lớn" }],
          "price": { "amount": "25000", "currency": "VND", "formatted": "₫25,000", "vi": "25.000\u{a0}₫" } }],
    } }),
        "{answer}"
    );
}

#[tokio::test]
async fn an_import_says_what_to_mend() {
    let market = Market::new();
    market.catalog.on("get_import", |request: GetImportRequest| {
        if request.import_id != "imp_1" {
            return Err(Status::not_found("no such import"));
        }
        let status = ImportStatus::Finished.into();
        Ok(Import {
            id: request.import_id,
            status,
            total: 2,
            done: 2,
            failed: 1,
            format: ImportFormat::Kiotviet.into(),
            ..Import::default()
        })
    });
    market.catalog.on("list_import_rows", |request: ListImportRowsRequest| {
        assert_eq!(
            (request.status(), request.shop_id),
            (ImportRowStatus::RowFailed, shop(SHOP_A).id)
        );
        let problem = ImportProblem {
            line: 3,
            column: "category_slug".to_owned(),
            code: "unknown_category".to_owned(),
            value: "xe-may".to_owned(),
        };
        let status = ImportRowStatus::RowFailed.into();
        let row = ImportRow { line: 3, status, problems: vec![problem], ..ImportRow::default() };
        Ok(ImportRowPage { rows: vec![row], page: None })
    });
    let query = "query($shop: ID!, $id: ID!) { me { shop(id: $shop) { import(id: $id) { format status failed
      rows(first: 100, status: FAILED) { nodes { line status productId problems { line column message value } } } } } } }";
    let routes = market.routes();
    let answer = post(&routes, "a", query, json!({ "shop": shop(SHOP_A).id, "id": "imp_1" })).await;
    assert_eq!(
        answer["data"]["me"]["shop"]["import"],
        json!({ "format": "KIOTVIET", "status": "FINISHED", "failed": 1, "rows": { "nodes": [{
        "line": 3, "status": "FAILED", "productId": null, "problems": [{ "line": 3, "column": "category_slug",
          "message": "There is no such category.", "value": "xe-may" }] }] } }),
        "{answer}"
    );
    let answer = post(&routes, "a", query, json!({ "shop": shop(SHOP_A).id, "id": "imp_2" })).await;
    assert_eq!(answer["data"]["me"]["shop"]["import"], json!(null));
}

#[tokio::test]
async fn what_is_said_of_a_product_is_changed_as_it_was_sent() {
    let market = Market::new();
    market.catalog.on("update_product", |request: UpdateProductRequest| {
        assert_eq!(request.title, Some(text("Xoài", "Mango")));
        assert_eq!((request.description, request.unit.as_deref()), (None, Some("kg")));
        let attributes = request.attributes.unwrap().attributes;
        assert_eq!(
            (attributes[0].name.as_str(), attributes[0].value.as_str()),
            ("Vùng", "Phong Điền")
        );
        Ok(products().next().unwrap_or_default())
    });
    let query = "mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
      product { id } userErrors { code } } }";
    let input = json!({ "shopId": shop(SHOP_A).id, "productId": "prod_1", "unit": "kg",
      "title": { "vi": "Xoài", "en": "Mango" }, "attributes": [{ "name": "Vùng", "value": "Phong Điền" }] });
    let routes = market.routes();
    let answer = post(&routes, "a", query, json!({ "input": input })).await;
    assert_eq!(answer["data"]["updateProduct"]["userErrors"], json!([]), "{answer}");
}

#[tokio::test]
async fn a_shop_finds_its_own_product_and_nobody_elses() {
    let market = Market::new();
    let query =
        "query($shop: ID!, $id: ID!) { me { shop(id: $shop) { product(id: $id) { id } } } }";
    let routes = market.routes();
    // Products of both shops in turn: the second is of shop A, the first of shop B.
    let of_both: Vec<_> = products().take(2).map(|product| product.id).collect();
    let own = json!({ "shop": shop(SHOP_A).id, "id": of_both[1] });
    let answer = post(&routes, "a", query, own.clone()).await;
    assert_eq!(answer["data"]["me"]["shop"]["product"]["id"], of_both[1].as_str(), "{answer}");
    let foreign = json!({ "shop": shop(SHOP_A).id, "id": of_both[0] });
    let answer = post(&routes, "a", query, foreign).await;
    assert_eq!(answer["data"]["me"]["shop"]["product"], json!(null), "{answer}");
    let answer = post(&routes, "b", query, own).await;
    assert_eq!(answer["data"]["me"]["shop"], json!(null), "{answer}");
}

#[tokio::test]
async fn a_cart_shows_what_is_in_it_and_the_drawing_of_each_stall() {
    let market = Market::new();
    market.orders.on("set_cart_line", |request: SetCartLineRequest| {
        let key = request.cart.unwrap_or_default();
        assert_eq!(
            (key.token.as_str(), request.line_id.as_str(), request.quantity),
            ("secret", "cline_1", 3)
        );
        let line = products().take(2).map(|product| CartLine {
            id: format!("line of {}", product.slug),
            product_id: product.id,
            shop_id: product.shop_id,
            product_slug: product.slug,
            title: product.title,
            quantity: 3,
            unit_price: Some(vnd(25_000)),
            total: Some(vnd(75_000)),
            available: 7,
            for_sale: true,
            ..CartLine::default()
        });
        let status = CartStatus::Open.into();
        Ok(Cart {
            id: key.cart_id,
            lines: line.collect(),
            total: Some(vnd(150_000)),
            status,
            ..Cart::default()
        })
    });
    let query = "mutation { setCartLine(input: {cartId: \"cart_1\", cartToken: \"secret\", lineId: \"cline_1\", quantity: 3}) {
      cart { token status total { amount } lines { title quantity forSale pictures { url } product { slug } shop { name } total { amount } } } } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    let cart = &answer["data"]["setCartLine"]["cart"];
    assert_eq!(
        (&cart["token"], &cart["total"]["amount"]),
        (&json!(null), &json!("150000")),
        "{answer}"
    );
    let id = products().next().unwrap().id;
    assert_eq!(
        cart["lines"][0],
        json!({ "title": "Mango 1", "quantity": 3, "forSale": true,
      "pictures": [{ "url": format!("/media/drawn/xoai/{id}.svg") }], "product": { "slug": "product-1" },
      "shop": { "name": "Shop 2" }, "total": { "amount": "75000" } })
    );
    assert_eq!(market.catalog.take_calls()["get_products"], 1);
    assert_eq!(market.accounts.take_calls()["get_shops"], 1);
}

fn checkout(status: CheckoutStatus) -> Checkout {
    let line = OrderLine {
        title: Some(text("Xoài", "Mango")),
        quantity: 2,
        unit_price: Some(vnd(25_000)),
        total: Some(vnd(50_000)),
        ..OrderLine::default()
    };
    let order = Order {
        id: order_id(1),
        number: "CN-7K2M-Q4PD".to_owned(),
        shop_id: shop(SHOP_A).id,
        status: OrderStatus::OrderPending.into(),
        lines: vec![line],
        total: Some(vnd(50_000)),
        ..Order::default()
    };
    Checkout {
        id: CheckoutId::from_uuid(Uuid::from_u128(1)).to_string(),
        token: "secret of the checkout".to_owned(),
        status: status.into(),
        expires_at: 1_700_000_000_000_000,
        total: Some(vnd(50_000)),
        orders: vec![order],
        payment_id: payment_id(1),
        cart_id: CartId::from_uuid(Uuid::from_u128(1)).to_string(),
        ..Checkout::default()
    }
}

#[tokio::test]
async fn a_guest_checks_out_and_gets_one_qr() {
    let market = Market::new();
    market.orders.on("start_checkout", |request: StartCheckoutRequest| {
        assert_eq!((request.buyer_id.as_str(), request.pay_with()), ("", PayWith::Vietqr));
        assert_eq!(request.contact.unwrap().phone, "0900000456");
        assert_eq!(request.delivery.unwrap().ward_code, "");
        Ok(checkout(CheckoutStatus::AwaitingPayment))
    });
    market.payments.on("get_payments", |request: GetPaymentsRequest| {
        let payment = |id| Payment {
            id,
            status: PaymentStatus::Pending.into(),
            method: PaymentMethod::Vietqr.into(),
            amount: Some(vnd(50_000)),
            reference: "CN7K2MQ4".to_owned(),
            qr: Some(VietQr {
                payload: "00020101021238".to_owned(),
                memo: "CN7K2MQ4".to_owned(),
                ..VietQr::default()
            }),
            ..Payment::default()
        };
        Ok(PaymentList { payments: request.ids.into_iter().map(payment).collect() })
    });
    let query = "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) { userErrors { code }
      checkout { token status expiresAt total { amount } orders { number shop { id } lines { title quantity } contact { name phone } }
        payment { status method reference qr { payload memo svg } } } } }";
    let input = json!({ "cartId": "cart_1", "cartToken": "secret", "contact": { "name": "Lê Minh", "phone": "0900000456", "email": null },
      "delivery": { "method": "PICKUP", "wardCode": null }, "payWith": "VIETQR", "idempotencyKey": "khoa-cua-toi" });
    let answer = post(&market.routes(), "", query, json!({ "input": input })).await;
    let found = &answer["data"]["startCheckout"]["checkout"];
    assert_eq!(
        (&found["token"], &found["status"]),
        (&json!("secret of the checkout"), &json!("AWAITING_PAYMENT")),
        "{answer}"
    );
    assert_eq!(found["orders"][0]["lines"], json!([{ "title": "Mango", "quantity": 2 }]));
    let payment = &found["payment"];
    assert_eq!(
        (&payment["status"], &payment["reference"]),
        (&json!("PENDING"), &json!("CN7K2MQ4"))
    );
    assert!(payment["qr"]["svg"].as_str().unwrap().starts_with("<svg"));
}

#[tokio::test]
async fn a_checkout_is_asked_for_in_the_viewers_name_and_nothing_where_it_is_not_theirs() {
    let market = Market::new();
    market.orders.on("get_checkout", |request: GetCheckoutRequest| {
        let buyer = user_of("buyer")?.user.unwrap_or_default().id;
        match (request.token.as_str(), request.buyer_id == buyer, request.operator) {
            ("t", ..) | (_, true, _) | (.., true) => {
                Ok(Checkout { token: String::new(), ..checkout(CheckoutStatus::Paid) })
            }
            _ => Err(Status::permission_denied("somebody else's")),
        }
    });
    let routes = market.routes();
    let query = "query($token: String) { checkout(id: \"chk_1\", token: $token) { status token } }";
    let paid = json!({ "status": "PAID", "token": null });
    for (who, token, expected) in [
        ("", json!("t"), &paid),
        ("buyer", json!(null), &paid),
        ("operator", json!(null), &paid),
        ("a", json!(null), &json!(null)),
        ("", json!("guessed"), &json!(null)),
    ] {
        let answer = post(&routes, who, query, json!({ "token": token })).await;
        assert_eq!(answer["data"]["checkout"], *expected, "{who} {token}: {answer}");
    }
}

#[tokio::test]
async fn a_shop_sees_what_it_is_owed_and_operators_see_the_books() {
    let market = Market::new();
    market.payments.on("get_shop_balance", |request: ShopRequest| {
        assert_eq!(request.shop_id, shop(SHOP_A).id);
        let (owed, zero) = (Some(vnd(255_000)), Some(vnd(0)));
        Ok(ShopBalance { owed, pending: zero.clone(), paid_out: zero.clone(), reserved: zero })
    });
    market.payments.on("get_trial_balance", |_: proto::common::Empty| {
        let line = |account: &str, debit, credit| TrialBalanceLine {
            account: account.to_owned(),
            currency: "VND".to_owned(),
            debit,
            credit,
            balance: debit - credit,
        };
        let lines = vec![line("bank", 255_000, 0), line("shop:payable", 0, 255_000)];
        Ok(TrialBalance { lines, balanced: true })
    });
    let routes = market.routes();
    let query = "query($id: ID!) { me { shop(id: $id) { balance { owed { amount } currency } } } }";
    let answer = post(&routes, "a", query, json!({ "id": shop(SHOP_A).id })).await;
    assert_eq!(
        answer["data"]["me"]["shop"]["balance"],
        json!({ "owed": { "amount": "255000" }, "currency": "VND" })
    );
    let query = "{ operations { trialBalance { balanced lines { account currency debit { amount } credit { amount } balance { amount } } } } }";
    let answer = post(&routes, "operator", query, json!({})).await;
    assert_eq!(
        answer["data"]["operations"]["trialBalance"],
        json!({ "balanced": true, "lines": [
        { "account": "bank", "currency": "VND", "debit": { "amount": "255000" }, "credit": { "amount": "0" }, "balance": { "amount": "255000" } },
        { "account": "shop:payable", "currency": "VND", "debit": { "amount": "0" }, "credit": { "amount": "255000" }, "balance": { "amount": "-255000" } },
    ] })
    );
}

#[tokio::test]
async fn a_member_learns_the_address_of_the_calendar_and_nobody_else_does() {
    let market = Market::new();
    let query = "query($id: ID!) { me { shop(id: $id) { departureCalendarUrl } } }";
    let variables = json!({ "id": shop(SHOP_A).id });
    let answer = post(&market.routes(), "a", query, variables.clone()).await;
    let path = market.settings.calendars.departures_path(&shop(SHOP_A).id, "shop-1");
    assert_eq!(
        answer["data"]["me"]["shop"]["departureCalendarUrl"],
        format!("https://chonoi.example{path}")
    );
    let stranger = post(&market.routes(), "b", query, variables).await;
    assert!(!stranger.to_string().contains("/calendar/"), "{stranger}");
}

#[tokio::test]
async fn a_tour_needs_no_variants_lists_show_what_it_costs_at_least() {
    let market = Market::new();
    market.catalog.on("create_product", |request: CreateProductRequest| {
        let prices: Vec<_> = request.variants.iter().map(|variant| variant.price.clone()).collect();
        assert_eq!((prices, request.publish), (vec![Some(vnd(90_000))], false));
        let product = products().next().unwrap();
        Ok(proto::catalog::Product { kind: request.kind, ..product })
    });
    market.catalog.on("put_tour", |request: proto::tours::PutTourRequest| {
        assert_eq!(request.tour.as_ref().unwrap().product_id, products().next().unwrap().id);
        Ok(request.tour.unwrap())
    });
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
      product { kind } userErrors { code path } } }";
    let ticket = |code: &str, amount: &str| json!({ "code": code, "age": "CHILD", "price": { "amount": amount, "currency": "VND" } });
    let input = |last: &str| {
        let tickets = [ticket("a", "180000"), ticket("b", "90000"), ticket("c", last)];
        json!({ "input": { "shopId": shop(SHOP_A).id, "kind": "TOUR", "title": { "vi": "Chợ nổi" },
          "tour": { "durationMinutes": 60, "capacity": 9, "options": [
            { "code": "o", "kind": "JOIN_IN", "title": { "vi": "Đi ghép" }, "tickets": tickets }] } } })
    };
    let routes = market.routes();
    let answer = post(&routes, "a", query, input("0")).await;
    assert_eq!(
        answer["data"]["createProduct"],
        json!({ "product": { "kind": "TOUR" }, "userErrors": [] }),
        "{answer}"
    );
    market.catalog.take_calls();
    let refused = post(&routes, "a", query, input("1.5")).await;
    assert_eq!(refused["data"]["createProduct"]["product"], json!(null), "{refused}");
    assert!(market.catalog.take_calls().is_empty(), "what is no amount makes no product");
}
