//! Every error that a reseller can cause. What was refused changed nothing.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::River;
use super::client::Client;

const UUID: &str = "00000000-0000-4000-a000-000000000001";
const UNKNOWN: &str = "00000000-0000-4000-a000-000000000002";

/// A body that is wrong in one field.
fn with(right: &Value, field: &str, value: Value) -> Value {
    let mut wrong = right.clone();
    wrong[field] = value;
    wrong
}

fn refused(answer: &Value, code: &str, asked: &str) -> anyhow::Result<()> {
    ensure!(answer["error"] == code, "{asked} is not {code} but {answer}");
    Ok(())
}

/// Questions that cannot be answered.
pub async fn of_reads(client: &Client, river: &River) -> anyhow::Result<()> {
    for (id, code) in [("x", "INVALID_PRODUCT_ID"), ("%FF", "BAD_REQUEST")] {
        let answer = client.get("/products/{id}", &format!("/products/{id}")).await?;
        refused(&answer, code, id)?;
    }
    let right = json!({
        "productId": river.tour, "optionId": "join-in",
        "localDateStart": "2030-01-01", "localDateEnd": "2030-01-02",
    });
    for path in ["/availability", "/availability/calendar"] {
        for (code, field, value) in [
            ("INVALID_PRODUCT_ID", "productId", json!("x")),
            ("INVALID_PRODUCT_ID", "productId", json!(river.tour.replace("prod", "shop"))),
            ("INVALID_OPTION_ID", "optionId", json!("x")),
            ("INVALID_OPTION_ID", "optionId", Value::Null),
            ("BAD_REQUEST", "localDateEnd", Value::Null),
            ("BAD_REQUEST", "localDateEnd", json!("2031-01-01")),
            ("BAD_REQUEST", "localDateEnd", json!("tomorrow")),
            ("BAD_REQUEST", "currency", json!("EUR")),
            ("BAD_REQUEST", "units", json!([{ "id": "student", "quantity": 1 }])),
        ] {
            let wrong = with(&right, field, value);
            refused(&client.post(path, &wrong).await?, code, &wrong.to_string())?;
        }
        let broken = client.ask("post", path, path, "{".to_owned()).await?;
        refused(&broken, "BAD_REQUEST", "half a body")?;
        let large = with(&right, "optionId", json!("a".repeat(70_000)));
        refused(&client.post(path, &large).await?, "BAD_REQUEST", "a large body")?;
    }
    let last = json!({ "productId": river.tour, "optionId": "join-in",
        "availabilityIds": ["9999-12-31T23:00:00Z"] });
    ensure!(client.post("/availability", &last).await? == json!([]), "a boat in the year 10000");
    for search in [
        "",
        "localDate=tomorrow",
        "localDateStart=2030-01-01",
        "resellerReference=%00",
        "resellerReference=a&optionId=%00",
    ] {
        let answer = client.get("/bookings", &format!("/bookings?{search}")).await?;
        refused(&answer, "BAD_REQUEST", search)?;
    }
    Ok(())
}

/// Reservations that are not made.
pub async fn of_reservations(client: &Client, river: &River) -> anyhow::Result<()> {
    let right = river.booking(UUID, &river.far, 1);
    let twice = json!({ "unitId": "adult", "uuid": UNKNOWN });
    for (code, field, value) in [
        ("INVALID_PRODUCT_ID", "productId", json!("x")),
        ("INVALID_OPTION_ID", "optionId", json!("x")),
        ("INVALID_UNIT_ID", "unitItems", json!([{ "unitId": "boat" }])),
        ("INVALID_AVAILABILITY_ID", "availabilityId", json!("x")),
        ("INVALID_AVAILABILITY_ID", "availabilityId", json!(river.other.departure)),
        ("UNPROCESSABLE_ENTITY", "unitItems", json!([])),
        ("UNPROCESSABLE_ENTITY", "unitItems", json!([{ "unitId": "child" }])),
        ("UNPROCESSABLE_ENTITY", "unitItems", json!(vec![json!({ "unitId": "adult" }); 9])),
        ("UNPROCESSABLE_ENTITY", "expirationMinutes", json!(121)),
        ("UNPROCESSABLE_ENTITY", "notes", json!("a\0")),
        ("UNPROCESSABLE_ENTITY", "contact", json!({ "emailAddress": "minh" })),
        ("BAD_REQUEST", "unitItems", json!([twice, twice])),
        ("BAD_REQUEST", "unitItems", json!(1)),
        ("BAD_REQUEST", "uuid", json!("1")),
        ("BAD_REQUEST", "currency", json!("USD")),
    ] {
        let wrong = with(&right, field, value);
        refused(&client.post("/bookings", &wrong).await?, code, &wrong.to_string())?;
    }
    let none = client.booking("get", UUID, "", &Value::Null).await?;
    refused(&none, "INVALID_BOOKING_UUID", "a booking that was refused")
}

