//! The shape of the schema, as far as the cost of a query depends on it.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Positioned, Value};

/// Types by name, with their fields.
#[derive(Debug, Default)]
pub struct Shape {
    types: HashMap<String, HashMap<String, FieldShape>>,
}

/// What a field gives, and how often.
#[derive(Debug)]
pub struct FieldShape {
    /// The type's name.
    pub ty: String,
    /// The type, with what may be null and what is a list.
    pub full_type: Type,
    /// How often it may be there.
    pub times: Times,
}

/// How often what a field gives may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Once.
    Once,
    /// A short list whose length nobody chooses: the variants of a product.
    Few,
    /// As often as the argument `first` says; how often when it says nothing.
    First(usize),
    /// As often as there are days from `from` to `to`; at most, for nobody reads the days here.
    Days,
    /// As often as the list `ids` is long.
    Ids,
}

impl Shape {
    /// The shape of a schema's text.
    pub fn of(sdl: &str) -> Self {
        let mut types = HashMap::new();
        // The text is our own schema's: it can be read, and a test would notice.
        let definitions =
            parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        for definition in definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let fields = match ty.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let name = ty.node.name.node.to_string();
            let is_page = name.ends_with("Connection");
            let shapes = fields.iter().map(|field| field_shape(field, is_page)).collect();
            types.insert(name, shapes);
        }
        Self { types }
    }

    /// A field of a type.
    pub fn field(&self, ty: &str, field: &str) -> Option<&FieldShape> {
        self.types.get(ty)?.get(field)
    }
}

fn field_shape(field: &Positioned<FieldDefinition>, is_page: bool) -> (String, FieldShape) {
    let field = &field.node;
    let argument = |name: &str| {
        field.arguments.iter().map(|argument| &argument.node).find(|a| a.name.node == name)
    };
    let times = if let Some(first) = argument("first") {
        Times::First(match first.default_value.as_ref().map(|value| &value.node) {
            Some(Value::Number(number)) => number.as_u64().unwrap_or(1) as usize,
            _ => 1,
        })
    } else if argument("ids").is_some() {
        Times::Ids
    } else if is_list(&field.ty.node) && argument("from").is_some() {
        Times::Days
    } else if is_list(&field.ty.node) && !is_page {
        Times::Few
    } else {
        // The items of a page were counted where the page was asked for.
        Times::Once
    };
    let full_type = field.ty.node.clone();
    let ty = base_name(&full_type).to_owned();
    (field.name.node.to_string(), FieldShape { ty, full_type, times })
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn base_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base_name(inner),
    }
}
