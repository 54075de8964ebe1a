//! Running one operation: read, bounded, run in time, answered.

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, Response, ServerError, Value};
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use kernel::Locale;

use crate::caller::Caller;
use crate::failure::{Failure, Limit};
use crate::gateway::Inner;
use crate::http::answers::Body;
use crate::limits::{MAX_COMPLEXITY, TIMEOUT, measure};
use crate::nulls;
use crate::recent::Recent;
use crate::scope::Scope;

/// By which way an operation came: what may be run depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `GET`: may be repeated and foretold by anybody, so it changes nothing.
    Get,
    /// `POST`.
    Post,
    /// A stream of answers, asked for in an address: changes nothing, as `GET`.
    StreamByGet,
    /// A stream of answers.
    Stream,
}

/// What was asked: the answer is read beside it.
struct AskedFor {
    document: Arc<ExecutableDocument>,
    operation: Option<String>,
}

/// An answer, and what its HTTP status is by GraphQL over HTTP.
#[derive(Debug)]
pub struct Answer {
    /// The answer.
    pub response: Response,
    /// The answer's body where it is at hand already.
    pub body: Option<Bytes>,
    /// Whether the operation was run: an answer without `data` was not.
    pub executed: bool,
    /// The status where it was not run, and even for clients that read `application/json`.
    pub status: StatusCode,
}

impl Answer {
    /// The answer to what was not run.
    pub fn refused(failure: Failure, locale: Locale) -> Self {
        let status = status_of(&failure);
        let response = Response::from_errors(vec![failure.into_server_error(locale)]);
        Self { response, body: None, executed: false, status }
    }

    fn of(mut response: Response, asked: &AskedFor, gateway: &Inner, locale: Locale) -> Self {
        let executed = was_executed(&response);
        if executed && !response.errors.is_empty() {
            let operation = asked.operation.as_deref();
            nulls::settle(&gateway.schema.shape, &asked.document, operation, &mut response);
        }
        for error in &mut response.errors {
            finish_error(error, executed, locale);
        }
        Self { response, body: None, executed, status: StatusCode::BAD_REQUEST }
    }

    fn at_hand(body: Bytes) -> Self {
        let response = Response::default();
        Self { response, body: Some(body), executed: true, status: StatusCode::BAD_REQUEST }
    }
}

/// Whether an operation was run: what fails before has no place in the answer, and no data.
pub fn was_executed(response: &Response) -> bool {
    response.data != Value::Null
        || response.errors.is_empty()
        || response.errors.iter().any(|error| !error.path.is_empty())
}

/// The status of what was not run (GraphQL over HTTP, 6.4).
const fn status_of(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Unauthenticated => StatusCode::UNAUTHORIZED,
        Failure::Forbidden => StatusCode::FORBIDDEN,
        Failure::WrongTransport(_) => StatusCode::METHOD_NOT_ALLOWED,
        Failure::LimitExceeded { limit: Limit::BodyBytes, .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::LimitExceeded { limit: Limit::Subscriptions, .. } | Failure::Unavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Failure::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Failure::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        Failure::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        Failure::NotFound
        | Failure::BadInput(_)
        | Failure::Unreadable(_)
        | Failure::Invalid
        | Failure::PersistedQueryNotFound
        | Failure::LimitExceeded { .. } => StatusCode::BAD_REQUEST,
    }
}

/// Gives a code to errors of the library: what does not fit the schema. Its words stay; they tell
/// only of the schema and of what the client sent.
fn finish_error(error: &mut ServerError, executed: bool, locale: Locale) {
    let has_code =
        error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
    if has_code {
        return;
    }
    if error.source.is_some() {
        // An error with a cause is none of ours and none of the library's words.
        let failure = Failure::fault("a resolver failed", &error.message);
        let masked = failure.into_server_error(locale);
        error.message = masked.message;
        error.extensions = masked.extensions;
        return;
    }
    let failure = if executed { Failure::BadInput(String::new()) } else { Failure::Invalid };
    error.extensions.get_or_insert_default().set("code", failure.code());
}

/// Runs an operation that gives one answer.
pub async fn execute(gateway: &Arc<Inner>, caller: &Caller, request: Request, way: Way) -> Answer {
    let _turn = match gateway.turns.take().await {
        Ok(turn) => turn,
        Err(failure) => return Answer::refused(failure, caller.locale),
    };
    match tokio::time::timeout(TIMEOUT, run(gateway, caller, request, way)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(failure)) => Answer::refused(failure, caller.locale),
        Err(_) => Answer::refused(Failure::TimedOut, caller.locale),
    }
}

