//! How deep and how costly a query is, before any of it runs.
//!
//! Fragments are measured once each, however often they are spread: a text of a hundred words can
//! unfold to billions of fields, and must be refused without being unfolded.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value, Variables};

use super::shape::{Shape, Times};
use super::{MAX_ALIASES, MAX_COMPLEXITY, MAX_DEPTH, MAX_DIRECTIVES, within};
use crate::failure::{Failure, Limit};

/// How long a list is taken to be whose length nobody chooses.
const FEW: usize = 5;
/// Days that a calendar is asked for at most: catalog refuses more.
const MAX_DAYS: usize = 100;
/// A type that the shape does not know: of the introspection.
const UNKNOWN: &str = "";

/// What a query, or a part of it, adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Fields nested in fields, those of the introspection left out.
    pub depth: usize,
    /// The sum of all fields, those of lists as often as the list may be long.
    pub complexity: usize,
    /// Fields with another name than their own.
    pub aliases: usize,
    /// Directives.
    pub directives: usize,
    /// Fields of the introspection: `__schema` and `__type`.
    pub introspections: usize,
}

impl Measured {
    /// Both parts side by side.
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            complexity: self.complexity.saturating_add(other.complexity),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            introspections: self.introspections.saturating_add(other.introspections),
        }
    }

    /// Refuses what is over a limit.
    fn check(self) -> Result<Self, Failure> {
        within(Limit::Depth, self.depth, MAX_DEPTH)?;
        within(Limit::Aliases, self.aliases, MAX_ALIASES)?;
        within(Limit::Directives, self.directives, MAX_DIRECTIVES)?;
        within(Limit::Complexity, self.complexity, MAX_COMPLEXITY)?;
        Ok(self)
    }
}

/// Measures all operations and fragments of a document, refuses what is over a limit, and gives
/// the costliest.
pub fn measure(
    shape: &Shape,
    document: &ExecutableDocument,
    variables: &Variables,
) -> Result<Measured, Failure> {
    let mut all = Measured::default();
    let mut measure =
        Measure { shape, document, variables, operation: None, known: HashMap::new() };
    for (_, operation) in document.operations.iter() {
        // The same fragment costs another operation something else: its variables have other defaults.
        measure.known.clear();
        measure.operation = Some(&operation.node);
        let measured = measure.operation(&operation.node)?.check()?;
        let introspections = all.introspections + measured.introspections;
        if measured.complexity > all.complexity {
            all = measured;
        }
        all.introspections = introspections;
    }
    for (name, fragment) in &document.fragments {
        measure.fragment(name, &fragment.node)?.check()?;
    }
    Ok(all)
}

struct Measure<'a> {
    shape: &'a Shape,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    operation: Option<&'a OperationDefinition>,
    /// Fragments that were measured; `None` while one is being measured.
    known: HashMap<&'a Name, Option<Measured>>,
}

