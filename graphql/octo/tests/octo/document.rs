//! The check of answers is checked itself, by what is wrong and by OCTO's own examples.

use serde_json::{Value, json};

use crate::support::openapi::{DOCUMENT, check, code_of};
use crate::support::schema;

#[test]
fn the_check_finds_what_is_wrong() {
    assert_eq!(code_of("#/components/schemas/ErrorInvalidBookingUUID"), "INVALID_BOOKING_UUID");
    assert_eq!(code_of("#/components/schemas/ErrorInternalServerError"), "INTERNAL_SERVER_ERROR");
    let day = json!({
        "localDate": "2026-12-01", "available": true, "status": "AVAILABLE",
        "vacancies": null, "capacity": 1, "openingHours": [],
    });
    let checked = |change: &dyn Fn(&mut Value), capabilities: &'static str| {
        let mut day = day.clone();
        change(&mut day);
        std::panic::catch_unwind(move || {
            check("/availability/calendar", "post", 200, &json!([day]), capabilities, false);
        })
        .is_ok()
    };
    assert!(checked(&|_| {}, ""));
    assert!(!checked(&|day| day["available"] = Value::Null, ""), "null where it is not allowed");
    assert!(!checked(&|day| day["status"] = json!("FULL"), ""), "a word of our own");
    assert!(!checked(&|day| day["capacity"] = json!("1"), ""), "another type");
    assert!(!checked(&|day| drop(day.as_object_mut().unwrap().remove("vacancies")), ""), "missing");
    assert!(!checked(&|day| day["seats"] = json!(1), ""), "a field of our own");
    assert!(!checked(&|_| {}, "octo/pricing"), "a capability's field is missing");
    assert!(
        !checked(&|day| day["unitPricingFrom"] = json!([]), ""),
        "a capability nobody asked for"
    );
}

#[test]
fn every_example_of_the_document_is_what_it_promises() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let content = &response["content"]["application/json"];
                for (name, example) in content["examples"].as_object().into_iter().flatten() {
                    let mut found =
                        schema::errors(&DOCUMENT, &content["schema"], &example["value"]);
                    // Pictures of its examples have no address, though the schema wants one.
                    found.retain(|error| !error.ends_with("media[0].src: uri, not \"\""));
                    checked += 1;
                    if !found.is_empty() {
                        wrong.push(format!("{method} {path} {status} {name}: {found:?}"));
                    }
                }
            }
        }
    }
    assert!(checked > 70, "{checked} examples");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
