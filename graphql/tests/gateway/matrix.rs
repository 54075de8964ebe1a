//! Who can do what: every operation of the schema, and every field below `me`, `me.shop` and `operations`, tried as
//! everybody. The matrix (`matrix/table.rs`) says what is meant; the schema is walked, so that what is new and stands
//! not in it fails.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_graphql::parser::types::FieldDefinition;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use proto::orders::{GetOrdersRequest, Order, OrderList};
use proto::payments::{
    CounterPayment, CounterPaymentRequest, GetPaymentsRequest, Payment, PaymentList, PaymentStatus,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    Market, SHOP_A, Schema, order_id, payment_id, post, requirement, shop, user_of,
};
use table::MATRIX;

/// Everybody: nobody, two buyers, the people of shop A, on which all is tried, those of shop B, an operator.
const CALLERS: [&str; 8] = ["", "buyer", "other-buyer", "a", "a-staff", "b", "b-staff", "operator"];
/// Nothing of these tests takes long; a test that hangs ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who may use something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody. What belongs to somebody is opened by its secret, or by whose session it is.
    Anybody,
    /// Whoever is signed in. Whose the thing is, its service decides by the session.
    SignedIn,
    /// Whoever is signed in, of themselves.
    OwnPerson,
    /// The owner and the staff of the shop that is meant.
    PeopleOfShop,
    /// The owner of the shop that is meant.
    OwnerOfShop,
    /// Operators.
    Operator,
}

impl Who {
    fn includes(self, caller: &str) -> bool {
        match self {
            Self::Anybody => true,
            Self::SignedIn | Self::OwnPerson => !caller.is_empty(),
            Self::PeopleOfShop => matches!(caller, "a" | "a-staff"),
            Self::OwnerOfShop => caller == "a",
            Self::Operator => caller == "operator",
        }
    }

    /// The word of the schema's directive.
    const fn requirement(self) -> &'static str {
        match self {
            Self::Anybody => "PUBLIC",
            Self::SignedIn | Self::OwnPerson => "USER",
            Self::PeopleOfShop => "SHOP_MEMBER",
            Self::OwnerOfShop => "SHOP_OWNER",
            Self::Operator => "OPERATOR",
        }
    }
}

/// Something that can be asked.
struct Tried<'a> {
    /// As the matrix names it.
    name: String,
    field: &'a FieldDefinition,
    root: &'static str,
    parents: &'static [&'static str],
}

/// All that the schema has.
fn all(schema: &Schema) -> Vec<Tried<'_>> {
    let mut tried: Vec<Tried<'_>> = schema
        .operations()
        .into_iter()
        .map(|(root, field)| {
            let name = format!("{root}.{}", field.name.node);
            Tried { name, field, root, parents: &[] }
        })
        .collect();
    let below: [(&str, &str, &'static [&'static str]); 3] = [
        ("User", "me", &["me"]),
        ("ManagedShop", "me.shop", &["me", "shop(id: $own)"]),
        ("Operations", "operations", &["operations"]),
    ];
    for (ty, name, parents) in below {
        tried.extend(schema.fields(ty).into_iter().map(|field| {
            let name = format!("{name}.{}", field.name.node);
            Tried { name, field, root: "Query", parents }
        }));
    }
    tried
}

/// The matrix, by name.
fn matrix() -> BTreeMap<&'static str, Who> {
    let mut lines = BTreeMap::new();
    for (who, names) in MATRIX {
        for name in *names {
            assert_eq!(lines.insert(*name, *who), None, "{name} stands in the matrix twice");
        }
    }
    lines
}

/// What came of asking.
struct Came {
    /// The code of the first error.
    code: String,
    answer: String,
    /// What services were asked besides who it is.
    requests: Vec<String>,
}

impl Market {
    fn take_all_requests(&self) -> Vec<String> {
        let fakes = [&self.accounts, &self.catalog, &self.orders, &self.payments];
        let all = fakes.into_iter().flat_map(|fake| {
            fake.take_calls();
            fake.take_requests()
        });
        all.filter(|request| !request.starts_with("authenticate ")).collect()
    }

