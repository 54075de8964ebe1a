//! The schema as a whole, and its text.

use async_graphql::{SDLExportOptions, Schema};

use crate::limits::Shape;
use crate::mutations::Mutation;
use crate::queries::Query;
use crate::subscriptions::Subscription;

/// The schema of the market.
pub struct MarketSchema {
    /// Runs operations.
    pub schema: Schema<Query, Mutation, Subscription>,
    /// What queries are measured by.
    pub shape: Shape,
}

/// Builds the schema. Without introspection nothing is suggested to who mistypes, either.
pub fn build(introspection: bool) -> MarketSchema {
    let mut builder =
        Schema::build(Query::default(), Mutation::default(), Subscription).limit_recursive_depth(64);
    if !introspection {
        builder = builder.disable_introspection().disable_suggestions();
    }
    let schema = builder.finish();
    let shape = Shape::of(&text(&schema));
    MarketSchema { schema, shape }
}

/// The schema's text, as `graphql/schema.graphql` keeps it.
pub fn sdl() -> String {
    text(&build(true).schema)
}

fn text(schema: &Schema<Query, Mutation, Subscription>) -> String {
    let options = SDLExportOptions::new().use_space_ident().prefer_single_line_descriptions();
    schema.sdl_with_options(options)
}
