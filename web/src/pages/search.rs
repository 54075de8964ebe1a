//! Search with facets: plain links, so that it works on every phone and can be shared.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use kernel::ward_centre;
use serde::Deserialize;
use serde_json::{Value, json};

use super::views::{PRODUCT_FIELDS, PageInfo, ProductView, WardView, url_encode};
use crate::days;
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Texts, Visitor};

/// What can be asked; every field is also a field of the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    ward: String,
    #[serde(default)]
    shop: String,
    #[serde(default)]
    ocop: String,
    #[serde(default)]
    stock: String,
    #[serde(default)]
    date: String,
    /// Code of a ward around which is looked.
    #[serde(default)]
    near: String,
    /// How far around it, in kilometres.
    #[serde(default)]
    km: String,
    /// The least average of reviews.
    #[serde(default)]
    rated: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    after: String,
}

/// How far can be looked, in kilometres.
const RADII: [&str; 4] = ["5", "10", "20", "50"];
/// From which average of reviews on the page calls a product well rated.
const WELL_RATED: &str = "4";
/// How far is looked where nothing is chosen.
const USUAL_RADIUS: &str = "10";

#[derive(Deserialize)]
struct Data {
    search: Found,
    wards: Vec<WardView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    nodes: Vec<Hit>,
    total_count: Option<i64>,
    page_info: PageInfo,
    facets: Vec<FacetData>,
}

#[derive(Deserialize)]
struct Hit {
    product: ProductView,
}

#[derive(Deserialize)]
struct FacetData {
    name: String,
    values: Vec<FacetValueData>,
}

#[derive(Deserialize)]
struct FacetValueData {
    value: String,
    label: String,
    count: i64,
}

struct Facet {
    name: String,
    values: Vec<Choice>,
}

struct Choice {
    href: String,
    label: String,
    count: i64,
    on: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    chrome: Chrome,
    products: Vec<ProductView>,
    total: i64,
    facets: Vec<Facet>,
    sorts: Vec<Choice>,
    in_stock: Choice,
    rated: Choice,
    asked: Asked,
    wards: Vec<WardView>,
    radii: [&'static str; 4],
    around: Option<String>,
    today: String,
    filtered: bool,
    clear: String,
    next: Option<String>,
}

impl Asked {
    fn filter(&self) -> Value {
        let mut filter = serde_json::Map::new();
        for (name, value) in
            [("categorySlug", &self.category), ("wardCode", &self.ward), ("shopId", &self.shop)]
        {
            if !value.is_empty() {
                filter.insert(name.to_owned(), json!(value));
            }
        }
        if let Ok(stars) = self.ocop.parse::<u32>() {
            filter.insert("ocopStarsMin".to_owned(), json!(stars));
        }
        if let Some(rating) = self.rated.parse::<u32>().ok().filter(|one| (1..=5).contains(one)) {
            filter.insert("ratingMin".to_owned(), json!(rating));
        }
        if let Some(day) = self.travel_day() {
            filter.insert("travelDate".to_owned(), json!(day));
        }
        if !self.stock.is_empty() {
            filter.insert("inStock".to_owned(), json!(true));
        }
        if let Some(centre) = ward_centre(&self.near) {
            let radius = self.radius().parse().unwrap_or(0.0_f64);
            let near =
                json!({ "lat": centre.latitude(), "lng": centre.longitude(), "radiusKm": radius });
            filter.insert("near".to_owned(), near);
        }
        Value::Object(filter)
    }

    /// How far around a ward is looked, in kilometres.
    fn radius(&self) -> &'static str {
        RADII.into_iter().find(|radius| *radius == self.km).unwrap_or(USUAL_RADIUS)
    }

    /// The day of travel, if it is one.
    fn travel_day(&self) -> Option<String> {
        days::read_day(&self.date).map(days::iso)
    }

    fn sort(&self) -> &str {
        match self.sort.as_str() {
            sort @ ("NEWEST" | "PRICE_ASC" | "PRICE_DESC" | "RATING") => sort,
            "DISTANCE" if ward_centre(&self.near).is_some() => "DISTANCE",
            _ => "RELEVANCE",
        }
    }

    fn is_filtered(&self) -> bool {
        [
            &self.category,
            &self.ward,
            &self.shop,
            &self.ocop,
            &self.stock,
            &self.date,
            &self.near,
            &self.rated,
        ]
        .iter()
        .any(|value| !value.is_empty())
    }

    /// The address of this search.
    fn href(&self) -> String {
        let fields = [
            ("q", &self.q),
            ("category", &self.category),
            ("ward", &self.ward),
            ("shop", &self.shop),
            ("ocop", &self.ocop),
            ("stock", &self.stock),
            ("date", &self.date),
            ("near", &self.near),
            ("km", &self.km),
            ("rated", &self.rated),
            ("sort", &self.sort),
            ("after", &self.after),
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<_> =
            given.map(|(name, value)| format!("{name}={}", url_encode(value))).collect();
        if query.is_empty() { "/search".to_owned() } else { format!("/search?{}", query.join("&")) }
    }

    /// This search with one thing changed, from its first page.
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = Self { after: String::new(), ..self.clone() };
        change(&mut other);
        other
    }

