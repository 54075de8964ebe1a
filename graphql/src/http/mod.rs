//! The doors: GraphQL over HTTP, WebSocket and server-sent events.
//!
//! Source: GraphQL over HTTP (working draft), graphql-transport-ws and graphql-sse (their PROTOCOL.md),
//! GraphQL multipart request specification.

pub mod answers;
mod body;
mod get;
mod negotiation;
mod origin;
mod post;
pub mod rate;
mod sse;
mod websocket;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::gateway::Inner;

/// The routes of the API, with the bounds per address around them.
pub fn routes(gateway: Arc<Inner>) -> Router {
    Router::new()
        .route("/graphql", get(get::handle).post(post::handle))
        .route("/graphql/sse", get(sse::by_get).post(sse::by_post))
        .route("/graphql/ws", get(websocket::handle))
        .layer(from_fn_with_state(Arc::clone(&gateway), rate::limit))
        .layer(from_fn_with_state(Arc::clone(&gateway), origin::own_only))
        .with_state(gateway)
}
