//! Schemas of OpenAPI 3.0 (its Schema Object, a dialect of JSON Schema), as far as OCTO's document uses
//! them. A keyword that is not known here fails the test: nothing goes unchecked.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Keywords that say nothing about a value.
const SILENT: [&str; 5] = ["description", "example", "examples", "default", "x-capability-data"];

/// What is wrong with a value; nothing where it is as its schema wants it.
pub fn errors(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    Check { document, wrong: &mut wrong }.value(schema, value, "$");
    wrong
}

struct Check<'a> {
    document: &'a Value,
    wrong: &'a mut Vec<String>,
}

impl Check<'_> {
    fn fail(&mut self, path: &str, why: &str, value: &Value) {
        self.wrong.push(format!("{path}: {why}, not {value}"));
    }

    fn value(&mut self, schema: &Value, value: &Value, path: &str) {
        let keywords = schema.as_object().unwrap_or_else(|| panic!("{path}: no schema: {schema}"));
        // In OpenAPI 3.0 `nullable` allows null beside all that the schema says otherwise.
        if value.is_null() && schema["nullable"] == Value::Bool(true) {
            return;
        }
        for (keyword, rule) in keywords {
            match keyword.as_str() {
                "$ref" => {
                    let target = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    let target = self.document.pointer(target).unwrap().clone();
                    self.value(&target, value, path);
                }
                "allOf" => {
                    for part in rule.as_array().unwrap() {
                        self.value(part, value, path);
                    }
                }
                "anyOf" => {
                    let mut parts = rule.as_array().unwrap().iter();
                    if !parts.any(|part| errors(self.document, part, value).is_empty()) {
                        self.fail(path, "fits none", value);
                    }
                }
                "type" => self.kind(rule.as_str().unwrap(), value, path),
                "enum" => {
                    if !rule.as_array().unwrap().contains(value) {
                        self.fail(path, &format!("one of {rule}"), value);
                    }
                }
                "format" => self.format(rule.as_str().unwrap(), value, path),
                "required" => {
                    for name in rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
                        if value.is_object() && value.get(name).is_none() {
                            self.fail(path, &format!("{name} is required"), value);
                        }
                    }
                }
                "properties" => {
                    for (name, property) in rule.as_object().unwrap() {
                        if let Some(field) = value.get(name) {
                            self.value(property, field, &format!("{path}.{name}"));
                        }
                    }
                }
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(rule, item, &format!("{path}[{place}]"));
                    }
                }
                "minItems" => {
                    let least = usize::try_from(rule.as_u64().unwrap()).unwrap();
                    if value.as_array().is_some_and(|items| items.len() < least) {
                        self.fail(path, &format!("at least {least}"), value);
                    }
                }
                "nullable" => {}
                silent if SILENT.contains(&silent) || silent.starts_with("x-") => {}
                unknown => panic!("{path}: the keyword {unknown} is not known to the tests"),
            }
        }
    }

    fn kind(&mut self, kind: &str, value: &Value, path: &str) {
        let fits = match kind {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("{path}: the type {other} is not known to the tests"),
        };
        if !fits {
            self.fail(path, kind, value);
        }
    }

    fn format(&mut self, format: &str, value: &Value, path: &str) {
        let text = value.as_str().unwrap_or_default();
        let fits = match format {
            "date-time" => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
            "uuid" => Uuid::try_parse(text).is_ok(),
            "uri" => text.parse::<axum::http::Uri>().is_ok_and(|uri| uri.scheme().is_some()),
            "email" => text.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && host.contains('.') && !text.contains([' ', ','])
            }),
            "int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            other => panic!("{path}: the format {other} is not known to the tests"),
        };
        if !fits {
            self.fail(path, format, value);
        }
    }
}