    async fn try_as(
        &self,
        routes: &Router,
        caller: &str,
        root: &str,
        asked: (String, Value),
    ) -> Came {
        self.take_all_requests();
        let (query, variables) = asked;
        let answer = if root == "Subscription" {
            listen(routes, caller, &query, variables).await
        } else {
            post(routes, caller, &query, variables).await.to_string()
        };
        let code = answer.split_once("\"code\":\"").and_then(|(_, behind)| behind.split_once('"'));
        let code = code.map_or("(none)", |(code, _)| code).to_owned();
        Came { code, answer, requests: self.take_all_requests() }
    }
}

/// What a subscription tells until its stream ends.
async fn listen(routes: &Router, caller: &str, query: &str, variables: Value) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let mut request = Request::post("/graphql/sse")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream");
    if !caller.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {caller}"));
    }
    let told = async {
        let response =
            routes.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    tokio::time::timeout(PATIENCE, told).await.unwrap()
}

fn id_of(caller: &str) -> String {
    user_of(caller).unwrap().user.unwrap().id
}

#[test]
fn the_matrix_has_a_line_for_everything_and_says_what_the_schema_says() {
    let schema = Schema::read();
    let (matrix, all) = (matrix(), all(&schema));
    let names: BTreeSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    let known: BTreeSet<&str> = matrix.keys().copied().collect();
    let missing: Vec<_> = names.difference(&known).collect();
    assert!(missing.is_empty(), "say in the matrix who may use {missing:?}");
    let gone: Vec<_> = known.difference(&names).collect();
    assert!(gone.is_empty(), "the matrix tells of what is gone: {gone:?}");
    for one in all.iter().filter(|one| one.parents.is_empty()) {
        let said = requirement(&one.field.directives);
        assert_eq!(said.as_deref(), Some(matrix[one.name.as_str()].requirement()), "{}", one.name);
    }
}

#[tokio::test]
async fn everybody_can_do_what_the_matrix_says_and_nothing_else() {
    let (schema, matrix, market) = (Schema::read(), matrix(), Market::new());
    let routes = market.routes();
    let own = shop(SHOP_A).id;
    let mut refused = 0;
    for one in all(&schema) {
        let who = matrix[one.name.as_str()];
        for caller in CALLERS {
            let mut asked = schema.asked(one.field, &own, false);
            if one.parents.len() == 2 {
                asked = asked.with("own", "ID!", &own);
            }
            let asked = asked.below(one.root, one.parents);
            let came = market.try_as(&routes, caller, one.root, asked).await;
            let what = format!("{} as {caller:?}: {}", one.name, came.answer);
            assert_ne!(came.code, "GRAPHQL_VALIDATION_FAILED", "{what}");
            if who.includes(caller) {
                assert!(!matches!(&*came.code, "UNAUTHENTICATED" | "FORBIDDEN"), "{what}");
            } else if one.parents.first() == Some(&"me") {
                // Whose it is not, finds nothing there; the owner's lists are no more than empty for staff.
                assert!(came.answer.contains(":null"), "{what}");
                assert_eq!(came.code, "(none)", "{what}");
                let read: Vec<_> =
                    came.requests.iter().filter(|one| !one.starts_with("get_shops ")).collect();
                assert!(read.is_empty(), "{what} reached {read:?}");
                refused += 1;
            } else {
                let code = if caller.is_empty() { "UNAUTHENTICATED" } else { "FORBIDDEN" };
                assert_eq!(came.code, code, "{what}");
                assert!(came.requests.is_empty(), "{what} reached {:?}", came.requests);
                refused += 1;
            }
            assert_in_own_name(caller, &came.requests, &what);
        }
    }
    assert!(refused > 500, "{refused}");
}

/// Services are asked in the name of whoever calls: of nobody else, and as an operator only for one.
fn assert_in_own_name(caller: &str, requests: &[String], what: &str) {
    for request in requests {
        for other in CALLERS.into_iter().filter(|other| !other.is_empty() && *other != caller) {
            assert!(!request.contains(&id_of(other)), "{what} asks as {other}: {request}");
        }
        assert!(caller == "operator" || !request.contains("operator: true"), "{what}: {request}");
    }
}

