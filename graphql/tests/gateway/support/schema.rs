//! The schema, walked: its operations, what they require, and values to ask them with.

use std::collections::BTreeMap;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type, TypeDefinition,
    TypeKind, TypeSystemDefinition,
};
use serde_json::{Map, Value, json};

/// What a type's or field's `@auth` requires.
pub fn requirement(directives: &[Positioned<ConstDirective>]) -> Option<String> {
    let auth = directives.iter().find(|directive| directive.node.name.node == "auth")?;
    let (_, value) = auth.node.arguments.iter().find(|(name, _)| name.node == "requires")?;
    Some(value.node.to_string())
}

/// The name of the type inside lists.
pub fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

/// The schema.
pub struct Schema {
    /// Its types by their names.
    pub types: BTreeMap<String, TypeDefinition>,
}

impl Schema {
    /// The schema of the gateway.
    pub fn read() -> Self {
        let document = parse_schema(graphql::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node)),
            _ => None,
        });
        Self { types: types.collect() }
    }

    /// The fields of a type that has some.
    pub fn fields(&self, ty: &str) -> Vec<&FieldDefinition> {
        let fields = match self.types.get(ty).map(|ty| &ty.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// Every operation with what it requires.
    pub fn operations(&self) -> Vec<(&'static str, &FieldDefinition)> {
        let roots = ["Query", "Mutation", "Subscription"];
        roots
            .iter()
            .flat_map(|root| self.fields(root).into_iter().map(|field| (*root, field)))
            .collect()
    }

    /// A value for an argument; `shop` for whatever is a shop's id, also where it may be left out if `optional`.
    fn value(&self, name: &str, ty: &Type, (shop, optional): (&str, bool)) -> Value {
        let named = match &ty.base {
            BaseType::List(inner) => return json!([self.value(name, inner, (shop, optional))]),
            BaseType::Named(named) => named.as_str(),
        };
        match (named, self.types.get(named).map(|ty| &ty.kind)) {
            (_, Some(TypeKind::InputObject(input))) => {
                let fields = input.fields.iter().map(|field| &field.node);
                let shops = |field: &&InputValueDefinition| field.name.node == "shopId";
                let fields = fields.filter(|one| needed(one) || (optional && shops(one)));
                let fields = fields.map(|field| {
                    let name = field.name.node.to_string();
                    let value = self.value(&name, &field.ty.node, (shop, optional));
                    (name, value)
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            (_, Some(TypeKind::Enum(values))) => {
                json!(values.values[0].node.value.node.to_string())
            }
            ("Int", _) => json!(1),
            ("Boolean", _) => json!(false),
            ("Upload", _) => json!("#__graphql_file__:0"),
            _ if name == "shopId" => json!(shop),
            _ => json!("1"),
        }
    }

    /// A field with values for all that it needs; `shop` for whatever is a shop's id. With `optional` a shop is
    /// named also where it may be left out.
    pub fn asked(&self, field: &FieldDefinition, shop: &str, optional: bool) -> AskedField {
        let arguments = field.arguments.iter().map(|argument| &argument.node);
        let arguments = arguments.filter(|one| needed(one));
        let mut asked = AskedField::default();
        let mut given = Vec::new();
        for argument in arguments {
            let name = argument.name.node.to_string();
            let value = self.value(&name, &argument.ty.node, (shop, optional));
            asked.variables.insert(name.clone(), value);
            asked.definitions.push(format!("${name}: {}", argument.ty.node));
            given.push(format!("{name}: ${name}"));
        }
        let composite = match self.types.get(&base(&field.ty.node)).map(|ty| &ty.kind) {
            Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => {
                " { __typename }"
            }
            _ => "",
        };
        let given =
            if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) };
        asked.selection = format!("{}{given}{composite}", field.name.node);
        asked
    }
}

/// A field with what it is asked with.
#[derive(Default)]
pub struct AskedField {
    selection: String,
    definitions: Vec<String>,
    variables: Map<String, Value>,
}

impl AskedField {
    /// One more variable of the operation.
    pub fn with(mut self, name: &str, ty: &str, value: &str) -> Self {
        self.definitions.push(format!("${name}: {ty}"));
        self.variables.insert(name.to_owned(), json!(value));
        self
    }

    /// The operation that asks for the field below others: `me { … }`.
    pub fn below(self, root: &str, parents: &[&str]) -> (String, Value) {
        let definitions = match self.definitions.as_slice() {
            [] => String::new(),
            some => format!("({})", some.join(", ")),
        };
        let mut selection = self.selection;
        for parent in parents.iter().rev() {
            selection = format!("{parent} {{ {selection} }}");
        }
        let query = format!("{}{definitions} {{ {selection} }}", root.to_lowercase());
        (query, Value::Object(self.variables))
    }
}

/// Whether a value must be given.
fn needed(argument: &InputValueDefinition) -> bool {
    !argument.ty.node.nullable && argument.default_value.is_none()
}
