//! The wards and communes of Cần Thơ, as they are since July 2025.
//!
//! Source: `data/SOURCES.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// A ward or commune of the city.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ward {
    /// The code of the General Statistics Office: `31135`.
    pub code: String,
    /// `Phường Ninh Kiều`.
    pub name: String,
    /// `Ninh Kieu Ward`.
    pub name_en: String,
}

#[expect(clippy::expect_used, reason = "the file is a part of the program, and a test reads it")]
static WARDS: LazyLock<Vec<Ward>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/wards.json")).expect("wards.json is well formed")
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static Ward>> =
    LazyLock::new(|| WARDS.iter().map(|ward| (ward.code.as_str(), ward)).collect());

/// All wards, by code.
pub fn all() -> &'static [Ward] {
    &WARDS
}

/// The ward with a code.
pub fn find(code: &str) -> Option<&'static Ward> {
    BY_CODE.get(code).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_has_103_wards_and_communes() {
        assert_eq!((all().len(), BY_CODE.len()), (103, 103));
        assert!(all().is_sorted_by_key(|ward| &ward.code));
        assert!(all().iter().all(|ward| !ward.name.is_empty() && ward.name_en.is_ascii()));
        assert_eq!(find("31135").unwrap().name, "Phường Ninh Kiều");
        assert_eq!(find("00001"), None);
    }
}