/// Where a shop may be named and need not be, naming another one's gives nothing.
#[tokio::test]
async fn nobody_acts_for_a_shop_by_naming_it_where_it_may_be_left_out() {
    let (schema, matrix, market) = (Schema::read(), matrix(), Market::new());
    let routes = market.routes();
    let own = shop(SHOP_A).id;
    let mut named = 0;
    for one in all(&schema).into_iter().filter(|one| one.root == "Mutation") {
        let who = matrix[one.name.as_str()];
        if !matches!(who, Who::Anybody | Who::SignedIn) {
            continue;
        }
        for caller in CALLERS.into_iter().filter(|caller| !Who::PeopleOfShop.includes(caller)) {
            let asked = schema.asked(one.field, &own, true).below(one.root, one.parents);
            if !asked.1.to_string().contains(&own) {
                continue;
            }
            let came = market.try_as(&routes, caller, one.root, asked).await;
            let acting: Vec<_> = came.requests.iter().filter(|one| one.contains(&own)).collect();
            assert!(acting.is_empty(), "{} as {caller:?}: {acting:?}", one.name);
            named += 1;
        }
    }
    assert!(named >= 6, "no mutation leaves the shop to its caller: {named}");
}

/// An order of shop A that "buyer" bought, and a payment at its counter.
fn with_an_order(market: &Market) {
    market.orders.on("get_orders", |request: GetOrdersRequest| {
        let order = Order { id: order_id(1), shop_id: shop(SHOP_A).id, ..Order::default() };
        let seen = request.operator
            || request.buyer_id == id_of("buyer")
            || request.shop_ids.contains(&order.shop_id);
        let wanted = seen && request.ids.contains(&order.id);
        Ok(OrderList { orders: wanted.then_some(order).into_iter().collect() })
    });
    market.payments.on("get_payments", |request: GetPaymentsRequest| {
        let payment = |id| Payment { id, ..Payment::default() };
        Ok(PaymentList { payments: request.ids.into_iter().map(payment).collect() })
    });
    market.payments.on("get_counter_payment", |request: CounterPaymentRequest| {
        let status = PaymentStatus::Succeeded.into();
        let payment = Payment { id: request.payment_id, status, ..Payment::default() };
        let shop_id = shop(SHOP_A).id;
        Ok(CounterPayment { payment: Some(payment), shop_id, ..CounterPayment::default() })
    });
}

#[tokio::test]
async fn an_order_is_seen_by_its_buyer_its_shop_and_operators_and_refunded_by_the_last_two() {
    let market = Market::new();
    with_an_order(&market);
    let routes = market.routes();
    let see = "query($id: ID!) { order(id: $id) { id } }";
    let refund = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      userErrors { code } } }";
    let amount = json!({ "amount": "1000", "currency": "VND" });
    let input = json!({ "input": {
        "paymentId": payment_id(1), "orderId": order_id(1), "amount": amount, "reason": "hư",
        "idempotencyKey": "k"
    } });
    for caller in CALLERS {
        let asked = (see.to_owned(), json!({ "id": order_id(1) }));
        let came = market.try_as(&routes, caller, "Query", asked).await;
        let seen = matches!(caller, "buyer" | "a" | "a-staff" | "operator");
        assert_eq!(came.answer.contains(&order_id(1)), seen, "{caller:?}: {}", came.answer);
        let asked = (refund.to_owned(), input.clone());
        let came = market.try_as(&routes, caller, "Mutation", asked).await;
        let reached = came.requests.iter().any(|one| one.starts_with("refund_payment "));
        let may = matches!(caller, "a" | "a-staff" | "operator");
        assert_eq!(reached, may, "{caller:?}: {}", came.answer);
        assert_in_own_name(caller, &came.requests, caller);
    }
}

#[tokio::test]
async fn a_counter_is_listened_to_by_its_people_and_operators() {
    let market = Market::new();
    with_an_order(&market);
    let routes = market.routes();
    let query = "subscription($id: ID!) { counterPaymentChanged(id: $id) { status } }";
    for caller in CALLERS {
        let asked = (query.to_owned(), json!({ "id": payment_id(7) }));
        let came = market.try_as(&routes, caller, "Subscription", asked).await;
        let hears = matches!(caller, "a" | "a-staff" | "operator");
        assert_eq!(came.answer.contains("SUCCEEDED"), hears, "{caller:?}: {}", came.answer);
    }
}
