//! Searches around a point: what catalog is asked, and what is no point.

use kernel::ward_centre;
use proto::catalog::{Near, ProductSort, SearchRequest, SearchResults};
use serde_json::{Value, json};

use crate::support::{Market, post};

const QUERY: &str = "query($near: NearInput, $sort: SearchSort!) {
  search(query: \"\", filter: {near: $near}, sort: $sort) { nodes { product { id } } } }";

async fn asked(market: &Market, near: Value, sort: &str) -> Value {
    post(&market.routes(), "", QUERY, json!({ "near": near, "sort": sort })).await
}

#[tokio::test]
async fn a_point_reaches_catalog_in_whole_numbers() {
    let market = Market::new();
    market.catalog.on("search", |request: SearchRequest| {
        assert_eq!(request.sort(), ProductSort::Distance);
        let near =
            Near { latitude_micro: 10_033_055, longitude_micro: 105_777_390, radius_metres: 2_500 };
        assert_eq!(request.filter.unwrap().near, Some(near));
        Ok(SearchResults::default())
    });
    let near = json!({ "lat": 10.033_055, "lng": 105.777_39, "radiusKm": 2.5 });
    let answer = asked(&market, near, "DISTANCE").await;
    assert_eq!(answer["data"]["search"]["nodes"], json!([]), "{answer}");
}

#[tokio::test]
async fn what_is_no_point_or_no_radius_never_reaches_catalog() {
    let market = Market::new();
    for (near, sort) in [
        (json!({ "lat": 90.5, "lng": 105.7, "radiusKm": 5 }), "NEWEST"),
        (json!({ "lat": 10.0, "lng": -181, "radiusKm": 5 }), "NEWEST"),
        (json!({ "lat": 10.0, "lng": 105.7, "radiusKm": 0 }), "NEWEST"),
        (json!({ "lat": 10.0, "lng": 105.7, "radiusKm": -1 }), "NEWEST"),
        (json!({ "lat": 10.0, "lng": 105.7, "radiusKm": 500.5 }), "NEWEST"),
        (Value::Null, "DISTANCE"),
    ] {
        let answer = asked(&market, near.clone(), sort).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "BAD_USER_INPUT", "{near} {sort}: {answer}");
    }
    assert!(market.catalog.take_calls().is_empty());
}

#[tokio::test]
async fn a_ward_says_where_its_centre_is() {
    let market = Market::new();
    let answer =
        post(&market.routes(), "", "{ wards { code location { lat lng } } }", json!({})).await;
    let wards = answer["data"]["wards"].as_array().unwrap();
    assert!(!wards.is_empty(), "{answer}");
    for ward in wards {
        let known = ward_centre(ward["code"].as_str().unwrap());
        let location =
            known.map(|centre| json!({ "lat": centre.latitude(), "lng": centre.longitude() }));
        assert_eq!(ward["location"], json!(location), "{ward}");
    }
}
