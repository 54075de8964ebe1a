//! Every endpoint, gone through with success and with every error that the document foresees for it.
//! The client checks each answer; the end of the test checks that nothing was left out.

use std::collections::BTreeSet;

use proto::Refused;
use proto::bookings::{Booking, ConfirmBookingRequest, UpdateBookingRequest};
use proto::common::RefusalCode;
use serde_json::{Value, json};

use crate::support::asking::Client;
use crate::support::market::{Market, departure_id, product_id};
use crate::support::openapi::operations;

const UUID: &str = "559aed3d-6d5b-4fe0-bfca-99f5e7218a56";
const ANOTHER: &str = "3b1bc2ee-3155-4738-9471-f49842a07327";

fn reservation(uuid: &str) -> Value {
    json!({
        "uuid": uuid,
        "productId": product_id(1),
        "optionId": "join-in",
        "availabilityId": departure_id(1, 0),
        "unitItems": [{ "unitId": "adult" }, { "unitId": "child" }],
        "notes": "Ăn chay",
    })
}

fn confirmation() -> Value {
    json!({
        "resellerReference": "R-1",
        "contact": { "fullName": "Nguyễn Văn An", "emailAddress": "an@chonoi.example", "locales": ["vi"] },
        "unitItems": [],
    })
}

fn question(change: impl FnOnce(&mut Value)) -> Value {
    let mut question = json!({
        "productId": product_id(1),
        "optionId": "join-in",
        "localDateStart": "2026-12-01",
        "localDateEnd": "2026-12-05",
    });
    change(&mut question);
    question
}

#[tokio::test]
async fn every_answer_of_every_endpoint_is_what_the_document_promises() {
    let market = Market::new();
    let client = Client::new(market.routes());
    reads(&client).await;
    questions(&client).await;
    reservations(&client).await;
    lives_of_bookings(&client).await;
    refusals_of_orders(&market, &client).await;
    strangers_and_faults(&market, &client).await;

    let mut expected = BTreeSet::new();
    for (operation, errors) in operations() {
        expected.insert((operation.clone(), "200".to_owned()));
        expected.extend(errors.into_iter().map(|code| (operation.clone(), code)));
    }
    let seen = client.seen().lock().unwrap().clone();
    let missing: Vec<_> = expected.difference(&seen).collect();
    assert!(expected.len() > 60, "{} answers are foreseen", expected.len());
    assert!(missing.is_empty(), "never answered: {missing:#?}");
}

async fn reads(client: &Client) {
    for capabilities in ["", "octo/pricing", "octo/content", "octo/pricing,octo/content"] {
        let client = client.with_capabilities(capabilities);
        client.get("/capabilities", "/capabilities").await;
        client.get("/supplier", "/supplier").await;
        assert_eq!(client.get("/products", "/products").await.json.as_array().unwrap().len(), 2);
        client.get("/products/{id}", &format!("/products/{}", product_id(1))).await;
        let days = question(|_| {});
        let units =
            question(|question| question["units"] = json!([{ "id": "adult", "quantity": 2 }]));
        for question in [days, units] {
            let found = client.post("/availability", "/availability", &question).await;
            assert_eq!(found.json.as_array().unwrap().len(), 5);
            let found =
                client.post("/availability/calendar", "/availability/calendar", &question).await;
            assert_eq!(found.json.as_array().unwrap().len(), 5);
        }
    }
    let unknown = client.get("/products/{id}", "/products/tour-1").await;
    assert_eq!(
        (unknown.error(), &unknown.json["productId"]),
        ("INVALID_PRODUCT_ID", &json!("tour-1"))
    );
}

