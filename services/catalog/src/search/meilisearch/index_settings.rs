//! How the index of Meilisearch is set up.

use std::collections::BTreeMap;

use meilisearch_sdk::settings::{
    FacetSortValue, FacetingSettings, MinWordSizeForTypos, PaginationSetting, Settings,
    TypoToleranceSettings,
};

use super::super::engine::MAX_DEPTH;
use super::super::facets::MAX_FACET_VALUES;
use super::documents::{FOUND_FIELDS, GEO};

const SEARCHABLE: [&str; 2] = ["titleFolded", "textFolded"];

const FILTERABLE: [&str; 13] = [
    "categorySlugs",
    "shopId",
    "kind",
    "wardCode",
    "ocopStars",
    "ocopAtLeast",
    "priceMin",
    "priceMax",
    "priceRanges",
    "inStock",
    "travelDays",
    "rating",
    GEO,
];

const SORTABLE: [&str; 4] = ["priceMin", "createdAt", "rating", GEO];

/// A chosen order goes before relevance, and ties go to the newest.
const RANKING: [&str; 7] =
    ["sort", "words", "typo", "proximity", "attribute", "exactness", "createdAt:desc"];

/// Vietnamese syllables are short. Meilisearch forgives nothing below five letters unless told; at
/// three letters everything would match.
const ONE_TYPO_FROM: u8 = 4;
const TWO_TYPOS_FROM: u8 = 8;

/// The settings of the index.
pub(super) fn settings() -> Settings {
    let typos = TypoToleranceSettings {
        enabled: Some(true),
        min_word_size_for_typos: Some(MinWordSizeForTypos {
            one_typo: Some(ONE_TYPO_FROM),
            two_typos: Some(TWO_TYPOS_FROM),
        }),
        ..TypoToleranceSettings::default()
    };
    let by_count = BTreeMap::from([("*".to_owned(), FacetSortValue::Count)]);
    Settings::new()
        .with_searchable_attributes(SEARCHABLE)
        .with_displayed_attributes(FOUND_FIELDS)
        .with_filterable_attributes(FILTERABLE)
        .with_sortable_attributes(SORTABLE)
        .with_ranking_rules(RANKING)
        .with_typo_tolerance(typos)
        .with_pagination(PaginationSetting { max_total_hits: MAX_DEPTH as usize })
        .with_faceting(FacetingSettings {
            max_values_per_facet: MAX_FACET_VALUES,
            sort_facet_values_by: Some(by_count),
        })
}
