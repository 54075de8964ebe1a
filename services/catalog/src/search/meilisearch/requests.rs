//! Filters, orders and facets in the words of Meilisearch.

use proto::catalog::ProductSort;

use super::super::engine::SearchFilter;
use super::super::facets::Facet;

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
pub(super) const fn order(sort: ProductSort, has_words: bool) -> &'static [&'static str] {
    match sort {
        ProductSort::Relevance if has_words => &[],
        ProductSort::Relevance | ProductSort::Newest => &["createdAt:desc"],
        ProductSort::PriceAsc => &["priceMin:asc", "createdAt:desc"],
        ProductSort::PriceDesc => &["priceMin:desc", "createdAt:desc"],
    }
}

#[cfg(test)]
mod tests {
    use proto::catalog::ProductKind;

    use super::*;

    #[test]
    fn every_filter_becomes_a_condition_and_one_can_be_left_out() {
        let shop = "shop_01h455vb4pex5vsknk084sn02q".parse().unwrap();
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
        };
        assert_eq!(
            expression(&filter, None),
            "categorySlugs = \"trai-cay\" AND wardCode = \"31186\" AND \
             shopId = \"shop_01h455vb4pex5vsknk084sn02q\" AND kind = \"GOODS\" AND ocopStars >= 3 AND \
             priceMax >= 10000 AND priceMin <= 9007199254740992 AND inStock = true \
             AND travelDays = \"2026-12-01\""
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
}