async fn questions(client: &Client) {
    for path in ["/availability", "/availability/calendar"] {
        for (code, question) in [
            ("INVALID_PRODUCT_ID", question(|question| question["productId"] = json!("x"))),
            (
                "INVALID_PRODUCT_ID",
                question(|question| drop(question.as_object_mut().unwrap().remove("productId"))),
            ),
            (
                "INVALID_PRODUCT_ID",
                question(|question| question["productId"] = json!(product_id(3))),
            ),
            (
                "INVALID_PRODUCT_ID",
                question(|question| question["productId"] = json!(product_id(4))),
            ),
            (
                "INVALID_PRODUCT_ID",
                question(|question| question["productId"] = json!(product_id(5))),
            ),
            ("INVALID_OPTION_ID", question(|question| question["optionId"] = json!("x"))),
            (
                "INVALID_OPTION_ID",
                question(|question| drop(question.as_object_mut().unwrap().remove("optionId"))),
            ),
            ("BAD_REQUEST", question(|question| question["localDateEnd"] = Value::Null)),
            ("BAD_REQUEST", question(|question| question["localDateEnd"] = json!("2026-11-01"))),
            ("BAD_REQUEST", question(|question| question["localDateEnd"] = json!("2027-03-11"))),
            ("BAD_REQUEST", question(|question| question["localDateEnd"] = json!("tomorrow"))),
            ("BAD_REQUEST", question(|question| question["localDateEnd"] = json!(5))),
            ("BAD_REQUEST", question(|question| question["currency"] = json!("EUR"))),
            (
                "BAD_REQUEST",
                question(|question| {
                    question["units"] = json!([{ "id": "student", "quantity": 1 }])
                }),
            ),
            (
                "BAD_REQUEST",
                question(|question| question["units"] = json!([{ "id": "adult", "quantity": -1 }])),
            ),
            ("BAD_REQUEST", json!([])),
            ("BAD_REQUEST", json!({ "productId": product_id(1), "optionId": "join-in" })),
        ] {
            assert_eq!(client.post(path, path, &question).await.error(), code, "{question}");
        }
        let broken = client.ask("post", path, path, Some("{".to_owned())).await;
        assert_eq!(broken.error(), "BAD_REQUEST");
    }
    let last = question(|question| {
        *question = json!({ "productId": product_id(1), "optionId": "join-in",
            "availabilityIds": ["9999-12-31T23:00:00Z"] });
    });
    let none = client.post("/availability", "/availability", &last).await;
    assert_eq!(none.json, json!([]), "the year 10000 has no departures");
    let many = question(|question| question["availabilityIds"] = json!(vec!["dep_x"; 101]));
    assert_eq!(client.post("/availability", "/availability", &many).await.error(), "BAD_REQUEST");
}

async fn reservations(client: &Client) {
    let reserve = async |body: &Value| client.post("/bookings", "/bookings", body).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = reservation(ANOTHER);
        change(&mut body);
        body
    };
    for (code, field, value, body) in [
        ("INVALID_PRODUCT_ID", "productId", "x", with(&|body| body["productId"] = json!("x"))),
        ("INVALID_OPTION_ID", "optionId", "x", with(&|body| body["optionId"] = json!("x"))),
        (
            "INVALID_UNIT_ID",
            "unitId",
            "boat",
            with(&|body| body["unitItems"][1]["unitId"] = json!("boat")),
        ),
        ("INVALID_UNIT_ID", "unitId", "", with(&|body| body["unitItems"][1] = json!({}))),
        (
            "INVALID_AVAILABILITY_ID",
            "availabilityId",
            "x",
            with(&|body| body["availabilityId"] = json!("x")),
        ),
        (
            "INVALID_AVAILABILITY_ID",
            "availabilityId",
            "",
            with(&|body| drop(body.as_object_mut().unwrap().remove("availabilityId"))),
        ),
    ] {
        let asked = reserve(&body).await;
        assert_eq!((asked.error(), &asked.json[field]), (code, &json!(value)));
    }
    let other_tour = with(&|body| body["availabilityId"] = json!(departure_id(2, 0)));
    assert_eq!(reserve(&other_tour).await.error(), "INVALID_AVAILABILITY_ID");
    for (code, body) in [
        ("UNPROCESSABLE_ENTITY", with(&|body| body["unitItems"] = json!([]))),
        (
            "UNPROCESSABLE_ENTITY",
            with(&|body| body["unitItems"] = json!(vec![json!({ "unitId": "adult" }); 13])),
        ),
        (
            "UNPROCESSABLE_ENTITY",
            with(&|body| body["unitItems"] = json!(vec![json!({ "unitId": "adult" }); 101])),
        ),
        ("UNPROCESSABLE_ENTITY", with(&|body| body["expirationMinutes"] = json!(-5))),
        ("UNPROCESSABLE_ENTITY", with(&|body| body["contact"] = json!({ "emailAddress": "an" }))),
        ("UNPROCESSABLE_ENTITY", with(&|body| body["notes"] = json!("a\0"))),
        ("UNPROCESSABLE_ENTITY", with(&|body| body["resellerReference"] = json!("\0"))),
        ("BAD_REQUEST", with(&|body| body["uuid"] = json!("1"))),
        (
            "BAD_REQUEST",
            with(&|body| {
                body["unitItems"] = json!(vec![json!({ "uuid": UUID, "unitId": "adult" }); 2])
            }),
        ),
        ("BAD_REQUEST", with(&|body| body["unitItems"] = json!(1))),
        ("BAD_REQUEST", with(&|body| body["currency"] = json!("USD"))),
    ] {
        assert_eq!(reserve(&body).await.error(), code, "{body}");
    }
    let none = client.get("/bookings/{uuid}", &format!("/bookings/{ANOTHER}")).await;
    assert_eq!(none.error(), "INVALID_BOOKING_UUID", "what was refused is not there");
}

