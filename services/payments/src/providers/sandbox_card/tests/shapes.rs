//! What the sandbox shows has the shape of Stripe's own examples: no field of ours that Stripe does not
//! have, and of every field the same kind of value.

use super::*;

/// Fields that Stripe documents and that its examples do not hold.
const BEYOND_THE_EXAMPLES: [&str; 2] = ["failure_balance_transaction", "failure_reason"];
/// Fields whose keys are free, or of which the examples hold one kind only.
const NOT_LOOKED_INTO: [&str; 4] = ["metadata", "evidence", "last_payment_error", "next_action"];

fn example(kind: &str) -> Value {
    let text = include_str!("../../../../samples/stripe/objects.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all[kind].clone()
}

/// What of a thing differs in shape from an example. What is null on either side differs in nothing.
fn differences(path: &str, ours: &Value, theirs: &Value) -> Vec<String> {
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => Vec::new(),
        (Value::Object(ours), Value::Object(theirs)) => ours
            .iter()
            .flat_map(|(name, value)| match theirs.get(name) {
                Some(_) if NOT_LOOKED_INTO.contains(&name.as_str()) => Vec::new(),
                Some(their) => differences(&format!("{path}.{name}"), value, their),
                None if BEYOND_THE_EXAMPLES.contains(&name.as_str()) => Vec::new(),
                None => vec![format!("{path}.{name} is none of Stripe's")],
            })
            .collect(),
        (Value::Array(ours), Value::Array(theirs)) => match (ours.first(), theirs.first()) {
            (Some(one), Some(their)) => differences(&format!("{path}[0]"), one, their),
            _ => Vec::new(),
        },
        _ if std::mem::discriminant(ours) == std::mem::discriminant(theirs) => Vec::new(),
        _ => vec![format!("{path}: {ours} is not as {theirs}")],
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn every_object_has_the_shape_of_stripes_example(database) {
        let stand = Stand::on(database).await;
        let intent = stand.paid(500_000, TestCard::BypassesPending).await.intent.unwrap();
        stand.refund(&intent, 5).await;
        stand.paid(10_000, TestCard::Disputed).await;
        stand.session(100_000).await;
        let declined = stand.session(100_000).await;
        stand.submit(&declined, TestCard::InsufficientFunds).await;
        stand.paid(5_000_000, TestCard::Pays).await;
        assert_eq!(stand.door("payouts").await.1["data"].as_array().unwrap().len(), 1);
        let mut looked_at = 0;
        for (path, kind) in [
            ("checkout/sessions", "checkout.session"),
            ("payment_intents", "payment_intent"),
            ("charges", "charge"),
            ("refunds", "refund"),
            ("balance_transactions", "balance_transaction"),
            ("disputes", "dispute"),
            ("payouts", "payout"),
        ] {
            let (_, list) = stand.look(&format!("{path}?limit=100")).await;
            for thing in list["data"].as_array().unwrap() {
                assert_eq!(thing["object"], kind);
                assert_eq!(differences(kind, thing, &example(kind)), Vec::<String>::new());
                looked_at += 1;
            }
        }
        assert!(looked_at > 15, "{looked_at}");
    }

    async fn a_list_and_an_event_are_as_stripe_wraps_them(database) {
        let stand = Stand::on(database).await;
        stand.paid(100_000, TestCard::Pays).await;
        let (_, list) = stand.look("events?limit=2").await;
        assert_eq!((list["object"].as_str(), list["url"].as_str()), (Some("list"), Some("/v1/events")));
        assert_eq!((&list["has_more"], list["data"].as_array().unwrap().len()), (&true.into(), 2));
        let event = &list["data"][0];
        assert_eq!((event["object"].as_str(), event["livemode"].as_bool()), (Some("event"), Some(false)));
        assert_eq!(event["data"]["object"]["object"], "checkout.session");
        let (_, whole) = stand.look("payment_intents?limit=1&expand[]=data.latest_charge.balance_transaction").await;
        assert_eq!(whole["data"][0]["latest_charge"]["balance_transaction"]["object"], "balance_transaction");
        assert_eq!(stand.look("payment_intents?expand[]=data.colour").await.0, 400);
    }
}

#[test]
fn differences_of_shape_are_seen() {
    let theirs = serde_json::json!({ "a": 1, "b": [{ "c": "x" }], "d": null });
    let of = |ours: Value| differences("x", &ours, &theirs).len();
    assert_eq!(of(serde_json::json!({ "a": 2, "b": [{ "c": "y" }], "d": 7 })), 0);
    assert_eq!(of(serde_json::json!({ "a": "2", "b": [{ "c": 1, "e": 1 }], "f": 1 })), 4);
}
