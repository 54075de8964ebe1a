//! What can be wrong with a line of a product file.

use serde::{Deserialize, Serialize};

use crate::domain::product::DraftProblem;

/// What is wrong. People's words for it are the gateway's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Something must be there.
    Required,
    /// It is too long.
    TooLong,
    /// It holds characters that nobody sees.
    ControlCharacter,
    /// It is no whole number.
    NotANumber,
    /// It is no price.
    NotAPrice,
    /// It is out of range.
    OutOfRange,
    /// Only đồng are taken.
    CurrencyNotSupported,
    /// There is no such category.
    UnknownCategory,
    /// OCOP stars are 0, 3, 4 or 5.
    OcopStars,
    /// `GOODS` or `TOUR`.
    UnknownKind,
    /// Options do not fit the product's.
    OptionsDiffer,
    /// Two variants have the same options.
    OptionsRepeat,
    /// A SKU stands twice.
    SkuRepeats,
    /// Another product of the shop has the SKU.
    SkuTaken,
    /// The handle stands in two places of the file.
    HandleRepeats,
    /// Too many variants or options.
    TooMany,
    /// A picture is named by an address, and nothing is fetched from there.
    PictureNotImported,
    /// It is a service, which is not sold as goods.
    Service,
}

impl ProblemCode {
    /// The name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::ControlCharacter => "control_character",
            Self::NotANumber => "not_a_number",
            Self::NotAPrice => "not_a_price",
            Self::OutOfRange => "out_of_range",
            Self::CurrencyNotSupported => "currency_not_supported",
            Self::UnknownCategory => "unknown_category",
            Self::OcopStars => "ocop_stars",
            Self::UnknownKind => "unknown_kind",
            Self::OptionsDiffer => "options_differ",
            Self::OptionsRepeat => "options_repeat",
            Self::SkuRepeats => "sku_repeats",
            Self::SkuTaken => "sku_taken",
            Self::HandleRepeats => "handle_repeats",
            Self::TooMany => "too_many",
            Self::PictureNotImported => "picture_not_imported",
            Self::Service => "service",
        }
    }

    /// Whether the product is written all the same: something of the line was left out.
    pub const fn is_notice(self) -> bool {
        matches!(self, Self::PictureNotImported)
    }
}

/// Something wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    /// The line; the header is line 1.
    pub line: u32,
    /// The column.
    pub column: String,
    /// What is wrong.
    pub code: ProblemCode,
    /// What stood there, cut to 80 characters.
    pub value: String,
}

impl ImportProblem {
    /// A problem of a cell.
    pub fn new(line: u32, column: &str, code: ProblemCode, value: &str) -> Self {
        Self { line, column: column.to_owned(), code, value: value.chars().take(80).collect() }
    }
}

/// A problem of a draft, at the line that it came from.
pub fn of_draft(problem: &DraftProblem, line: u32, variant_lines: &[u32]) -> ImportProblem {
    let at = |index: &usize| variant_lines.get(*index).copied().unwrap_or(line);
    let (line, column, code, value) = match problem {
        DraftProblem::TitleMissing => (line, "title_vi", ProblemCode::Required, ""),
        DraftProblem::TooLong(column, _) => (line, *column, ProblemCode::TooLong, ""),
        DraftProblem::ControlCharacter(column) => {
            (line, *column, ProblemCode::ControlCharacter, "")
        }
        DraftProblem::UnknownCategory(slug) => {
            (line, "category_slug", ProblemCode::UnknownCategory, slug.as_str())
        }
        DraftProblem::OcopStars => (line, "ocop_stars", ProblemCode::OcopStars, ""),
        DraftProblem::VariantCount | DraftProblem::OptionCount => {
            (line, "sku", ProblemCode::TooMany, "")
        }
        DraftProblem::OptionsDiffer(index) => {
            (at(index), "option1_value", ProblemCode::OptionsDiffer, "")
        }
        DraftProblem::OptionsRepeat(index) => {
            (at(index), "option1_value", ProblemCode::OptionsRepeat, "")
        }
        DraftProblem::Price(index) => (at(index), "price", ProblemCode::OutOfRange, ""),
        DraftProblem::Currency(index) => {
            (at(index), "currency", ProblemCode::CurrencyNotSupported, "")
        }
        DraftProblem::Stock(index) => (at(index), "stock", ProblemCode::OutOfRange, ""),
        DraftProblem::SkuRepeats(index) => (at(index), "sku", ProblemCode::SkuRepeats, ""),
    };
    ImportProblem::new(line, column, code, value)
}
