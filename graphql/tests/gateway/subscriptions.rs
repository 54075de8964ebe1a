//! `checkoutChanged` by server-sent events and by WebSocket.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_util::{SinkExt, StreamExt};
use proto::events::event::Body as EventBody;
use proto::events::{CheckoutChanged, Event, PaymentCameInPart};
use proto::orders::{Checkout, CheckoutStatus, GetCheckoutRequest};
use proto::payments::{GetPaymentsRequest, Payment, PaymentList, PaymentStatus};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tonic::Status;
use tower::ServiceExt;

use crate::support::{Asked, Market, payment_id, vnd};

const QUERY: &str = "subscription($token: String) { checkoutChanged(id: \"chk_1\", token: $token) { status payment { status } } }";
/// Nothing of these tests takes long; a test that hangs ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// A market with one checkout, whose status the test changes.
struct Selling {
    market: Market,
    status: Arc<Mutex<CheckoutStatus>>,
}

impl Selling {
    fn new() -> Self {
        let market = Market::new();
        let status = Arc::new(Mutex::new(CheckoutStatus::AwaitingPayment));
        let now = Arc::clone(&status);
        market.orders.on("get_checkout", move |request: GetCheckoutRequest| {
            if request.token != "secret" || request.checkout_id != "chk_1" {
                return Err(Status::not_found("no such checkout"));
            }
            let status = (*now.lock().unwrap()).into();
            Ok(Checkout {
                id: request.checkout_id,
                status,
                payment_id: payment_id(1),
                total: Some(vnd(1)),
                ..Checkout::default()
            })
        });
        let now = Arc::clone(&status);
        market.payments.on("get_payments", move |request: GetPaymentsRequest| {
            let paid = *now.lock().unwrap() == CheckoutStatus::Paid;
            let status = if paid { PaymentStatus::Succeeded } else { PaymentStatus::Pending };
            let payment = |id| Payment { id, status: status.into(), ..Payment::default() };
            Ok(PaymentList { payments: request.ids.into_iter().map(payment).collect() })
        });
        Self { market, status }
    }

    fn tell(&self, checkout_id: &str) {
        let changed = CheckoutChanged { checkout_id: checkout_id.to_owned(), status: 0 };
        let event = Event { body: Some(EventBody::CheckoutChanged(changed)), ..Event::default() };
        self.market.events.send(event).unwrap();
    }

    fn change(&self, status: CheckoutStatus) {
        *self.status.lock().unwrap() = status;
        self.tell("chk_1");
    }
}

fn sse(query: &str, token: &str) -> Request<Body> {
    let body = json!({ "query": query, "variables": { "token": token } }).to_string();
    Request::post("/graphql/sse")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .body(Body::from(body))
        .unwrap()
}

/// The next event of a stream: its name and data.
async fn event(stream: &mut BodyDataStream, buffer: &mut String) -> Option<(String, String)> {
    tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(end) = buffer.find("\n\n") {
                let text: String = buffer.drain(..end + 2).collect();
                let field = |name: &str| {
                    let value = text.lines().find_map(|line| line.strip_prefix(name));
                    value.map(|value| value.trim_start().to_owned())
                };
                if let Some(name) = field("event:") {
                    return Some((name, field("data:").unwrap_or_default()));
                }
                continue;
            }
            let chunk = stream.next().await?.unwrap();
            buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    })
    .await
    .unwrap()
}

fn changed(checkout: &str, payment: &str) -> Value {
    json!({ "data": { "checkoutChanged": { "status": checkout, "payment": { "status": payment } } } })
}

