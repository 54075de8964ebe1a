//! `/graphql/ws`: graphql-transport-ws.
//!
//! Every operation of a socket is counted, bounded and gets a scope of its own, as if it had come alone. The
//! session is looked up for each: who has signed out starts nothing more.

use std::any::TypeId;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::http::{WebSocket as GraphqlSocket, WebSocketProtocols, WsMessage};
use async_graphql::{Data, Executor, Request, Response as GraphqlResponse};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::BoxStream;
use futures_util::{SinkExt, StreamExt, stream};
use kernel::Locale;
use platform::server::HeldConnection;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::rate;
use crate::caller::{Caller, bearer};
use crate::execution::{Answer, Way, execute, execute_stream};
use crate::failure::{Failure, Limit};
use crate::gateway::Inner;
use crate::limits::{MAX_BODY_BYTES, MAX_SUBSCRIPTIONS_OF_SOCKET};

/// The only protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to begin.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the client is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// Questions without an answer until the client counts as gone.
const MAX_UNANSWERED: u32 = 2;
/// Messages that wait to be worked on; more wait in the socket.
const QUEUE: usize = 16;
/// Close code of graphql-transport-ws: `ConnectionInit` did not come in time.
const INIT_TOO_LATE: u16 = 4408;
/// Close code of RFC 6455, 7.4.1: the other end is gone, or this one goes.
const GONE: u16 = 1001;

/// `GET /graphql/ws`
pub async fn handle(
    State(gateway): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    connection: Option<Extension<HeldConnection>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    if !offered.is_some_and(|list| list.split(',').any(|name| name.trim() == PROTOCOL)) {
        return (StatusCode::BAD_REQUEST, "the subprotocol is graphql-transport-ws")
            .into_response();
    }
    let open = Arc::new(AtomicUsize::new(0));
    let executor = SocketExecutor { gateway, caller, open };
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(MAX_BODY_BYTES)
        .max_frame_size(MAX_BODY_BYTES)
        .on_upgrade(move |socket| serve(socket, executor, connection.map(|held| held.0)))
}

/// Carries messages between the socket and the protocol until one of them ends.
async fn serve(socket: WebSocket, executor: SocketExecutor, connection: Option<HeldConnection>) {
    let (mut to_client, mut from_client) = socket.split();
    let (sender, received) = mpsc::channel::<Bytes>(QUEUE);
    let protocol =
        GraphqlSocket::new(executor, ReceiverStream::new(received), WebSocketProtocols::GraphQLWS)
            .connection_data(Data::default())
            .on_connection_init(introduce);
    let mut answers = pin!(protocol);
    let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
    let mut begin_by = pin!(tokio::time::sleep(INIT_TIMEOUT));
    let mut stopping = pin!(async {
        match &connection {
            Some(held) => held.stopping().await,
            None => std::future::pending().await,
        }
    });
    let (mut begun, mut unanswered) = (false, 0);
    loop {
        let message = tokio::select! {
            // Clients connect again, to another process or to the next of this one.
            () = &mut stopping => closed(GONE, "the server stops".to_owned()),
            answer = answers.next() => match answer {
                Some(WsMessage::Text(text)) => Message::Text(text.into()),
                Some(WsMessage::Close(code, reason)) => closed(code, reason),
                None => return,
            },
            // A client that is quicker than its operations waits.
            incoming = from_client.next(), if sender.capacity() > 0 => {
                unanswered = 0;
                match incoming {
                    Some(Ok(Message::Text(text))) => {
                        begun = true;
                        // There is a place: this was looked at before.
                        let _ = sender.try_send(Bytes::from(text));
                        continue;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return,
                }
            }
            _ = ping.tick() => {
                unanswered += 1;
                if unanswered > MAX_UNANSWERED {
                    closed(GONE, "no answer".to_owned())
                } else {
                    Message::Ping(Bytes::new())
                }
            }
            () = &mut begin_by, if !begun => {
                closed(INIT_TOO_LATE, "Connection initialisation timeout".to_owned())
            }
        };
        let last = matches!(message, Message::Close(_));
        if to_client.send(message).await.is_err() || last {
            return;
        }
    }
}

fn closed(code: u16, reason: String) -> Message {
    Message::Close(Some(CloseFrame { code, reason: reason.into() }))
}

/// What the client says of itself in `ConnectionInit`: the headers that browsers cannot send.
async fn introduce(payload: Value) -> async_graphql::Result<Data> {
    let text = |wanted: &str| {
        let fields = payload.as_object()?;
        let (_, value) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        value.as_str()
    };
    let mut data = Data::default();
    data.insert(Introduced {
        token: text("authorization").and_then(bearer),
        locale: text("accept-language").map(Locale::from_accept_language),
    });
    Ok(data)
}

/// What the client said of itself.
struct Introduced {
    token: Option<String>,
    locale: Option<Locale>,
}

/// Runs the operations of one socket.
#[derive(Clone)]
struct SocketExecutor {
    gateway: Arc<Inner>,
    caller: Caller,
    /// Operations of this socket that are open.
    open: Arc<AtomicUsize>,
}

impl SocketExecutor {
    /// The caller, as the headers and the introduction say together.
    fn caller(&self, data: Option<&Data>) -> Caller {
        let introduced = data
            .and_then(|data| data.get(&TypeId::of::<Introduced>()))
            .and_then(|introduced| introduced.downcast_ref::<Introduced>());
        let mut caller = self.caller.clone();
        if let Some(introduced) = introduced {
            caller.token = introduced.token.clone().or(caller.token);
            caller.locale = introduced.locale.unwrap_or(caller.locale);
        }
        caller
    }
}

impl Executor for SocketExecutor {
    async fn execute(&self, request: Request) -> GraphqlResponse {
        if let Err(failure) = rate::count(&self.gateway, &self.caller).await {
            return Answer::refused(failure, self.caller.locale).response;
        }
        execute(&self.gateway, &self.caller, request, Way::Post).await.response
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, GraphqlResponse> {
        let caller = self.caller(session_data.as_deref());
        let Some(place) = Place::take(&self.open) else {
            let (limit, allowed) = (Limit::Subscriptions, MAX_SUBSCRIPTIONS_OF_SOCKET);
            let failure = Failure::LimitExceeded { limit, allowed, found: allowed + 1 };
            let answer = Answer::refused(failure, caller.locale).response;
            return stream::once(async { answer }).boxed();
        };
        let gateway = Arc::clone(&self.gateway);
        let begun = async move {
            if let Err(failure) = rate::count(&gateway, &caller).await {
                let answer = Answer::refused(failure, caller.locale).response;
                return stream::once(async { answer }).boxed();
            }
            match execute_stream(&gateway, &caller, request, Way::Stream).await {
                Ok(responses) => responses,
                Err(answer) => stream::once(async { answer.response }).boxed(),
            }
        };
        let responses = stream::once(begun).flatten();
        responses
            .map(move |response| {
                // The place is free again when the stream is dropped.
                let _ = &place;
                response
            })
            .boxed()
    }
}

/// A place for one operation of a socket.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(open: &Arc<AtomicUsize>) -> Option<Self> {
        // Counted first, so that two at once cannot both take the last place.
        let place = Self(Arc::clone(open));
        (open.fetch_add(1, Ordering::SeqCst) < MAX_SUBSCRIPTIONS_OF_SOCKET).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
