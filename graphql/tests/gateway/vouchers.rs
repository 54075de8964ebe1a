//! Vouchers through the API: in carts, and at the shops that make them.

use proto::Refused;
use proto::accounts::{GetUsersRequest, Users};
use proto::common::{PageInfo, Refusal, RefusalCode};
use proto::orders::{ApplyVoucherRequest, Cart, CartStatus, CartVoucher, RemoveVoucherRequest};
use proto::vouchers::{
    CreateVoucherRequest, EndVoucherRequest, ListVouchersRequest, Voucher, VoucherPage,
    VoucherStatus,
};
use serde_json::{Value, json};

use crate::support::{Market, SHOP_A, post, shop, user_of, vnd};

fn cart(id: String, vouchers: Vec<CartVoucher>) -> Cart {
    let off = vouchers.iter().map(|one| one.discount.as_ref().unwrap().minor).sum::<i64>();
    Cart {
        id,
        status: CartStatus::Open.into(),
        subtotal: Some(vnd(150_000)),
        discount: Some(vnd(off)),
        total: Some(vnd(150_000 - off)),
        vouchers,
        ..Cart::default()
    }
}

fn voucher(shop_id: String) -> Voucher {
    Voucher {
        id: "vch_1".to_owned(),
        shop_id,
        code: "TET2027".to_owned(),
        basis_points: 1_250,
        cap: Some(vnd(50_000)),
        minimum: Some(vnd(0)),
        valid_from: 1_800_000_000_000_000,
        uses_at_most: 10,
        uses: 3,
        status: VoucherStatus::VoucherValid.into(),
        created_at: 1_800_000_000_000_000,
        created_by: user_of("a").unwrap().user.unwrap().id,
        ..Voucher::default()
    }
}

const CART: &str = "cart { subtotal { amount } discount { amount } total { amount }
  vouchers { code shop { name } discount { amount } problem { code message } } }
  userErrors { code message path ... on VoucherRefused { voucherCode missing minimum } }";

#[tokio::test]
async fn a_cart_shows_each_shops_voucher_and_why_one_does_not_count() {
    let market = Market::new();
    market.orders.on("apply_voucher", |request: ApplyVoucherRequest| {
        let buyer = user_of("buyer")?.user.unwrap_or_default().id;
        assert_eq!((request.code.as_str(), request.buyer_id), ("tết 2027", buyer));
        let key = request.cart.unwrap_or_default();
        assert_eq!(key.token, "secret");
        let counts = CartVoucher {
            shop_id: shop(SHOP_A).id,
            code: "TET2027".to_owned(),
            discount: Some(vnd(20_000)),
            refusal: None,
        };
        let ended: Refusal = Refused::new(RefusalCode::VoucherEnded).fact("code", "TET2027").into();
        let over = CartVoucher {
            shop_id: shop(2).id,
            discount: Some(vnd(0)),
            refusal: Some(ended),
            ..counts.clone()
        };
        Ok(cart(key.cart_id, vec![counts, over]))
    });
    let query = format!(
        "mutation {{ applyVoucher(input: {{cartId: \"cart_1\", cartToken: \"secret\", code: \"tết 2027\"}}) {{ {CART} }} }}"
    );
    let answer = post(&market.routes(), "buyer", &query, json!({})).await;
    let found = &answer["data"]["applyVoucher"]["cart"];
    let amount = |field: &str| found[field]["amount"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (amount("subtotal"), amount("discount"), amount("total")),
        ("150000".to_owned(), "20000".to_owned(), "130000".to_owned()),
        "{answer}"
    );
    assert_eq!(found["vouchers"][0]["problem"], json!(null));
    assert_eq!(
        found["vouchers"][1],
        json!({ "code": "TET2027", "shop": { "name": "Shop 2" }, "discount": { "amount": "0" },
          "problem": { "code": "VOUCHER_ENDED", "message": "The voucher TET2027 has ended." } })
    );
}