#[tokio::test]
async fn a_checkout_is_told_as_it_is_then_as_it_changes_until_it_is_final() {
    let selling = Selling::new();
    let response = selling.market.routes().oneshot(sse(QUERY, "secret")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let (mut stream, mut buffer) = (response.into_body().into_data_stream(), String::new());
    let (name, data) = event(&mut stream, &mut buffer).await.unwrap();
    assert_eq!(
        (name.as_str(), data.parse::<Value>().unwrap()),
        ("next", changed("AWAITING_PAYMENT", "PENDING"))
    );
    // What is about others, or changes nothing, is not told.
    selling.tell("chk_2");
    selling.tell("chk_1");
    selling.change(CheckoutStatus::Paid);
    let (name, data) = event(&mut stream, &mut buffer).await.unwrap();
    assert_eq!(
        (name.as_str(), data.parse::<Value>().unwrap()),
        ("next", changed("PAID", "SUCCEEDED"))
    );
    assert_eq!(event(&mut stream, &mut buffer).await.unwrap().0, "complete");
    assert_eq!(event(&mut stream, &mut buffer).await, None);
}

#[tokio::test]
async fn that_some_of_the_money_came_is_told_although_the_status_is_the_same() {
    let selling = Selling::new();
    let response = selling.market.routes().oneshot(sse(QUERY, "secret")).await.unwrap();
    let (mut stream, mut buffer) = (response.into_body().into_data_stream(), String::new());
    event(&mut stream, &mut buffer).await.unwrap();
    for checkout_id in ["chk_2", "chk_1"] {
        let came =
            PaymentCameInPart { payment_id: payment_id(1), checkout_id: checkout_id.to_owned() };
        let body = Some(EventBody::PaymentCameInPart(came));
        selling.market.events.send(Event { body, ..Event::default() }).unwrap();
    }
    let (_, data) = event(&mut stream, &mut buffer).await.unwrap();
    assert_eq!(data.parse::<Value>().unwrap(), changed("AWAITING_PAYMENT", "PENDING"));
    // Told once: the next is the payment.
    selling.change(CheckoutStatus::Paid);
    let (_, data) = event(&mut stream, &mut buffer).await.unwrap();
    assert_eq!(data.parse::<Value>().unwrap(), changed("PAID", "SUCCEEDED"));
}

#[tokio::test]
async fn events_that_were_missed_are_made_up_for_by_looking() {
    let selling = Selling::new();
    let response = selling.market.routes().oneshot(sse(QUERY, "secret")).await.unwrap();
    let (mut stream, mut buffer) = (response.into_body().into_data_stream(), String::new());
    event(&mut stream, &mut buffer).await.unwrap();
    *selling.status.lock().unwrap() = CheckoutStatus::Expired;
    // More than the channel holds, and none about this checkout.
    for _ in 0..40 {
        selling.tell("chk_2");
    }
    let (_, data) = event(&mut stream, &mut buffer).await.unwrap();
    assert_eq!(data.parse::<Value>().unwrap(), changed("EXPIRED", "PENDING"));
}

#[tokio::test]
async fn a_stream_that_cannot_begin_says_why() {
    let selling = Selling::new();
    let routes = selling.market.routes();
    let asked = Asked::of(&routes, sse("subscription { nothing }", "")).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.text.starts_with("event: next\ndata: {\"errors\"")
            && asked.text.contains("event: complete"),
        "{}",
        asked.text
    );
    let asked = Asked::of(&routes, sse(QUERY, "guessed")).await;
    assert!(asked.text.contains("NOT_FOUND"), "{}", asked.text);
    let asked = Asked::of(&routes, sse("subscription {", "")).await;
    assert_eq!(
        (asked.status, asked.code()),
        (StatusCode::BAD_REQUEST, "GRAPHQL_PARSE_FAILED".to_owned())
    );
    let mut wrong = sse(QUERY, "secret");
    wrong.headers_mut().insert(header::ACCEPT, "application/json".parse().unwrap());
    assert_eq!(Asked::of(&routes, wrong).await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_stream_may_be_asked_for_by_get() {
    let selling = Selling::new();
    *selling.status.lock().unwrap() = CheckoutStatus::Paid;
    let query = "subscription%7BcheckoutChanged(id:%22chk_1%22,token:%22secret%22)%7Bstatus%7D%7D";
    let request = Request::get(format!("/graphql/sse?query={query}"))
        .header(header::ACCEPT, "text/event-stream");
    let asked = Asked::of(&selling.market.routes(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        asked.text.trim_end(),
        "event: next\ndata: {\"data\":{\"checkoutChanged\":{\"status\":\"PAID\"}}}\n\nevent: complete\ndata:"
    );
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn serve(market: &Market) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = market.routes();
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("ws://{address}/graphql/ws")
}

async fn connect(url: &str, origin: &str) -> Result<Socket, StatusCode> {
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    headers.insert("origin", origin.parse().unwrap());
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, response)) => {
            assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
            Ok(socket)
        }
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status()),
        Err(other) => panic!("{other}"),
    }
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Value {
    loop {
        let message =
            tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        match message {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(frame) => return json!({ "closed": u16::from(frame.unwrap().code) }),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_websocket_speaks_graphql_transport_ws() {
    let selling = Selling::new();
    let url = serve(&selling.market).await;
    let mut socket = connect(&url, "https://chonoi.example").await.unwrap();
    say(&mut socket, json!({ "type": "connection_init", "payload": { "Authorization": "Bearer a", "Accept-Language": "en" } })).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    say(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut socket).await["type"], "pong");
    let payload = json!({ "query": QUERY, "variables": { "token": "secret" } });
    say(&mut socket, json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
    let next = |payload: Value| json!({ "id": "1", "type": "next", "payload": payload });
    assert_eq!(hear(&mut socket).await, next(changed("AWAITING_PAYMENT", "PENDING")));
    // The introduction opened a session, and set the language, for every operation of the socket.
    let payload = json!({ "query": "{ me { name } categories { name } }" });
    say(&mut socket, json!({ "id": "2", "type": "subscribe", "payload": payload })).await;
    let answer = hear(&mut socket).await;
    assert_eq!(
        answer["payload"]["data"],
        json!({ "me": { "name": "a" }, "categories": [{ "name": "Fruit" }, { "name": "Cakes" }] })
    );
    assert_eq!(hear(&mut socket).await, json!({ "id": "2", "type": "complete" }));
    selling.change(CheckoutStatus::Paid);
    assert_eq!(hear(&mut socket).await, next(changed("PAID", "SUCCEEDED")));
    assert_eq!(hear(&mut socket).await, json!({ "id": "1", "type": "complete" }));
}

#[tokio::test]
async fn a_websocket_is_bounded_like_everything_else() {
    let selling = Selling::new();
    let url = serve(&selling.market).await;
    let mut socket = connect(&url, "https://chonoi.example").await.unwrap();
    say(&mut socket, json!({ "type": "connection_init" })).await;
    hear(&mut socket).await;
    let aliases: String = (0..31).map(|number| format!("a{number}: me {{ id }} ")).collect();
    say(&mut socket, json!({ "id": "0", "type": "subscribe", "payload": { "query": format!("{{ {aliases} }}") } })).await;
    let refused = hear(&mut socket).await.to_string();
    assert!(refused.contains("LIMIT_EXCEEDED") && refused.contains("aliases"), "{refused}");
    hear(&mut socket).await;
    for number in 1..=21 {
        let payload = json!({ "query": QUERY, "variables": { "token": "secret" } });
        say(
            &mut socket,
            json!({ "id": number.to_string(), "type": "subscribe", "payload": payload }),
        )
        .await;
    }
    let mut heard = Vec::new();
    while heard.len() < 21 {
        let message = hear(&mut socket).await;
        if message["type"] != "complete" {
            heard.push(message);
        }
    }
    let refused =
        heard.iter().filter(|message| message.to_string().contains("\"subscriptions\"")).count();
    assert_eq!(refused, 1, "{heard:?}");
}

#[tokio::test]
async fn each_operation_of_a_websocket_counts_as_a_request() {
    let mut market = Market::new();
    market.settings.requests_per_minute = 4;
    let url = serve(&market).await;
    // Opening it is the first.
    let mut socket = connect(&url, "https://chonoi.example").await.unwrap();
    say(&mut socket, json!({ "type": "connection_init" })).await;
    hear(&mut socket).await;
    for number in 0..5 {
        let payload = json!({ "query": "{ __typename }" });
        say(
            &mut socket,
            json!({ "id": number.to_string(), "type": "subscribe", "payload": payload }),
        )
        .await;
        let answer = hear(&mut socket).await.to_string();
        assert_eq!(answer.contains("RATE_LIMITED"), number >= 3, "{number}: {answer}");
        assert_eq!(hear(&mut socket).await["type"], "complete");
    }
}

#[tokio::test]
async fn another_page_and_another_protocol_get_no_websocket() {
    let market = Market::new();
    let url = serve(&market).await;
    assert_eq!(connect(&url, "https://evil.example").await.err(), Some(StatusCode::FORBIDDEN));
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-ws".parse().unwrap());
    assert!(tokio_tungstenite::connect_async(request).await.is_err());
}

#[tokio::test]
async fn who_asks_before_the_introduction_is_sent_away() {
    let market = Market::new();
    let url = serve(&market).await;
    let mut socket = connect(&url, "https://chonoi.example").await.unwrap();
    say(
        &mut socket,
        json!({ "id": "1", "type": "subscribe", "payload": { "query": "{ me { id } }" } }),
    )
    .await;
    assert!(hear(&mut socket).await["closed"].is_number());
}
