//! Filters, orders and facets in the words of Meilisearch.

use proto::catalog::ProductSort;

use super::super::engine::SearchFilter;
use super::super::facets::Facet;
use crate::domain::near::Near;

/// Beyond this Meilisearch compares integers as floats (2^53); no price comes near it.
const MAX_EXACT: i64 = 1 << 53;

/// The attribute that a facet counts.
pub(super) const fn attribute(facet: Facet) -> &'static str {
    match facet {
        Facet::Category => "categorySlugs",
        Facet::Ward => "wardCode",
        Facet::Shop => "shopId",
        Facet::Kind => "kind",
        Facet::Ocop => "ocopAtLeast",
        Facet::Price => "priceRanges",
    }
}

/// The filter as an expression; empty if everything passes. The filter of one facet may be left out,
/// to count that facet.
pub(super) fn expression(filter: &SearchFilter, without: Option<Facet>) -> String {
    let mut conditions: Vec<String> = Facet::ALL
        .into_iter()
        .filter(|facet| Some(*facet) != without)
        .filter_map(|facet| condition(filter, facet))
        .collect();
    if filter.in_stock {
        conditions.push("inStock = true".to_owned());
    }
    if let Some(day) = &filter.travel_day {
        conditions.push(format!("travelDays = {}", quoted(day)));
    }
    if filter.rating_min > 0 {
        conditions.push(format!("rating >= {}", filter.rating_min));
    }
    if let Some(Near { point, radius_metres }) = filter.near {
        let (north, east) = (point.latitude(), point.longitude());
        conditions.push(format!("_geoRadius({north}, {east}, {radius_metres})"));
    }
    conditions.join(" AND ")
}

/// The facets that have a filter of their own.
pub(super) fn filtered_facets(filter: &SearchFilter) -> Vec<Facet> {
    Facet::ALL.into_iter().filter(|facet| condition(filter, *facet).is_some()).collect()
}

fn condition(filter: &SearchFilter, facet: Facet) -> Option<String> {
    let equals = |value: &str| format!("{} = {}", attribute(facet), quoted(value));
    match facet {
        Facet::Category => filter.category_slug.as_deref().map(equals),
        Facet::Ward => filter.ward_code.as_deref().map(equals),
        Facet::Shop => filter.shop_id.map(|shop| equals(&shop.to_string())),
        Facet::Kind => filter.kind.map(|kind| equals(kind.as_str_name())),
        Facet::Ocop => {
            let least = filter.ocop_stars_min;
            (least > 0).then(|| format!("ocopStars >= {least}"))
        }
        Facet::Price => {
            let min = filter.price_min.map(|min| format!("priceMax >= {}", exact(min)));
            let max = filter.price_max.map(|max| format!("priceMin <= {}", exact(max)));
            let bounds: Vec<String> = [min, max].into_iter().flatten().collect();
            (!bounds.is_empty()).then(|| bounds.join(" AND "))
        }
    }
}

fn exact(price: i64) -> i64 {
    price.clamp(-MAX_EXACT, MAX_EXACT)
}

/// A text as a value in an expression: whatever it contains, it stays one value.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The order, as Meilisearch takes it. Empty: by relevance.
pub(super) fn order(sort: ProductSort, has_words: bool, near: Option<Near>) -> Vec<String> {
    let first = match (sort, near) {
        (ProductSort::Relevance, _) if has_words => return Vec::new(),
        (ProductSort::PriceAsc, _) => Some("priceMin:asc".to_owned()),
        (ProductSort::PriceDesc, _) => Some("priceMin:desc".to_owned()),
        (ProductSort::Rating, _) => Some("rating:desc".to_owned()),
        (ProductSort::Distance, Some(Near { point, .. })) => {
            Some(format!("_geoPoint({}, {}):asc", point.latitude(), point.longitude()))
        }
        (ProductSort::Relevance | ProductSort::Newest | ProductSort::Distance, _) => None,
    };
    first.into_iter().chain(["createdAt:desc".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use proto::catalog::ProductKind;

    use super::*;

    #[test]
    fn every_filter_becomes_a_condition_and_one_can_be_left_out() {
        let shop = "shop_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let point = kernel::Coordinates::of_degrees(10.0333, -105.7875).unwrap();
        let filter = SearchFilter {
            category_slug: Some("trai-cay".to_owned()),
            shop_id: Some(shop),
            kind: Some(ProductKind::Goods),
            price_min: Some(10_000),
            price_max: Some(i64::MAX),
            ward_code: Some("31186".to_owned()),
            in_stock: true,
            ocop_stars_min: 3,
            travel_day: Some("2026-12-01".to_owned()),
            near: Some(Near { point, radius_metres: 5_000 }),
            rating_min: 450,
        };
        assert_eq!(
            expression(&filter, None),
            "categorySlugs = \"trai-cay\" AND wardCode = \"31186\" AND \
             shopId = \"shop_01h455vb4pex5vsknk084sn02q\" AND kind = \"GOODS\" AND ocopStars >= 3 AND \
             priceMax >= 10000 AND priceMin <= 9007199254740992 AND inStock = true \
             AND travelDays = \"2026-12-01\" AND rating >= 450 AND _geoRadius(10.0333, -105.7875, 5000)"
        );
        assert_eq!(filtered_facets(&filter), Facet::ALL);
        assert!(!expression(&filter, Some(Facet::Price)).contains("price"));
        assert_eq!(expression(&SearchFilter::default(), None), "");
    }

    #[test]
    fn a_value_cannot_break_out_of_its_quotes() {
        let slug = r#"x" OR inStock = true OR kind = "\"#;
        let filter = SearchFilter { category_slug: Some(slug.to_owned()), ..Default::default() };
        assert_eq!(
            expression(&filter, None),
            r#"categorySlugs = "x\" OR inStock = true OR kind = \"\\""#
        );
    }

    #[test]
    fn the_nearest_come_first_only_around_a_point() {
        let point = kernel::Coordinates::of_degrees(10.0333, 105.7875).unwrap();
        let near = Some(Near { point, radius_metres: 5_000 });
        assert_eq!(
            order(ProductSort::Distance, true, near),
            ["_geoPoint(10.0333, 105.7875):asc", "createdAt:desc"]
        );
        assert_eq!(order(ProductSort::Distance, true, None), ["createdAt:desc"]);
        assert_eq!(order(ProductSort::Rating, true, None), ["rating:desc", "createdAt:desc"]);
        assert_eq!(order(ProductSort::PriceAsc, true, near), ["priceMin:asc", "createdAt:desc"]);
        assert_eq!(order(ProductSort::Relevance, true, near), Vec::<String>::new());
        assert_eq!(order(ProductSort::Relevance, false, near), ["createdAt:desc"]);
    }
}