impl<'a> Measure<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Measured, Failure> {
        use async_graphql::parser::types::OperationType;
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let directives = operation.directives.len();
        let selected = self.selection(root, &operation.selection_set)?;
        Ok(selected.beside(Measured { directives, ..Measured::default() }))
    }

    fn selection(
        &mut self,
        ty: &str,
        set: &'a Positioned<SelectionSet>,
    ) -> Result<Measured, Failure> {
        let mut sum = Measured::default();
        for selection in &set.node.items {
            let part = match &selection.node {
                Selection::Field(field) => self.field(ty, &field.node)?,
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map_or(ty, |condition| condition.node.on.node.as_str());
                    self.selection(on, &inline.node.selection_set)?
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.document.fragments.get_key_value(name) {
                        Some((name, fragment)) => self.fragment(name, &fragment.node)?,
                        None => Measured::default(),
                    }
                }
            };
            let directives = selection.node.directives().len();
            sum = sum.beside(part).beside(Measured { directives, ..Measured::default() });
        }
        Ok(sum)
    }

    fn fragment(
        &mut self,
        name: &'a Name,
        fragment: &'a FragmentDefinition,
    ) -> Result<Measured, Failure> {
        match self.known.get(name) {
            Some(Some(measured)) => return Ok(*measured),
            Some(None) => {
                return Err(Failure::BadInput(format!("the fragment {name} spreads itself")));
            }
            None => {}
        }
        self.known.insert(name, None);
        let on = fragment.type_condition.node.on.node.as_str();
        let directives = fragment.directives.len();
        let measured = self
            .selection(on, &fragment.selection_set)?
            .beside(Measured { directives, ..Measured::default() });
        self.known.insert(name, Some(measured));
        Ok(measured)
    }

    fn field(&mut self, ty: &str, field: &'a Field) -> Result<Measured, Failure> {
        let known = self.shape.field(ty, &field.name.node);
        let inner =
            self.selection(known.map_or(UNKNOWN, |known| &known.ty), &field.selection_set)?;
        let times = match known.map_or(Times::Once, |known| known.times) {
            Times::Once => 1,
            Times::Few => FEW,
            Times::Days => MAX_DAYS,
            Times::First(unless_said) => match self.argument(field, "first") {
                Some(Value::Number(number)) => {
                    number.as_i64().map_or(unless_said, |first| usize::try_from(first).unwrap_or(1))
                }
                _ => unless_said,
            },
            Times::Ids => match self.argument(field, "ids") {
                Some(Value::List(ids)) => ids.len(),
                _ => 1,
            },
        };
        Ok(Measured {
            // Introspection nests its types deeply, and is bounded by the number of words.
            depth: inner.depth + usize::from(known.is_some()),
            complexity: inner.complexity.saturating_mul(times).saturating_add(1),
            aliases: inner.aliases + usize::from(field.alias.is_some()),
            directives: inner.directives,
            introspections: inner.introspections
                + usize::from(matches!(field.name.node.as_str(), "__schema" | "__type")),
        })
    }

    /// The value of an argument, variables filled in; nothing where there is none.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        value.into_const_with(|variable| self.variable(&variable).ok_or(())).ok()
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        let definitions =
            self.operation.map_or(&[][..], |operation| &operation.variable_definitions);
        let definition =
            definitions.iter().find(|definition| definition.node.name.node == *name)?;
        definition.node.default_value().cloned()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;
    use crate::schema::sdl;

    fn of(query: &str, variables: &str) -> Result<Measured, Failure> {
        let variables = Variables::from_json(serde_json::from_str(variables).unwrap());
        measure(&Shape::of(&sdl()), &parse_query(query).unwrap(), &variables)
    }

    fn complexity(query: &str, variables: &str) -> usize {
        of(query, variables).unwrap().complexity
    }

    #[test]
    fn a_list_costs_as_often_as_it_may_be_long() {
        assert_eq!(complexity("{ me { name } }", "{}"), 2);
        assert_eq!(complexity("{ products(first: 7) { nodes { id title } } }", "{}"), 1 + 7 * 3);
        assert_eq!(complexity("{ products { nodes { id } } }", "{}"), 1 + 20 * 2);
        let by_variable = "query($n: Int! = 9) { products(first: $n) { nodes { id } } }";
        assert_eq!(complexity(by_variable, "{}"), 1 + 9 * 2);
        assert_eq!(complexity(by_variable, r#"{"n": 50}"#), 1 + 50 * 2);
        assert_eq!(complexity("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", "{}"), 1 + 3);
        assert_eq!(complexity("{ product { variants { id sku } } }", "{}"), 1 + 1 + 5 * 2);
    }

    #[test]
    fn lists_in_lists_multiply_until_they_are_refused() {
        let query =
            "{ products(first: 100) { nodes { shop { products(first: 100) { nodes { id } } } } } }";
        let inner = 1 + 100 * 2;
        let found = 1 + 100 * (1 + 1 + inner);
        assert_eq!(
            of(query, "{}"),
            Err(Failure::LimitExceeded {
                limit: Limit::Complexity,
                allowed: MAX_COMPLEXITY,
                found
            })
        );
        let spread = "{ products(first: 100) { ...page } } fragment page on ProductConnection {
          nodes { shop { products(first: 100) { nodes { id } } } } }";
        assert!(matches!(
            of(spread, "{}"),
            Err(Failure::LimitExceeded { limit: Limit::Complexity, found: same, .. }) if same == found
        ));
    }

    #[test]
    fn fragments_that_double_each_other_are_refused_at_once() {
        let mut query = "{ me { ...f0 } }".to_owned();
        for number in 0..60 {
            let next = number + 1;
            query.push_str(&format!(" fragment f{number} on User {{ ...f{next} ...f{next} }}"));
        }
        query.push_str(" fragment f60 on User { id }");
        assert!(matches!(
            of(&query, "{}"),
            Err(Failure::LimitExceeded { limit: Limit::Complexity, found, .. }) if found > 1 << 59
        ));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_refused() {
        let query = "{ me { ...a } } fragment a on User { ...b } fragment b on User { ...a ...a }";
        assert!(matches!(of(query, "{}"), Err(Failure::BadInput(_))));
    }

    #[test]
    fn depth_aliases_and_directives_are_counted() {
        let query = "query @a { x: me @skip(if: true) { y: name ... @include(if: true) { id } } }";
        let measured = of(query, "{}").unwrap();
        assert_eq!((measured.depth, measured.aliases, measured.directives), (2, 2, 3));
        let deep = "{ category(slug: \"a\") ".to_owned()
            + &"{ parent ".repeat(15)
            + "{ id }"
            + &"}".repeat(16);
        assert_eq!(
            of(&deep, "{}"),
            Err(Failure::LimitExceeded { limit: Limit::Depth, allowed: MAX_DEPTH, found: 17 })
        );
        let aliases: String = (0..31).map(|number| format!("a{number}: me {{ id }} ")).collect();
        assert_eq!(
            of(&format!("{{ {aliases} }}"), "{}"),
            Err(Failure::LimitExceeded { limit: Limit::Aliases, allowed: MAX_ALIASES, found: 31 })
        );
        let directives = "@skip(if: false) ".repeat(51);
        assert_eq!(
            of(&format!("{{ me {directives} {{ id }} }}"), "{}"),
            Err(Failure::LimitExceeded {
                limit: Limit::Directives,
                allowed: MAX_DIRECTIVES,
                found: 51
            })
        );
    }
}
