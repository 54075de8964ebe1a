//! A person decides on a credit: it pays what they name, goes back, or waits on.

use std::collections::HashMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::overview::show_with;
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::pages::views::{MoneyView, OfOperations};
use crate::{AppState, PageResult, Visitor};

const FIND: &str = "query($reference: String!) { operations {
  payment(reference: $reference) { id amount { amount currency formatted } } } }";
const RESOLVE: &str =
    "mutation($input: ResolveBankCreditInput!) { resolveBankCredit(input: $input) {
  credit { id } userErrors { code message path } } }";

/// The most payments that one form names.
const MOST_NAMED: usize = 50;

#[derive(Deserialize)]
struct FoundPayment {
    payment: Option<PaymentView>,
}

#[derive(Deserialize)]
struct PaymentView {
    id: String,
    amount: AmountView,
}

#[derive(Deserialize)]
struct AmountView {
    currency: String,
    #[serde(flatten)]
    money: MoneyView,
}

/// `POST /operations/money/credits/{id}`
pub async fn resolve(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let mut input = json!({ "creditId": id, "reason": given("reason") });
    match given("action") {
        "pay" => match parts_of(&state, &visitor, given("references")).await? {
            Ok(parts) => {
                input["action"] = if parts.len() == 1 { "MATCH" } else { "SPLIT" }.into();
                input["parts"] = parts.into();
            }
            Err(error) => {
                let form = FormState::refused(HashMap::new(), vec![error]);
                return show_with(&state, &visitor, None, form).await;
            }
        },
        "refund" => {
            input["action"] = "REFUND".into();
            input["bankAccount"] = json!({
                "bin": given("bin"), "number": given("number"), "holder": given("holder"),
            });
        }
        _ => input["action"] = "HOLD".into(),
    }
    match state.graphql.change::<Value>(&visitor, RESOLVE, json!({ "input": input })).await? {
        Ok(_) => Ok(go("/operations/money", Some("treasury.decided"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, None, form).await
        }
    }
}

/// The payments that somebody names by their references, each with all that it asks for.
async fn parts_of(
    state: &AppState,
    visitor: &Visitor,
    references: &str,
) -> PageResult<Result<Vec<Value>, UserError>> {
    let texts = visitor.texts();
    let refused = |message: String| UserError { code: "NOT_FOUND".to_owned(), message, path: None };
    let named: Vec<&str> =
        references.split([' ', ',', ';', '\n']).filter(|text| !text.is_empty()).collect();
    if named.is_empty() || named.len() > MOST_NAMED {
        return Ok(Err(refused(texts.say("treasury.name_payments").to_owned())));
    }
    let mut parts = Vec::with_capacity(named.len());
    for reference in named {
        let variables = json!({ "reference": reference });
        let found: OfOperations<FoundPayment> =
            state.graphql.query(visitor, FIND, variables).await?;
        let Some(payment) = found.operations.payment else {
            return Ok(Err(refused(texts.fill("treasury.no_payment", reference))));
        };
        let AmountView { currency, money } = payment.amount;
        let amount = json!({ "amount": money.amount, "currency": currency });
        parts.push(json!({ "paymentId": payment.id, "amount": amount }));
    }
    Ok(Ok(parts))
}