/// What cannot be done to a booking, or to none.
pub async fn of_bookings(client: &Client, river: &River) -> anyhow::Result<()> {
    let contact = json!({ "contact": { "fullName": "Lê Minh" } });
    for uuid in [UNKNOWN, "x"] {
        for (method, step) in [
            ("get", ""),
            ("patch", ""),
            ("post", "/confirm"),
            ("post", "/extend"),
            ("post", "/cancel"),
        ] {
            let answer = client.booking(method, uuid, step, &contact).await?;
            refused(&answer, "INVALID_BOOKING_UUID", &format!("{method} {uuid}{step}"))?;
        }
    }
    let unread = client.booking("get", "%FF", "", &Value::Null).await?;
    refused(&unread, "BAD_REQUEST", "an id that is no text")?;

    let right = river.booking(UUID, &river.far, 1);
    client.post("/bookings", &right).await?;
    let reused = with(&right, "notes", json!("khác"));
    let reused = client.post("/bookings", &reused).await?;
    refused(&reused, "UNPROCESSABLE_ENTITY", "another booking under the same UUID")?;
    let before = client.booking("get", UUID, "", &Value::Null).await?;
    ensure!(before["status"] == "ON_HOLD", "{before}");
    // Whatever else happens on the boat meanwhile is not the booking's.
    let before = with(&before, "availability", Value::Null);
    let nine = json!(vec![json!({ "unitId": "adult" }); 9]);
    let stranger = json!([{ "uuid": UNKNOWN, "unitId": "adult" }]);
    for (method, step, code, body) in [
        ("patch", "", "INVALID_PRODUCT_ID", json!({ "productId": "x" })),
        ("patch", "", "INVALID_PRODUCT_ID", json!({ "productId": river.other.product })),
        ("patch", "", "INVALID_OPTION_ID", json!({ "optionId": "x" })),
        ("patch", "", "INVALID_UNIT_ID", json!({ "unitItems": [{ "unitId": "boat" }] })),
        (
            "patch",
            "",
            "INVALID_AVAILABILITY_ID",
            json!({ "availabilityId": river.other.departure }),
        ),
        ("patch", "", "UNPROCESSABLE_ENTITY", json!({ "unitItems": nine })),
        ("patch", "", "UNPROCESSABLE_ENTITY", json!({ "notes": "x", "expirationMinutes": 121 })),
        ("patch", "", "BAD_REQUEST", json!({ "notes": 1 })),
        ("post", "/confirm", "INVALID_UNIT_ID", with(&contact, "unitItems", stranger)),
        ("post", "/confirm", "UNPROCESSABLE_ENTITY", json!({ "contact": {} })),
        ("post", "/confirm", "BAD_REQUEST", json!({})),
        ("post", "/extend", "UNPROCESSABLE_ENTITY", json!({ "expirationMinutes": 121 })),
        ("post", "/extend", "BAD_REQUEST", json!({ "expirationMinutes": "long" })),
        ("post", "/cancel", "UNPROCESSABLE_ENTITY", json!({ "reason": "\0" })),
        ("post", "/cancel", "BAD_REQUEST", json!({ "force": "yes" })),
    ] {
        let answer = client.booking(method, UUID, step, &body).await?;
        refused(&answer, code, &format!("{method} {step} {body}"))?;
    }
    let after = client.booking("get", UUID, "", &Value::Null).await?;
    let after = with(&after, "availability", Value::Null);
    ensure!(after == before, "what was refused changed it: {before} to {after}");

    client.booking("post", UUID, "/cancel", &Value::Null).await?;
    for (method, step) in [("patch", ""), ("post", "/confirm"), ("post", "/extend")] {
        let body = if step == "/extend" { json!({}) } else { contact.clone() };
        let answer = client.booking(method, UUID, step, &body).await?;
        refused(&answer, "UNPROCESSABLE_ENTITY", &format!("{method} {step} of a cancelled one"))?;
    }
    Ok(())
}

/// Whoever has no key, or none that is good, learns nothing; nor is there anything besides OCTO.
pub async fn of_strangers(client: &Client, revoked: &str) -> anyhow::Result<()> {
    let known = super::operations();
    let asked = known.keys().filter(|operation| operation.path != "/capabilities");
    for operation in asked {
        let path = operation.path.replace("{uuid}", UNKNOWN).replace("{id}", "x");
        for (key, code) in
            [("", "UNAUTHORIZED"), ("khong-phai-khoa", "FORBIDDEN"), (revoked, "FORBIDDEN")]
        {
            let stranger = client.with_key(key);
            let body = "{}".to_owned();
            let answer = stranger.ask(&operation.method, &operation.path, &path, body).await?;
            refused(&answer, code, &format!("{} {path}", operation.method))?;
        }
    }
    for (method, path, status) in
        [("get", "/orders", 404), ("get", "/bookings/x/refund", 404), ("delete", "/products", 405)]
    {
        let told = client.ask_beyond(method, path).await.context(path)?;
        ensure!(told == status, "{method} {path} is {told}");
    }
    Ok(())
}
