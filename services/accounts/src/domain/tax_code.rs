//! Tax codes of businesses in Vietnam.
//!
//! Source: Circular 86/2024/TT-BTC, article 5: ten digits for a business, thirteen (ten, a hyphen
//! and three) for its dependent units; and since 1 July 2025 the twelve digits of the personal
//! identity number for people and household businesses. Whether the code is in force only the tax
//! authority can tell.

use super::input::Problem;

/// A tax code in the form in which the authority writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxCode(String);

impl TaxCode {
    /// Reads `0123456789`, `0123456789-001`, `0123456789001` or twelve digits.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Required);
        }
        let (main, unit) =
            text.split_once('-').map_or((text, None), |(main, unit)| (main, Some(unit)));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match (main.len(), unit) {
            (10 | 12, None) if digits(main) => Ok(Self(main.to_owned())),
            (13, None) if digits(main) => Ok(Self(format!("{}-{}", &main[..10], &main[10..]))),
            (10, Some(unit)) if digits(main) && unit.len() == 3 && digits(unit) => {
                Ok(Self(format!("{main}-{unit}")))
            }
            _ => Err(Problem::Invalid),
        }
    }

    /// A code that was read before it was stored.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The code as the authority writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_businesses_units_and_people_are_accepted() {
        for (text, kept) in [
            (" 1800123456 ", "1800123456"),
            ("1800123456-001", "1800123456-001"),
            ("1800123456001", "1800123456-001"),
            ("092086001234", "092086001234"),
        ] {
            assert_eq!(TaxCode::read(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn other_texts_are_no_tax_codes() {
        for text in [
            "180012345",
            "18001234567",
            "1800123456-01",
            "1800123456-",
            "18001234560-01",
            "1800-123456",
            "180012345a",
            "1800123456-0a1",
            "092086001234-001",
            "１８００１２３４５６",
        ] {
            assert_eq!(TaxCode::read(text), Err(Problem::Invalid), "{text}");
        }
        assert_eq!(TaxCode::read(""), Err(Problem::Required));
    }
}