#[tokio::test]
async fn a_refused_code_carries_its_facts_and_a_voucher_is_taken_out_by_its_code() {
    let market = Market::new();
    market.orders.on("apply_voucher", |_: ApplyVoucherRequest| -> Result<Cart, _> {
        Err(Refused::new(RefusalCode::VoucherBelowMinimum)
            .at(&["code"])
            .fact("code", "TET2027")
            .fact("minimum", "200000")
            .fact("missing", "50000")
            .into())
    });
    market.orders.on("remove_voucher", |request: RemoveVoucherRequest| {
        assert_eq!(request.code, "TET2027");
        Ok(cart(request.cart.unwrap_or_default().cart_id, Vec::new()))
    });
    let routes = market.routes();
    let input = "input: {cartId: \"cart_1\", cartToken: \"secret\", code: \"TET2027\"}";
    let query = format!("mutation {{ applyVoucher({input}) {{ {CART} }} }}");
    let answer = post(&routes, "", &query, json!({})).await;
    let payload = &answer["data"]["applyVoucher"];
    assert_eq!(payload["cart"], json!(null), "{answer}");
    assert_eq!(
        payload["userErrors"],
        json!([{ "code": "VOUCHER_BELOW_MINIMUM", "path": ["code"], "voucherCode": "TET2027",
          "minimum": "200000", "missing": "50000",
          "message": "The voucher TET2027 needs ₫50,000 more bought at its shop (at least ₫200,000)." }])
    );
    let query = format!("mutation {{ removeVoucher({input}) {{ {CART} }} }}");
    let answer = post(&routes, "", &query, json!({})).await;
    let payload = &answer["data"]["removeVoucher"];
    assert_eq!((&payload["userErrors"], &payload["cart"]["vouchers"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_shop_makes_lists_and_ends_vouchers_in_the_name_of_its_member() {
    let market = Market::new();
    let own = shop(SHOP_A).id;
    market.orders.on("create_voucher", |request: CreateVoucherRequest| {
        assert_eq!(request.created_by, user_of("a")?.user.unwrap_or_default().id);
        assert_eq!((request.basis_points, request.cap), (1_250, Some(vnd(50_000))));
        assert_eq!((request.uses_at_most, request.valid_until), (10, 1_800_000_000_000_000));
        assert_eq!((request.amount, request.minimum, request.valid_from), (None, None, 0));
        Ok(voucher(request.shop_id))
    });
    market.orders.on("end_voucher", |request: EndVoucherRequest| {
        assert_eq!(request.ended_by, user_of("a")?.user.unwrap_or_default().id);
        let status = VoucherStatus::VoucherOver.into();
        let (ended_at, ended_by) = (1_800_000_000_000_000, request.ended_by);
        Ok(Voucher { status, ended_at, ended_by, ..voucher(request.shop_id) })
    });
    market.accounts.on("get_users", |request: GetUsersRequest| {
        let member = user_of("a")?.user.unwrap_or_default();
        assert_eq!(request.ids, std::slice::from_ref(&member.id));
        Ok(Users { users: vec![member] })
    });
    market.orders.on("list_vouchers", |request: ListVouchersRequest| {
        assert_eq!(request.page.unwrap_or_default().first, 20);
        let page = PageInfo { has_next: false, cursors: vec!["vch_1".to_owned()], total: 1 };
        Ok(VoucherPage { vouchers: vec![voucher(request.shop_id)], page: Some(page) })
    });
    let routes = market.routes();
    let create = "mutation($input: CreateVoucherInput!) { createVoucher(input: $input) {
      voucher { code status basisPoints amount { amount } cap { amount } validUntil createdBy { name } endedAt }
      userErrors { code path } } }";
    let input = json!({ "shopId": own, "code": "tet2027", "basisPoints": 1_250, "cap": { "amount": "50000" },
      "usesAtMost": 10, "validUntil": "2027-01-15T08:00:00Z" });
    let answer = post(&routes, "a", create, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["createVoucher"],
        json!({ "userErrors": [], "voucher": { "code": "TET2027", "status": "VALID", "basisPoints": 1_250,
          "amount": null, "cap": { "amount": "50000" }, "validUntil": null, "createdBy": { "name": "a" }, "endedAt": null } }),
        "{answer}"
    );
    // A zero is no way to say "as often as wanted".
    let mut zero = input.clone();
    zero["usesAtMost"] = json!(0);
    let answer = post(&routes, "a", create, json!({ "input": zero })).await;
    assert_eq!(answer["data"]["createVoucher"]["userErrors"][0]["path"], json!(["usesAtMost"]));
    let end = "mutation($shop: ID!) { endVoucher(input: {shopId: $shop, voucherId: \"vch_1\"}) {
      voucher { status endedBy { name } } userErrors { code } } }";
    let answer = post(&routes, "a", end, json!({ "shop": own })).await;
    let ended = json!({ "status": "OVER", "endedBy": { "name": "a" } });
    assert_eq!(answer["data"]["endVoucher"]["voucher"], ended, "{answer}");
    let list = "query($shop: ID!) { me { shop(id: $shop) { vouchers { totalCount nodes { code uses usesAtMost usesPerBuyer } } } } }";
    let answer = post(&routes, "a", list, json!({ "shop": own })).await;
    assert_eq!(
        answer["data"]["me"]["shop"]["vouchers"],
        json!({ "totalCount": 1, "nodes": [{ "code": "TET2027", "uses": 3, "usesAtMost": 10, "usesPerBuyer": null }] }),
        "{answer}"
    );
    // Whoever is no member sees and does nothing of it.
    market.orders.take_calls();
    for stranger in ["b", "buyer", "operator"] {
        let answer = post(&routes, stranger, create, json!({ "input": input })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        let answer = post(&routes, stranger, list, json!({ "shop": own })).await;
        assert_eq!(answer["data"]["me"]["shop"], Value::Null, "{answer}");
    }
    assert!(market.orders.take_calls().is_empty());
}
