//! Relay connections: pages of lists with opaque cursors.
//!
//! Source: GraphQL Cursor Connections Specification (Relay). Pages go forward only: `first`, `after`.

use std::borrow::Cow;

use async_graphql::{Error, Object, OutputType, SimpleObject, TypeName};
use kernel::PageRequest as KernelPage;
use proto::common::{PageInfo as ProtoPageInfo, PageRequest};

use crate::failure::Failure;
use crate::scope::Scope;

/// How many items a page has when nothing is said.
pub const DEFAULT_FIRST: i32 = 20;
/// A cursor is never longer.
const MAX_CURSOR: usize = 1_024;

/// What part of a list is asked for.
pub fn page_request(
    scope: &Scope,
    first: i32,
    after: Option<String>,
) -> Result<PageRequest, Error> {
    let wrong = |text: String| Err(scope.refuse(Failure::BadInput(text)));
    match u32::try_from(first) {
        Ok(first @ 1..=KernelPage::<()>::MAX) => match after {
            Some(after) if after.len() > MAX_CURSOR => wrong("after is no cursor".to_owned()),
            after => Ok(PageRequest { first, after: after.unwrap_or_default() }),
        },
        _ => wrong(format!("first is 1 to {}, not {first}", KernelPage::<()>::MAX)),
    }
}

/// An item of a page, and its place in the list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Edge<T: OutputType> {
    /// The item's place: for `after`.
    cursor: String,
    /// The item.
    node: T,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// Where a page stands in its list.
#[derive(Clone, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more behind this page.
    has_next_page: bool,
    /// Whether there is something before this page.
    has_previous_page: bool,
    /// The cursor of the first item.
    start_cursor: Option<String>,
    /// The cursor of the last item: for `after`.
    end_cursor: Option<String>,
}

/// A page of a list.
pub struct Connection<T: OutputType> {
    edges: Vec<Edge<T>>,
    has_next: bool,
    has_previous: bool,
    total: Option<i64>,
}

impl<T: OutputType> Connection<T> {
    /// The page that a service gave, of items made of its own.
    pub fn new(
        request: &PageRequest,
        page: Option<ProtoPageInfo>,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        let page = page.unwrap_or_default();
        let edges = items
            .into_iter()
            .zip(page.cursors.into_iter().map(Some).chain(std::iter::repeat(None)))
            .map(|(node, cursor)| Edge { cursor: cursor.unwrap_or_default(), node })
            .collect();
        Self {
            edges,
            has_next: page.has_next,
            has_previous: !request.after.is_empty(),
            total: (page.total >= 0).then_some(page.total),
        }
    }

    /// A list that is always whole, with the cursors of its items.
    pub fn whole(items: impl IntoIterator<Item = (String, T)>) -> Self {
        let edges: Vec<_> = items.into_iter().map(|(cursor, node)| Edge { cursor, node }).collect();
        let total = i64::try_from(edges.len()).ok();
        Self { edges, has_next: false, has_previous: false, total }
    }

    /// The items with their cursors.
    pub fn edge_list(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The items.
    pub fn node_list(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page stands.
    pub fn info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many items the whole list has, where it is counted.
    pub const fn total(&self) -> Option<i64> {
        self.total
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The items with their cursors.
    async fn edges(&self) -> &[Edge<T>] {
        self.edge_list()
    }

    /// The items.
    async fn nodes(&self) -> Vec<&T> {
        self.node_list()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        self.info()
    }

    /// How many items the whole list has; nothing where counting would cost too much.
    async fn total_count(&self) -> Option<i64> {
        self.total
    }
}
