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
    let mut builder = Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_recursive_depth(64);
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

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

    use super::*;

    #[test]
    fn the_committed_schema_is_the_one_of_the_code() {
        let committed = include_str!("../schema.graphql");
        assert!(
            committed == sdl(),
            "write it anew: cargo run -p graphql --example schema > graphql/schema.graphql"
        );
    }

    #[test]
    fn everything_in_the_schema_is_documented() {
        let mut count = 0;
        let mut check = |what: String, documented: bool| {
            count += 1;
            assert!(documented, "{what} has no description");
        };
        for definition in parse_schema(sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let ty = ty.node;
            let name = ty.name.node.to_string();
            check(name.clone(), ty.description.is_some());
            let fields = match ty.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::InputObject(input) => {
                    for field in input.fields {
                        let documented = field.node.description.is_some();
                        check(format!("{name}.{}", field.node.name.node), documented);
                    }
                    continue;
                }
                TypeKind::Enum(values) => {
                    for value in values.values {
                        let documented = value.node.description.is_some();
                        check(format!("{name}.{}", value.node.value.node), documented);
                    }
                    continue;
                }
                _ => continue,
            };
            for field in fields {
                let field = field.node;
                check(format!("{name}.{}", field.name.node), field.description.is_some());
                for argument in field.arguments {
                    let documented = argument.node.description.is_some();
                    check(
                        format!("{name}.{}({})", field.name.node, argument.node.name.node),
                        documented,
                    );
                }
            }
        }
        assert!(count > 500, "{count}");
    }
}