async fn run(
    gateway: &Arc<Inner>,
    caller: &Caller,
    mut request: Request,
    way: Way,
) -> Result<Answer, Failure> {
    let document = gateway.documents.read(&mut request).await?;
    let Some(question) = Recent::question(caller, &request, &document) else {
        let (request, asked) = prepare(gateway, caller, request, document, way)?;
        let response = gateway.schema.schema.execute(request).await;
        gateway.recent.ran(&asked.document);
        return Ok(Answer::of(response, &asked, gateway, caller.locale));
    };
    let (kept, generation) = gateway.recent.find(&question).await;
    if let Some(body) = kept {
        return Ok(Answer::at_hand(body));
    }
    let (request, asked) = prepare(gateway, caller, request, document, way)?;
    let response = gateway.schema.schema.execute(request).await;
    let mut answer = Answer::of(response, &asked, gateway, caller.locale);
    if answer.executed && answer.response.errors.is_empty() {
        let body = Bytes::from(Body::of(&answer.response, true).to_json());
        gateway.recent.keep(question, generation, body.clone()).await;
        answer.body = Some(body);
    }
    Ok(answer)
}

/// Runs an operation that may give many answers. The stream ends with the operation.
pub async fn execute_stream(
    gateway: &Arc<Inner>,
    caller: &Caller,
    request: Request,
    way: Way,
) -> Result<BoxStream<'static, Response>, Answer> {
    let locale = caller.locale;
    let refused = |failure| Answer::refused(failure, locale);
    let place = gateway.places.take(&caller.address).map_err(refused)?;
    let mut request = request;
    let document = gateway.documents.read(&mut request).await.map_err(refused)?;
    let prepared = prepare(gateway, caller, request, document, way);
    let (request, asked) = prepared.map_err(refused)?;
    let responses = if is_subscription(&asked.document, asked.operation.as_deref()) {
        gateway.schema.schema.execute_stream(request).boxed()
    } else {
        let gateway = Arc::clone(gateway);
        stream::once(async move {
            let answer = tokio::time::timeout(TIMEOUT, gateway.schema.schema.execute(request));
            answer.await.unwrap_or_else(|_| Answer::refused(Failure::TimedOut, locale).response)
        })
        .boxed()
    };
    let gateway = Arc::clone(gateway);
    Ok(responses
        .map(move |response| {
            // The place is free again when the stream is dropped.
            let _ = &place;
            Answer::of(response, &asked, &gateway, locale).response
        })
        .boxed())
}

/// Bounds what is asked, and gives it the scope of its request.
fn prepare(
    gateway: &Arc<Inner>,
    caller: &Caller,
    mut request: Request,
    document: Arc<ExecutableDocument>,
    way: Way,
) -> Result<(Request, AskedFor), Failure> {
    let measured = measure(&gateway.schema.shape, &document, &request.variables)?;
    debug_assert!(measured.complexity <= MAX_COMPLEXITY, "refused by then");
    if measured.introspections > 0 && !gateway.settings.introspection {
        return Err(Failure::BadInput("introspection is switched off".to_owned()));
    }
    check_way(&document, request.operation_name.as_deref(), way)?;
    request.set_parsed_query(ExecutableDocument::clone(&document));
    let scope = Scope::new(Arc::clone(gateway), caller);
    let operation = request.operation_name.clone();
    Ok((request.data(Arc::new(scope)), AskedFor { document, operation }))
}

/// Whether the operation that is meant may be run by the way it came. Which operation is meant
/// where that is unclear, the library refuses.
fn check_way(document: &ExecutableDocument, name: Option<&str>, way: Way) -> Result<(), Failure> {
    for kind in meant(document, name) {
        match (kind, way) {
            (OperationType::Mutation, Way::Get | Way::StreamByGet) => {
                return Err(Failure::WrongTransport("mutations are sent by POST"));
            }
            (OperationType::Subscription, Way::Get | Way::Post) => {
                return Err(Failure::WrongTransport(
                    "subscriptions are at /graphql/ws and /graphql/sse",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The kinds of the operations that a name can mean: without a name, of all.
fn meant<'a>(
    document: &'a ExecutableDocument,
    name: Option<&'a str>,
) -> impl Iterator<Item = OperationType> + 'a {
    let operations = document.operations.iter();
    let meant =
        operations.filter(move |(own, _)| name.is_none() || own.map(|own| own.as_str()) == name);
    meant.map(|(_, operation)| operation.node.ty)
}

fn is_subscription(document: &ExecutableDocument, name: Option<&str>) -> bool {
    meant(document, name).any(|kind| kind == OperationType::Subscription)
}
