//! Tours of the seed, with departures on each of the coming days.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Api;
use crate::days;

const TOURS: &str = include_str!("../../seed/tours.toml");
/// Days from tomorrow on that departures are made for.
const DAYS: i64 = 60;

const MY_TOURS: &str = "query($shop: ID!, $after: String) { me { shop(id: $shop) {
  products(first: 100, after: $after) { nodes { id kind translations { title { vi } } }
    pageInfo { hasNextPage endCursor } } } } }";
const CREATE: &str = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
  product { id } userErrors { code message path } } }";
const SCHEDULE: &str =
    "mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) {
  schedule { created total } userErrors { code message path } } }";

/// A tour of the seed.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedTour {
    /// The shop that runs it, by its key in `shops.csv`.
    pub shop_key: String,
    ward_code: String,
    /// Times of day, `05:00`.
    departs: Vec<String>,
    title: Text,
    description: Text,
    /// What `createProduct` takes as its tour.
    tour: Value,
}

#[derive(Clone, Debug, Deserialize)]
struct Text {
    vi: String,
    en: String,
}

#[derive(Debug, Deserialize)]
struct File {
    tours: Vec<SeedTour>,
}

/// The tours, in the order of the file.
pub fn tours() -> anyhow::Result<Vec<SeedTour>> {
    let file: File = toml::from_str(TOURS).context("seed/tours.toml")?;
    Ok(file.tours)
}

/// Puts a tour on sale, and departures of it on every day from tomorrow on. Repeated on the same day
/// it changes nothing; later it adds the days that came nearer.
pub async fn put(owner: &Api, shop_id: &str, tour: &SeedTour) -> anyhow::Result<()> {
    let named = || format!("tour {}", tour.title.vi);
    let product = match known(owner, shop_id, &tour.title.vi).await? {
        Some(product) => product,
        None => create(owner, shop_id, tour).await.with_context(named)?,
    };
    let first = days::from_today(1)?;
    for time in &tour.departs {
        let input = json!({
            "shopId": shop_id, "productId": product,
            "rule": { "start": format!("{first}T{time}"), "rrule": format!("FREQ=DAILY;COUNT={DAYS}") },
            "idempotencyKey": format!("seed-{product}-{first}-{time}"),
        });
        let done = owner.change(SCHEDULE, json!({ "input": input })).await.with_context(named)?;
        anyhow::ensure!(done["schedule"]["total"] == DAYS, "{}: {done}", tour.title.vi);
    }
    Ok(())
}

async fn create(owner: &Api, shop_id: &str, tour: &SeedTour) -> anyhow::Result<String> {
    let text = |text: &Text| json!({ "vi": text.vi, "en": text.en });
    let input = json!({
        "shopId": shop_id, "kind": "TOUR", "categorySlug": "tham-quan", "wardCode": tour.ward_code,
        "title": text(&tour.title), "description": text(&tour.description),
        "tour": tour.tour, "publish": true,
    });
    let made = owner.change(CREATE, json!({ "input": input })).await?;
    made["product"]["id"].as_str().map(ToOwned::to_owned).context("no product was made")
}

/// The shop's tour of this title, if it has one.
async fn known(owner: &Api, shop_id: &str, title: &str) -> anyhow::Result<Option<String>> {
    let mut after = Value::Null;
    loop {
        let found = owner.run(MY_TOURS, json!({ "shop": shop_id, "after": after })).await?;
        let products = &found["me"]["shop"]["products"];
        let tour = products["nodes"].as_array().into_iter().flatten().find(|product| {
            product["kind"] == "TOUR" && product["translations"]["title"]["vi"] == title
        });
        if let Some(id) = tour.and_then(|tour| tour["id"].as_str()) {
            return Ok(Some(id.to_owned()));
        }
        if products["pageInfo"]["hasNextPage"] != true {
            return Ok(None);
        }
        after = products["pageInfo"]["endCursor"].clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tour_belongs_to_a_tour_operator_and_is_told_in_both_languages() {
        let shops = crate::seed::files::shops().unwrap();
        let tours = tours().unwrap();
        assert!(tours.len() >= 6, "{} tours", tours.len());
        for tour in tours {
            let shop = shops.iter().find(|shop| shop.key == tour.shop_key);
            assert_eq!(shop.map(|shop| shop.kind.as_str()), Some("TOUR_OPERATOR"), "{tour:?}");
            for text in [&tour.title, &tour.description] {
                assert!(!text.vi.is_empty() && !text.en.is_empty(), "{tour:?}");
            }
            assert!(!tour.departs.is_empty());
            assert!(tour.tour["options"].as_array().is_some_and(|options| !options.is_empty()));
        }
    }
}
