//! Who may do what, for every operation of the schema: the schema is walked, so that nothing can be
//! added without a guard.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type, TypeDefinition,
    TypeKind, TypeSystemDefinition,
};
use serde_json::{Map, Value, json};

use crate::support::{Market, SHOP_A, post, shop};

/// What a type's or field's `@auth` requires.
fn requirement(directives: &[Positioned<ConstDirective>]) -> Option<String> {
    let auth = directives.iter().find(|directive| directive.node.name.node == "auth")?;
    let (_, value) = auth.node.arguments.iter().find(|(name, _)| name.node == "requires")?;
    Some(value.node.to_string())
}

fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

struct Schema {
    types: BTreeMap<String, TypeDefinition>,
}

impl Schema {
    fn read() -> Self {
        let document = parse_schema(graphql::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node)),
            _ => None,
        });
        Self { types: types.collect() }
    }

    fn fields(&self, ty: &str) -> Vec<&FieldDefinition> {
        let fields = match self.types.get(ty).map(|ty| &ty.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// Every operation with what it requires.
    fn operations(&self) -> Vec<(&'static str, &FieldDefinition)> {
        let roots = ["Query", "Mutation", "Subscription"];
        roots
            .iter()
            .flat_map(|root| self.fields(root).into_iter().map(|field| (*root, field)))
            .collect()
    }

    /// A value for an argument; `shop` for whatever is a shop's id.
    fn value(&self, name: &str, ty: &Type, shop: &str) -> Value {
        let named = match &ty.base {
            BaseType::List(inner) => return json!([self.value(name, inner, shop)]),
            BaseType::Named(named) => named.as_str(),
        };
        match (named, self.types.get(named).map(|ty| &ty.kind)) {
            (_, Some(TypeKind::InputObject(input))) => {
                let fields =
                    input.fields.iter().map(|field| &field.node).filter(|field| needed(field));
                let fields = fields.map(|field| {
                    let name = field.name.node.to_string();
                    let value = self.value(&name, &field.ty.node, shop);
                    (name, value)
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            (_, Some(TypeKind::Enum(values))) => {
                json!(values.values[0].node.value.node.to_string())
            }
            ("Int", _) => json!(1),
            ("Boolean", _) => json!(false),
            ("Upload", _) => json!("#__graphql_file__:0"),
            _ if name == "shopId" => json!(shop),
            _ => json!("1"),
        }
    }

    /// An operation with values for all that it needs.
    fn ask(&self, root: &str, field: &FieldDefinition, shop: &str) -> (String, Value) {
        let needed =
            field.arguments.iter().map(|argument| &argument.node).filter(|one| needed(one));
        let (mut variables, mut definitions, mut arguments) = (Map::new(), Vec::new(), Vec::new());
        for argument in needed {
            let name = argument.name.node.to_string();
            variables.insert(name.clone(), self.value(&name, &argument.ty.node, shop));
            definitions.push(format!("${name}: {}", argument.ty.node));
            arguments.push(format!("{name}: ${name}"));
        }
        let parens = |list: &[String]| {
            if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) }
        };
        let composite = !self.fields(&base(&field.ty.node)).is_empty();
        let query = format!(
            "{}{} {{ {}{} {} }}",
            root.to_lowercase(),
            parens(&definitions),
            field.name.node,
            parens(&arguments),
            if composite { "{ __typename }" } else { "" },
        );
        (query, Value::Object(variables))
    }
}

fn needed(argument: &InputValueDefinition) -> bool {
    !argument.ty.node.nullable && argument.default_value.is_none()
}

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
async fn every_operation_refuses_whoever_its_directive_does_not_allow() {
    let schema = Schema::read();
    let market = Market::new();
    let routes = market.routes();
    let own = shop(SHOP_A).id;
    let allowed = |required: &str, token: &str| match required {
        "PUBLIC" => true,
        "USER" => !token.is_empty(),
        "SHOP_MEMBER" => token == "a",
        "OPERATOR" => token == "operator",
        other => panic!("nobody knows {other}"),
    };
    let mut refused = 0;
    for (root, field) in schema.operations().into_iter().filter(|(root, _)| *root != "Subscription")
    {
        let required = requirement(&field.directives).unwrap();
        let (query, variables) = schema.ask(root, field, &own);
        for token in ["", "buyer", "a", "b", "operator"] {
            for fake in [&market.accounts, &market.catalog, &market.orders, &market.payments] {
                fake.take_calls();
            }
            let answer = post(&routes, token, &query, variables.clone()).await;
            let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("(none)");
            let what = format!("{} as {token:?}: {answer}", field.name.node);
            if allowed(&required, token) {
                assert!(!matches!(code, "UNAUTHENTICATED" | "FORBIDDEN"), "{what}");
                assert_ne!(code, "GRAPHQL_VALIDATION_FAILED", "{what}");
            } else {
                assert_eq!(
                    code,
                    if token.is_empty() { "UNAUTHENTICATED" } else { "FORBIDDEN" },
                    "{what}"
                );
                let mut calls = market.accounts.take_calls();
                calls.remove("authenticate");
                for fake in [&market.catalog, &market.orders, &market.payments] {
                    calls.append(&mut fake.take_calls());
                }
                assert!(calls.is_empty(), "{what} reached {calls:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 50, "{refused}");
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
