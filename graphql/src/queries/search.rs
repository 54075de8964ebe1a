//! `search`

use std::collections::HashMap;

use async_graphql::{Context, Error, Object};
use proto::catalog::{Facet as ProtoFacet, SearchHit as ProtoHit, SearchRequest};

use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::messages;
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::reference::Categories;
use crate::scope::Scope;
use crate::types::{
    Category, Facet, FacetValue, SearchConnection, SearchFilter, SearchHit, SearchSort, Ward,
};

/// Longer texts are no searches.
const MAX_QUERY: usize = 200;
/// Values given of a facet; the rest, of few products each, is cut off.
const MAX_VALUES: usize = 50;

#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Searches products that everybody may see; diacritics may be left out.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to search for; everything when empty.")] query: String,
        #[graphql(desc = "Which products.")] filter: Option<SearchFilter>,
        #[graphql(desc = "The order.", default_with = "SearchSort::Relevance")] sort: SearchSort,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<SearchConnection, Error> {
        let scope = Scope::of(ctx);
        if query.chars().count() > MAX_QUERY {
            return Err(scope
                .refuse(Failure::BadInput(format!("query has at most {MAX_QUERY} characters"))));
        }
        let page = page_request(scope, first, after)?;
        let filter = filter.map(|filter| filter.read(scope)).transpose()?;
        let has_point = filter.as_ref().is_some_and(|filter| filter.near.is_some());
        if sort == SearchSort::Distance && !has_point {
            let text = "sort DISTANCE needs filter.near";
            return Err(scope.refuse(Failure::BadInput(text.to_owned())));
        }
        let request =
            SearchRequest { query, filter, sort: sort.number(), page: Some(page.clone()) };
        let found = scope.answer(scope.catalog.clone().search(request).await)?;
        let facets = if ctx.look_ahead().field("facets").exists() {
            labelled(scope, found.facets).await?
        } else {
            Vec::new()
        };
        let (hits, place) = present(scope, found.hits, found.page.unwrap_or_default()).await?;
        Ok(SearchConnection::new(Connection::new(&page, Some(place), hits), facets))
    }
}

/// The hits whose products are there, with their cursors: the index may be a moment behind.
async fn present(
    scope: &Scope,
    hits: Vec<ProtoHit>,
    mut place: proto::common::PageInfo,
) -> Result<(Vec<SearchHit>, proto::common::PageInfo), Error> {
    let ids: Vec<_> = hits.iter().map(|hit| hit.product_id.clone()).collect();
    let products = scope.loaders.products.get_many(&ids).await;
    let products = products.map_err(|status| scope.failed(&status))?;
    let mut products: HashMap<_, _> =
        products.into_iter().map(|product| (product.id.clone(), product)).collect();
    let cursors = std::mem::take(&mut place.cursors);
    let mut present = Vec::with_capacity(hits.len());
    for (hit, cursor) in hits.into_iter().zip(cursors) {
        if let Some(product) = products.remove(&hit.product_id) {
            present.push(SearchHit::of(product, &hit.highlight, scope.locale));
            place.cursors.push(cursor);
        }
    }
    Ok((present, place))
}

/// The facets with words for people.
async fn labelled(scope: &Scope, facets: Vec<ProtoFacet>) -> Result<Vec<Facet>, Error> {
    let mut labelled = Vec::with_capacity(facets.len());
    for facet in facets {
        let names = names(scope, &facet).await?;
        let values = facet.values.into_iter().take(MAX_VALUES).map(|counted| {
            let value = value_of(&facet.name, counted.value);
            let label = names.get(&value).cloned();
            let label = label.or_else(|| messages::facet_value(&facet.name, &value, scope.locale));
            FacetValue {
                label: label.unwrap_or_else(|| value.clone()),
                value,
                count: counted.count,
            }
        });
        labelled.push(Facet { values: values.collect(), name: facet.name });
    }
    Ok(labelled)
}

/// The value as filters take it: kinds are words of the schema.
fn value_of(facet: &str, value: String) -> String {
    if facet == "kind" { value.to_ascii_uppercase() } else { value }
}

/// Names of what stands behind the values of a facet.
async fn names(scope: &Scope, facet: &ProtoFacet) -> Result<HashMap<String, String>, Error> {
    let values = facet.values.iter().take(MAX_VALUES).map(|counted| counted.value.clone());
    Ok(match facet.name.as_str() {
        "category" => {
            let all = Category::all(scope).await?;
            let name = |slug: String| {
                let category = all.get(&slug)?;
                Some((slug, Categories::name(category, scope.locale)))
            };
            values.filter_map(name).collect()
        }
        "ward" => {
            let all = Ward::all(scope).await?;
            let name = |code: String| {
                let ward = all.get(&code)?;
                Some((code, Ward::name_of(ward, scope.locale).to_owned()))
            };
            values.filter_map(name).collect()
        }
        "shop" => {
            let ids: Vec<_> = values.collect();
            let shops = scope.loaders.shops.get_many(&ids).await;
            let shops = shops.map_err(|status| scope.failed(&status))?;
            shops.iter().map(|shop| (shop.id.clone(), shop.name.clone())).collect()
        }
        _ => HashMap::new(),
    })
}
