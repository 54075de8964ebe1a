//! The facets of a search: their names, their values and the order in which they are given.

use std::collections::HashMap;

use super::engine::FacetCounts;

/// Values given of a facet, at most: the ones with the most products.
pub(super) const MAX_FACET_VALUES: usize = 100;

/// Where the ranges of prices begin, in đồng.
const PRICE_EDGES: [i64; 6] = [0, 50_000, 100_000, 200_000, 500_000, 1_000_000];
/// How many ranges of prices there are.
pub(super) const PRICE_RANGES: usize = PRICE_EDGES.len();

/// Stars that are counted: OCOP labels start at three.
pub(super) const OCOP_STARS: [u32; 3] = [5, 4, 3];

/// Something that the products found are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Facet {
    /// Category, with all above.
    Category,
    /// Ward.
    Ward,
    /// Shop.
    Shop,
    /// Goods or tours.
    Kind,
    /// At least so many OCOP stars.
    Ocop,
    /// Range of prices.
    Price,
}

impl Facet {
    /// All facets, in the order in which they are given.
    pub const ALL: [Self; 6] =
        [Self::Category, Self::Ward, Self::Shop, Self::Kind, Self::Ocop, Self::Price];

    /// Its name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Ward => "ward",
            Self::Shop => "shop",
            Self::Kind => "kind",
            Self::Ocop => "ocop",
            Self::Price => "price",
        }
    }

    /// The counts as they are given: most products first; prices and stars in their own order.
    pub fn counts(self, counted: HashMap<String, u64>) -> FacetCounts {
        let name = self.name().to_owned();
        let mut values: Vec<(String, u64)> =
            counted.into_iter().filter(|(value, count)| !value.is_empty() && *count > 0).collect();
        match self {
            Self::Price => values.sort_by_key(|(value, _)| range_place(value)),
            Self::Ocop => values.sort_by(|(left, _), (right, _)| right.cmp(left)),
            _ => values.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b))),
        }
        values.truncate(MAX_FACET_VALUES);
        FacetCounts { name, values }
    }
}

/// The ranges that the prices from the cheapest to the dearest variant touch.
pub(super) fn price_ranges(cheapest: i64, dearest: i64) -> std::ops::RangeInclusive<usize> {
    let place = |price: i64| PRICE_EDGES.partition_point(|edge| *edge <= price).saturating_sub(1);
    place(cheapest)..=place(dearest)
}

/// The name of a range: its first and last price.
pub(super) fn range_name(place: usize) -> String {
    let from = PRICE_EDGES[place];
    match PRICE_EDGES.get(place + 1) {
        Some(next) => format!("{from}-{}", next - 1),
        None => format!("{from}-"),
    }
}

fn range_place(name: &str) -> usize {
    (0..PRICE_RANGES).find(|place| range_name(*place) == name).unwrap_or(PRICE_RANGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_counts_in_every_range_its_prices_touch() {
        assert_eq!(price_ranges(0, 49_999), 0..=0);
        assert_eq!(price_ranges(50_000, 50_000), 1..=1);
        assert_eq!(price_ranges(60_000, 250_000), 1..=3);
        assert_eq!(price_ranges(9_000_000, 9_000_000), 5..=5);
        assert_eq!(range_name(0), "0-49999");
        assert_eq!(range_name(5), "1000000-");
    }

    #[test]
    fn values_come_by_count_but_prices_and_stars_in_their_order() {
        let counted = |pairs: &[(&str, u64)]| -> HashMap<String, u64> {
            pairs.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
        };
        let values = |facet: Facet, pairs: &[(&str, u64)]| -> Vec<String> {
            facet.counts(counted(pairs)).values.into_iter().map(|(value, _)| value).collect()
        };
        assert_eq!(
            values(Facet::Ward, &[("b", 2), ("a", 2), ("c", 9), ("", 4), ("d", 0)]),
            ["c", "a", "b"]
        );
        assert_eq!(values(Facet::Ocop, &[("3", 9), ("5", 1)]), ["5", "3"]);
        assert_eq!(
            values(Facet::Price, &[("1000000-", 9), ("0-49999", 1), ("500000-999999", 2)]),
            ["0-49999", "500000-999999", "1000000-"]
        );
    }
}
