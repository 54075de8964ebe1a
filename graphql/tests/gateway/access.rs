//! Every operation and every private type of the schema says for whom it is: the schema is walked, so that nothing
//! can be added without. Who can really do what, `matrix.rs` tries.

use std::collections::BTreeSet;

use async_graphql::parser::types::TypeKind;
use serde_json::json;

use crate::support::{Market, SHOP_A, Schema, base, post, requirement, shop};

#[test]
fn every_operation_says_who_may_use_it() {
    let schema = Schema::read();
    assert!(schema.operations().len() > 35);
    for (root, field) in schema.operations() {
        let required = requirement(&field.directives);
        assert!(required.is_some(), "{root}.{} has no @auth", field.name.node);
    }
}

/// What everybody can reach without passing a type or an operation that is not for everybody.
fn public_types(schema: &Schema) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let public = schema
        .operations()
        .into_iter()
        .filter(|(_, field)| requirement(&field.directives).as_deref() == Some("PUBLIC"));
    let mut ahead: Vec<String> = public.map(|(_, field)| base(&field.ty.node)).collect();
    while let Some(name) = ahead.pop() {
        let Some(ty) = schema.types.get(&name) else { continue };
        if requirement(&ty.directives).is_some() || !reached.insert(name.clone()) {
            continue;
        }
        ahead.extend(schema.fields(&name).into_iter().map(|field| base(&field.ty.node)));
    }
    reached
}

#[test]
fn every_type_that_is_not_for_everybody_says_for_whom_it_is() {
    let schema = Schema::read();
    let public = public_types(&schema);
    // The frames of answers hold no data of their own.
    let frames = ["Payload", "Connection", "Edge"];
    for (name, ty) in &schema.types {
        let is_object = matches!(ty.kind, TypeKind::Object(_));
        let is_frame = frames.iter().any(|frame| name.ends_with(frame));
        let is_root = matches!(name.as_str(), "Query" | "Mutation" | "Subscription");
        let implements_error = name != "Person" && schema.types["UserError"].name.node != *name;
        if is_object && !is_frame && !is_root && implements_error && !public.contains(name) {
            let known = requirement(&ty.directives);
            let is_user_error = schema
                .fields(name)
                .iter()
                .any(|field| field.name.node == "code" && base(&field.ty.node) == "UserErrorCode");
            assert!(
                known.is_some() || is_user_error,
                "{name} is for some only, and does not say for whom"
            );
        }
    }
    for private in
        ["User", "ManagedShop", "BankAccount", "ShopBalance", "BankCredit", "LedgerEntry"]
    {
        assert!(!public.contains(private), "everybody can reach {private}");
    }
}

#[tokio::test]
async fn a_member_of_one_shop_may_not_act_for_another_by_naming_it_in_a_list_or_twice() {
    let market = Market::new();
    let routes = market.routes();
    let (own, other) = (shop(SHOP_A).id, shop(2).id);
    let query = "mutation($a: ID!, $b: ID!) {
      one: publishProduct(input: {shopId: $a, productId: \"1\"}) { userErrors { code } }
      two: publishProduct(input: {shopId: $b, productId: \"1\"}) { userErrors { code } } }";
    let answer = post(&routes, "a", query, json!({ "a": own, "b": other })).await;
    let forbidden: Vec<_> = answer["errors"].as_array().unwrap().iter().collect();
    assert!(
        forbidden
            .iter()
            .any(|error| error["path"] == json!(["two"])
                && error["extensions"]["code"] == "FORBIDDEN"),
        "{answer}"
    );
    assert_eq!(market.catalog.take_calls()["publish_product"], 1);
}
