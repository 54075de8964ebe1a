//! The OpenAPI document of OCTO, and whether an answer is what it promises.
//!
//! Beyond the schemas this checks that no field is made up, and that the fields of a capability are
//! there exactly where the capability is used. The journey through the whole market takes this file and its
//! schemas too (`tests/tests/market/octo_answers.rs`): there is one check.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::schema;

/// The document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/openapi.json")).unwrap());

/// An operation of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub path: String,
    pub method: String,
}

fn operation(path: &str, method: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // The document writes some paths with a slash at their end.
    let found = paths.get(path).or_else(|| paths.get(&format!("{path}/")))?;
    found.get(method)
}

/// Every operation with the codes of errors that its answers may have.
pub fn operations() -> BTreeMap<Operation, Vec<String>> {
    let mut operations = BTreeMap::new();
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, found) in methods.as_object().unwrap() {
            let schema = &found["responses"]["400"]["content"]["application/json"]["schema"];
            let errors = schema["anyOf"].as_array().cloned().unwrap_or_default();
            let codes = errors.iter().map(|error| code_of(error["$ref"].as_str().unwrap()));
            let path = path.trim_end_matches('/').to_owned();
            operations.insert(Operation { path, method: method.clone() }, codes.collect());
        }
    }
    operations
}

/// `…/ErrorInvalidProductID` is `INVALID_PRODUCT_ID`.
pub fn code_of(reference: &str) -> String {
    let name = reference.rsplit("/Error").next().unwrap();
    let name = name.replace("ID", "Id").replace("UUId", "Uuid").replace("UUID", "Uuid");
    let mut code = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_uppercase());
    }
    code
}

/// Checks an answer; panics with what is wrong.
pub fn check(
    path: &str,
    method: &str,
    status: u16,
    answer: &Value,
    capabilities: &str,
    units: bool,
) {
    let place = format!("{method} {path} {status}");
    let found = operation(path, method).unwrap_or_else(|| panic!("{place}: no such operation"));
    let schema = &found["responses"][status.to_string()]["content"]["application/json"]["schema"];
    assert!(!schema.is_null(), "{place}: the document knows no such answer");
    if status != 200 {
        check_error(&place, schema, answer);
        return;
    }
    validate(&place, schema, answer);
    Fields { capabilities, units, place: &place }.check(schema, answer, "$");
}

/// Checks a refusal that the document does not foresee: a bound on requests, an unknown path.
pub fn check_other_error(answer: &Value) {
    validate("other", &json!({ "$ref": "#/components/schemas/BaseError" }), answer);
}

fn check_error(place: &str, schema: &Value, answer: &Value) {
    let code = answer["error"].as_str().unwrap_or_else(|| panic!("{place}: {answer}"));
    let errors = schema["anyOf"].as_array().unwrap();
    let own = errors.iter().find(|error| code_of(error["$ref"].as_str().unwrap()) == code);
    // "The request body is not formatted correctly" may be said everywhere, as OCTO's text says.
    let general = json!({ "$ref": "#/components/schemas/ErrorBadRequest" });
    let error = own.or((code == "BAD_REQUEST").then_some(&general));
    let error = error.unwrap_or_else(|| panic!("{place} may not answer {code}"));
    validate(place, error, answer);
    validate(place, schema, answer);
    let name = error["$ref"].as_str().unwrap();
    let properties = Fields::properties(&json!({ "$ref": name }));
    for field in answer.as_object().unwrap().keys() {
        assert!(properties.contains_key(field), "{place}: {code} has no field {field}");
    }
}

fn validate(place: &str, schema: &Value, answer: &Value) {
    let wrong = schema::errors(&DOCUMENT, schema, answer);
    assert!(wrong.is_empty(), "{place}: {wrong:#?}\n{answer:#}");
}

struct Fields<'a> {
    capabilities: &'a str,
    units: bool,
    place: &'a str,
}

impl Fields<'_> {
    /// The properties of a schema, with those of what it refers to.
    fn properties(schema: &Value) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        if let Some(reference) = schema["$ref"].as_str() {
            let target = reference.strip_prefix('#').unwrap();
            found.extend(Self::properties(DOCUMENT.pointer(target).unwrap()));
        }
        for list in ["allOf", "anyOf"] {
            for part in schema[list].as_array().into_iter().flatten() {
                found.extend(Self::properties(part));
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            found.insert(name.clone(), property.clone());
        }
        found
    }

    fn items(schema: &Value) -> Option<Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            return Self::items(DOCUMENT.pointer(reference.strip_prefix('#').unwrap()).unwrap());
        }
        let parts = ["allOf", "anyOf"].into_iter().filter_map(|list| schema[list].as_array());
        schema.get("items").cloned().or_else(|| parts.flatten().find_map(Self::items))
    }

    fn check(&self, schema: &Value, value: &Value, path: &str) {
        match value {
            Value::Array(items) => {
                let schema = Self::items(schema)
                    .unwrap_or_else(|| panic!("{}: {path} is no list", self.place));
                for item in items {
                    self.check(&schema, item, &format!("{path}[]"));
                }
            }
            Value::Object(fields) => {
                let properties = Self::properties(schema);
                for (name, value) in fields {
                    let property = properties
                        .get(name)
                        .unwrap_or_else(|| panic!("{}: {path} has no field {name}", self.place));
                    self.check(property, value, &format!("{path}.{name}"));
                }
                for (name, property) in &properties {
                    self.check_capability(name, property, fields, path);
                }
            }
            _ => {}
        }
    }

    fn check_capability(
        &self,
        name: &str,
        property: &Value,
        fields: &Map<String, Value>,
        path: &str,
    ) {
        let Some(capability) = property["x-capability-data"]["capability"].as_str() else { return };
        let used = self.capabilities.split(',').any(|one| one.trim() == capability);
        let there = fields.contains_key(name);
        assert!(used || !there, "{}: {path}.{name} without {capability}", self.place);
        let required = property["x-capability-data"]["required"] == Value::Bool(true);
        // Prices are per unit: an option has none, and a total needs units and something to sell.
        let option = fields.contains_key("availabilityLocalStartTimes");
        let total = name == "pricing" && fields.contains_key("utcCutoffAt")
            || name == "pricingFrom" && fields.contains_key("localDate");
        let exempt = name.starts_with("pricing") && option
            || total && (!self.units || fields["status"] == "CLOSED");
        assert!(there || !used || !required || exempt, "{}: {path}.{name} is missing", self.place);
    }
}
