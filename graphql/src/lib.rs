//! The gateway: the one public API of the market, GraphQL over HTTP, WebSocket and server-sent
//! events.
//!
//! It asks the services, joins what they answer, checks who may see what, and bounds what a client
//! may ask. It holds no rule of the business and no database.

// The futures of merged objects lie in each other, one for each operation.
#![recursion_limit = "256"]

mod access;
mod caller;
mod documents;
mod execution;
mod failure;
mod figures;
mod gateway;
mod http;
mod limits;
mod loading;
mod messages;
mod mutations;
mod nulls;
mod paging;
mod personal_data;
mod photos;
mod places;
mod queries;
mod recent;
mod reference;
mod schema;
mod scope;
mod sitemap;
mod subscriptions;
mod turns;
mod types;

pub use gateway::{Gateway, GatewayParts, GatewaySettings};
pub use limits::{
    MAX_ALIASES, MAX_BATCH, MAX_BODY_BYTES, MAX_COMPLEXITY, MAX_DEPTH, MAX_DIRECTIVES, MAX_TOKENS,
    MAX_UPLOAD_BYTES,
};
pub use schema::sdl;