async fn lives_of_bookings(client: &Client) {
    for (number, capabilities) in
        ["", "octo/pricing", "octo/content, octo/pricing"].iter().enumerate()
    {
        let client = client.with_capabilities(capabilities);
        let uuid = format!("00000000-0000-4000-8000-00000000000{number}");
        let at = |rest: &str| format!("/bookings/{uuid}{rest}");
        let held = client.post("/bookings", "/bookings", &reservation(&uuid)).await;
        assert_eq!(held.json["status"], "ON_HOLD");
        let longer = json!({ "expirationMinutes": 60 });
        client.post("/bookings/{uuid}/extend", &at("/extend"), &longer).await;
        let changed = json!({ "notes": null, "resellerReference": "R-0", "availabilityId": departure_id(1, 1) });
        let changed = client.patch("/bookings/{uuid}", &at(""), &changed).await;
        assert_eq!(changed.json["availabilityId"], departure_id(1, 1));
        let sold = client.post("/bookings/{uuid}/confirm", &at("/confirm"), &confirmation()).await;
        assert_eq!(sold.json["status"], "CONFIRMED");
        client.get("/bookings/{uuid}", &at("")).await;
        let found = client.get("/bookings", "/bookings?resellerReference=R-1").await;
        assert_eq!(found.json.as_array().unwrap().len(), number + 1);
        let gone = client
            .post("/bookings/{uuid}/cancel", &at("/cancel"), &json!({ "reason": "Mưa" }))
            .await;
        assert_eq!(gone.json["status"], "CANCELLED");
        let again = client.post("/bookings/{uuid}/extend", &at("/extend"), &longer).await;
        assert_eq!(again.error(), "UNPROCESSABLE_ENTITY");
        let again = client.post("/bookings/{uuid}/confirm", &at("/confirm"), &confirmation()).await;
        assert_eq!(again.error(), "UNPROCESSABLE_ENTITY");
        let moved = json!({ "availabilityId": departure_id(1, 2) });
        assert_eq!(
            client.patch("/bookings/{uuid}", &at(""), &moved).await.error(),
            "UNPROCESSABLE_ENTITY"
        );
    }
    for uuid in [UUID, "x"] {
        let at = |rest: &str| format!("/bookings/{uuid}{rest}");
        let answers = [
            client.get("/bookings/{uuid}", &at("")).await,
            client.patch("/bookings/{uuid}", &at(""), &json!({})).await,
            client.post("/bookings/{uuid}/confirm", &at("/confirm"), &confirmation()).await,
            client.post("/bookings/{uuid}/extend", &at("/extend"), &json!({})).await,
            client.post("/bookings/{uuid}/cancel", &at("/cancel"), &json!({})).await,
        ];
        for answer in answers {
            assert_eq!(
                (answer.error(), &answer.json["uuid"]),
                ("INVALID_BOOKING_UUID", &json!(uuid))
            );
        }
    }
    let long = "a".repeat(101);
    for search in [
        String::new(),
        format!("resellerReference={long}"),
        "supplierReference=%00".to_owned(),
        "resellerReference=a&optionId=%00".to_owned(),
        "localDate=tomorrow".to_owned(),
        "localDateStart=2026-12-01&localDateEnd=2026-12-02&localDate=tomorrow".to_owned(),
        "resellerReference=a&resellerReference=b".to_owned(),
    ] {
        let refused = client.get("/bookings", &format!("/bookings?{search}")).await;
        assert_eq!(refused.error(), "BAD_REQUEST", "{search}");
    }
}

