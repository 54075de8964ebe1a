//! `search`

use std::collections::HashMap;

use async_graphql::{Context, Error, Object};
use kernel::Locale;
use proto::catalog::{Facet as ProtoFacet, SearchHit as ProtoHit, SearchRequest};

use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::reference::Categories;
use crate::scope::Scope;
use crate::types::{
    Category, Facet, FacetValue, SearchConnection, SearchFilter, SearchHit, SearchSort, Ward,
};

/// Longer texts are no searches.
const MAX_QUERY: usize = 200;
/// So many shops of a facet get their names; the rest is cut off.
const MAX_SHOPS: usize = 50;

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
    for mut facet in facets {
        let names = names(scope, &mut facet).await?;
        let values = facet.values.into_iter().map(|counted| FacetValue {
            label: names.get(&counted.value).unwrap_or(&counted.value).clone(),
            value: counted.value,
            count: counted.count,
        });
        labelled.push(Facet { values: values.collect(), name: facet.name });
    }
    Ok(labelled)
}

async fn names(scope: &Scope, facet: &mut ProtoFacet) -> Result<HashMap<String, String>, Error> {
    if facet.name == "shop" {
        facet.values.truncate(MAX_SHOPS);
    }
    let values = facet.values.iter().map(|counted| counted.value.clone());
    Ok(match facet.name.as_str() {
        "category" => {
            let all = Category::all(scope).await?;
            let name = |slug: String| {
                all.get(&slug).map(|one| (slug.clone(), Categories::name(one, scope.locale)))
            };
            values.filter_map(name).collect()
        }
        "ward" => {
            let all = Ward::all(scope).await?;
            let name = |code: String| {
                all.get(&code)
                    .map(|one| (code.clone(), Ward::name_of(one, scope.locale).to_owned()))
            };
            values.filter_map(name).collect()
        }
        "shop" => {
            let ids: Vec<_> = values.collect();
            let shops = scope.loaders.shops.get_many(&ids).await;
            let shops = shops.map_err(|status| scope.failed(&status))?;
            shops.iter().map(|shop| (shop.id.clone(), shop.name.clone())).collect()
        }
        "ocop" => values.map(|stars| (stars.clone(), in_stars(&stars, scope.locale))).collect(),
        _ => HashMap::new(),
    })
}

fn in_stars(stars: &str, locale: Locale) -> String {
    match locale {
        Locale::Vi => format!("{stars} sao"),
        Locale::En => format!("{stars} stars"),
    }
}