    /// The field of a facet, where there is one.
    fn facet_field(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "category" => Some(&mut self.category),
            "ward" => Some(&mut self.ward),
            "shop" => Some(&mut self.shop),
            "ocop" => Some(&mut self.ocop),
            _ => None,
        }
    }

    fn facet(&self, data: FacetData, texts: Texts) -> Option<Facet> {
        let chosen = self.clone().facet_field(&data.name)?.clone();
        let values: Vec<Choice> = data
            .values
            .into_iter()
            .filter(|value| !value.value.is_empty() && value.value != "0")
            .take(12)
            .map(|value| {
                let on = value.value == chosen;
                let next = self.with(|asked| {
                    if let Some(field) = asked.facet_field(&data.name) {
                        *field = if on { String::new() } else { value.value.clone() };
                    }
                });
                Choice { href: next.href(), label: value.label, count: value.count, on }
            })
            .collect();
        let name = texts.of_kind("facet", &data.name).to_owned();
        (!values.is_empty()).then_some(Facet { name, values })
    }

    fn sorts(&self, texts: Texts) -> Vec<Choice> {
        let names = ["RELEVANCE", "NEWEST", "PRICE_ASC", "PRICE_DESC", "RATING", "DISTANCE"];
        // Nothing is near where nobody said to what.
        let is_offered = |name: &&str| *name != "DISTANCE" || ward_centre(&self.near).is_some();
        let choice = |name: &str| Choice {
            href: self.with(|asked| name.clone_into(&mut asked.sort)).href(),
            label: texts.of_kind("search.sort", name).to_owned(),
            count: 0,
            on: self.sort() == name,
        };
        names.into_iter().filter(is_offered).map(choice).collect()
    }

    /// Around which ward is looked, and how far, in words.
    fn around(&self, wards: &[WardView], texts: Texts) -> Option<String> {
        let ward = wards.iter().find(|ward| ward.code == self.near)?;
        ward_centre(&ward.code)?;
        let around = texts.fill("search.around", &ward.name);
        Some(format!("{around} ({} km)", self.radius()))
    }
}

/// `GET /search`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> PageResult<Response> {
    let query = format!(
        "query($query: String!, $filter: SearchFilter, $sort: SearchSort!, $after: String) {{
          search(query: $query, filter: $filter, sort: $sort, first: 24, after: $after) {{
            nodes {{ product {{ {PRODUCT_FIELDS} }} }} totalCount pageInfo {{ hasNextPage endCursor }}
            facets {{ name values {{ value label count }} }} }} wards {{ code name }} }}"
    );
    let after = (!asked.after.is_empty()).then_some(&asked.after);
    let text: String = asked.q.chars().take(200).collect();
    let variables =
        json!({ "query": text, "filter": asked.filter(), "sort": asked.sort(), "after": after });
    let (data, mut chrome) = tokio::try_join!(
        state.graphql.query::<Data>(&visitor, &query, variables),
        Chrome::of(&state, &visitor)
    )?;
    chrome.query.clone_from(&asked.q);
    let texts = visitor.texts();
    let next = data.search.page_info.next().map(|cursor| {
        let cursor = cursor.to_owned();
        asked.with(|asked| asked.after = cursor).href()
    });
    let facets =
        data.search.facets.into_iter().filter_map(|facet| asked.facet(facet, texts)).collect();
    let stocked = asked.with(|asked| {
        asked.stock = if asked.stock.is_empty() { "1".to_owned() } else { String::new() };
    });
    Ok(render(&SearchPage {
        chrome,
        products: data.search.nodes.into_iter().map(|hit| hit.product).collect(),
        total: data.search.total_count.unwrap_or_default(),
        facets,
        sorts: asked.sorts(texts),
        in_stock: Choice {
            href: stocked.href(),
            label: String::new(),
            count: 0,
            on: !asked.stock.is_empty(),
        },
        rated: Choice {
            href: asked
                .with(|asked| {
                    let on = asked.rated == WELL_RATED;
                    asked.rated = if on { String::new() } else { WELL_RATED.to_owned() };
                })
                .href(),
            label: String::new(),
            count: 0,
            on: asked.rated == WELL_RATED,
        },
        filtered: asked.is_filtered(),
        around: asked.around(&data.wards, texts),
        wards: data.wards,
        radii: RADII,
        today: days::iso(days::today()),
        clear: Asked { q: asked.q.clone(), ..Asked::default() }.href(),
        next,
        asked,
    }))
}
