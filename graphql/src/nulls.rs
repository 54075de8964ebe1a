//! Where an error leaves a gap in an answer, there has to be a null.
//!
//! Source: GraphQL specification of October 2021, 6.4.4. A field that failed is null; where it may
//! not be null, what holds it is null, and so on upwards. The library leaves such fields out.

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, PathSegment, Response, Value};

use crate::limits::Shape;

/// Puts nulls where errors left gaps.
pub fn settle(
    shape: &Shape,
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    response: &mut Response,
) {
    let mut operations = document.operations.iter();
    let meant = operations
        .find(|(name, _)| operation_name.is_none() || name.map(Name::as_str) == operation_name);
    let Some((_, operation)) = meant else { return };
    let walk = Walk { shape, document };
    let paths = response.errors.iter().map(|error| &error.path).filter(|path| !path.is_empty());
    let mut nulls: Vec<_> = paths.map(|path| walk.null_of(&operation.node, path)).collect();
    // What lies within something that is null is null with it.
    nulls.sort_by_key(|null| null.len());
    let mut done: Vec<&[PathSegment]> = Vec::new();
    for null in nulls {
        if !done.iter().any(|outer| null.starts_with(outer)) {
            put_null(&mut response.data, null);
            done.push(null);
        }
    }
}

struct Walk<'a> {
    shape: &'a Shape,
    document: &'a ExecutableDocument,
}

/// Selections of one place of an answer, with the types that they are of.
type Selected<'a> = Vec<(&'a str, &'a SelectionSet)>;

impl<'a> Walk<'a> {
    /// The part of an error's path that is null because of it: to the last place that may be null.
    fn null_of<'p>(
        &self,
        operation: &'a OperationDefinition,
        path: &'p [PathSegment],
    ) -> &'p [PathSegment] {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut selected: Selected<'a> = vec![(root, &operation.selection_set.node)];
        let mut ty: Option<&'a Type> = None;
        let mut nullable_to = 0;
        for (index, segment) in path.iter().enumerate() {
            ty = match segment {
                PathSegment::Field(key) => {
                    let (field_type, inner) = self.field(&selected, key);
                    selected = inner;
                    field_type
                }
                PathSegment::Index(_) => ty.and_then(item),
            };
            match ty {
                Some(ty) if ty.nullable => nullable_to = index + 1,
                Some(_) => {}
                // Nothing is known of it: it is taken for what may be null.
                None => return &path[..=index],
            }
        }
        &path[..nullable_to]
    }

    /// The type of a field by its key in the answer, and what is selected of it.
    fn field(&self, selected: &Selected<'a>, key: &str) -> (Option<&'a Type>, Selected<'a>) {
        let (mut found, mut inner) = (None, Vec::new());
        let mut ahead: Vec<_> = selected.clone();
        while let Some((on, set)) = ahead.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) if field.node.response_key().node == key => {
                        let Some(shape) = self.shape.field(on, &field.node.name.node) else {
                            continue;
                        };
                        found = Some(&shape.full_type);
                        inner.push((shape.ty.as_str(), &field.node.selection_set.node));
                    }
                    Selection::Field(_) => {}
                    Selection::InlineFragment(inline) => {
                        let condition = inline.node.type_condition.as_ref();
                        let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                        ahead.push((on, &inline.node.selection_set.node));
                    }
                    Selection::FragmentSpread(spread) => {
                        let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                        if let Some(fragment) = fragment {
                            let on = fragment.node.type_condition.node.on.node.as_str();
                            ahead.push((on, &fragment.node.selection_set.node));
                        }
                    }
                }
            }
        }
        (found, inner)
    }
}

/// The type of a list's items.
fn item(ty: &Type) -> Option<&Type> {
    match &ty.base {
        BaseType::List(item) => Some(item),
        BaseType::Named(_) => None,
    }
}

fn put_null(value: &mut Value, path: &[PathSegment]) {
    let Some((segment, rest)) = path.split_first() else {
        *value = Value::Null;
        return;
    };
    match segment {
        PathSegment::Field(key) => {
            // An object of which every field failed was left out as a whole.
            if *value == Value::Null {
                *value = Value::Object(async_graphql::indexmap::IndexMap::new());
            }
            if let Value::Object(fields) = value {
                put_null(fields.entry(Name::new(key)).or_insert(Value::Null), rest);
            }
        }
        PathSegment::Index(index) => {
            if let Value::List(items) = value
                && let Some(item) = items.get_mut(*index)
            {
                put_null(item, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::ServerError;
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;
    use crate::schema::sdl;

    fn settled(
        query: &str,
        data: serde_json::Value,
        paths: serde_json::Value,
    ) -> serde_json::Value {
        let mut response = Response::new(Value::from_json(data).unwrap());
        let paths: Vec<Vec<PathSegment>> = serde_json::from_value(paths).unwrap();
        let error = |path| ServerError::new("failed", None).with_path(path);
        response.errors = paths.into_iter().map(error).collect();
        settle(&Shape::of(&sdl()), &parse_query(query).unwrap(), None, &mut response);
        response.data.into_json().unwrap()
    }

    #[test]
    fn a_field_that_failed_is_null_where_it_may_be() {
        let query = "{ a: product { id } wards { code } }";
        let data = settled(query, json!({ "wards": [] }), json!([["a"]]));
        assert_eq!(data, json!({ "wards": [], "a": null }));
        assert_eq!(
            settled("{ product { id } }", json!(null), json!([["product"]])),
            json!({ "product": null })
        );
        let nested = "{ product { category { name } } }";
        let data = settled(nested, json!({ "product": null }), json!([["product", "category"]]));
        assert_eq!(data, json!({ "product": { "category": null } }));
    }

    #[test]
    fn what_may_not_be_null_takes_along_what_holds_it() {
        let query = "{ product { id ...s } } fragment s on Product { shop { name } }";
        let data =
            settled(query, json!({ "product": { "id": "1" } }), json!([["product", "shop"]]));
        assert_eq!(data, json!({ "product": null }));
        let query = "{ products { nodes { shop { name } } } wards { code } }";
        let failed = json!([["products", "nodes", 0, "shop"], ["products", "nodes", 1, "shop"]]);
        let data =
            settled(query, json!({ "products": { "nodes": [null, null] }, "wards": [] }), failed);
        assert_eq!(data, json!(null));
        let query = "{ nodes(ids: []) { ... on Product { shop { name } } } }";
        let data =
            settled(query, json!({ "nodes": [{}, { "shop": {} }] }), json!([["nodes", 0, "shop"]]));
        assert_eq!(data, json!({ "nodes": [null, { "shop": {} }] }));
    }
}