/// What only the service knows: it may refuse by every id.
async fn refusals_of_orders(market: &Market, client: &Client) {
    client.post("/bookings", "/bookings", &reservation(UUID)).await;
    let at = |rest: &str| format!("/bookings/{UUID}{rest}");
    for (path, code) in [
        ("productId", "INVALID_PRODUCT_ID"),
        ("optionCode", "INVALID_OPTION_ID"),
        ("departureId", "INVALID_AVAILABILITY_ID"),
        ("units", "INVALID_UNIT_ID"),
    ] {
        let refused = || Refused::new(RefusalCode::NotFound).at(&[path]);
        market
            .orders
            .on("confirm_booking", move |_: ConfirmBookingRequest| -> Result<Booking, _> {
                Err(refused().into())
            });
        market.orders.on("update_booking", move |_: UpdateBookingRequest| -> Result<Booking, _> {
            Err(refused().into())
        });
        let confirmed =
            client.post("/bookings/{uuid}/confirm", &at("/confirm"), &confirmation()).await;
        assert_eq!(confirmed.error(), code);
        let changed = client.patch("/bookings/{uuid}", &at(""), &json!({ "notes": "x" })).await;
        assert_eq!(changed.error(), code);
    }
    let expired = json!({ "reason": "x" });
    market.orders.on(
        "cancel_booking",
        |_: proto::bookings::CancelBookingRequest| -> Result<Booking, _> {
            Err(Refused::new(RefusalCode::TicketNotCancellable).fact("status", "REDEEMED").into())
        },
    );
    let refused = client.post("/bookings/{uuid}/cancel", &at("/cancel"), &expired).await;
    assert_eq!(refused.error(), "UNPROCESSABLE_ENTITY");
}

/// Everything that only a reseller may ask, with what makes it fail on our side.
async fn strangers_and_faults(market: &Market, client: &Client) {
    let uuid = format!("/bookings/{UUID}");
    let product = format!("/products/{}", product_id(1));
    let (confirm, extend, cancel) =
        (format!("{uuid}/confirm"), format!("{uuid}/extend"), format!("{uuid}/cancel"));
    let asks: [(&str, &str, &str, Option<Value>); 12] = [
        ("get", "/supplier", "/supplier", None),
        ("get", "/products", "/products", None),
        ("get", "/products/{id}", &product, None),
        ("post", "/availability", "/availability", Some(question(|_| {}))),
        ("post", "/availability/calendar", "/availability/calendar", Some(question(|_| {}))),
        ("post", "/bookings", "/bookings", Some(reservation(ANOTHER))),
        ("get", "/bookings", "/bookings?supplierReference=CN", None),
        ("get", "/bookings/{uuid}", &uuid, None),
        ("patch", "/bookings/{uuid}", &uuid, Some(json!({}))),
        ("post", "/bookings/{uuid}/confirm", &confirm, Some(confirmation())),
        ("post", "/bookings/{uuid}/extend", &extend, Some(json!({}))),
        ("post", "/bookings/{uuid}/cancel", &cancel, Some(json!({}))),
    ];
    assert_eq!(asks.len(), operations().len() - 1, "all but the list of capabilities");
    for (method, template, path, body) in asks {
        let body = body.map(|body| body.to_string());
        for (key, code) in
            [("", "UNAUTHORIZED"), ("unknown", "FORBIDDEN"), ("revoked", "FORBIDDEN")]
        {
            let stranger = client.with_key(key);
            assert_eq!(stranger.ask(method, template, path, body.clone()).await.error(), code);
        }
        market.orders.break_call(Some("authenticate_reseller"));
        let answer = client.ask(method, template, path, body).await;
        assert_eq!(answer.error(), "INTERNAL_SERVER_ERROR", "{method} {path}");
        market.orders.break_call(None);
    }
}
