//! Words of what is wrong with a line of a product file.

use kernel::Locale;

use super::{Words, words};

/// What people read of an import problem, by the code that catalog gives it. A code that this
/// table does not know yet still has words.
pub fn import_problem(code: &str, locale: Locale) -> &'static str {
    let known = TABLE.iter().find(|(known, _)| *known == code);
    known.map_or(UNKNOWN, |(_, words)| *words).in_locale(locale)
}

const UNKNOWN: Words = words("Giá trị không hợp lệ.", "This is not valid.");

/// The codes of catalog, in the order in which its importer finds them.
const TABLE: &[(&str, Words)] = &[
    ("required", words("Thiếu giá trị này.", "This is missing.")),
    ("missing", words("Thiếu giá trị này.", "This is missing.")),
    ("missing_column", words("Thiếu cột này.", "This column is missing.")),
    ("unknown_column", words("Không có cột này.", "There is no such column.")),
    ("too_long", words("Quá dài.", "This is too long.")),
    ("too_short", words("Quá ngắn.", "This is too short.")),
    ("invalid", UNKNOWN),
    ("invalid_number", words("Đây không phải là số.", "This is not a number.")),
    ("invalid_price", words("Giá không hợp lệ.", "This is not a price.")),
    ("price", words("Giá thiếu hoặc ngoài giới hạn.", "The price is missing or out of range.")),
    ("invalid_stock", words("Số lượng không hợp lệ.", "This is not a stock.")),
    ("stock", words("Số lượng ngoài giới hạn.", "The stock is out of range.")),
    ("out_of_range", words("Giá trị ngoài giới hạn.", "This is out of range.")),
    ("invalid_kind", words("Loại hàng không hợp lệ.", "There is no such kind of product.")),
    ("unknown_kind", words("Loại hàng không hợp lệ.", "There is no such kind of product.")),
    ("unknown_category", words("Không có gian hàng này.", "There is no such category.")),
    ("unknown_ward", words("Không có phường, xã này.", "There is no such ward.")),
    ("unknown_currency", words("Không có loại tiền này.", "There is no such currency.")),
    (
        "currency_not_supported",
        words("Không hỗ trợ loại tiền này.", "This currency is not supported."),
    ),
    ("ocop_stars", words("Sao OCOP là 0, 3, 4 hoặc 5.", "OCOP stars are 0, 3, 4 or 5.")),
    ("invalid_ocop_stars", words("Sao OCOP là 0, 3, 4 hoặc 5.", "OCOP stars are 0, 3, 4 or 5.")),
    ("sku_taken", words("Mã hàng này đã có.", "The shop has this SKU already.")),
    ("duplicate_sku", words("Mã hàng lặp lại trong tệp.", "This SKU stands twice in the file.")),
    ("sku_repeats", words("Mã hàng lặp lại trong tệp.", "This SKU stands twice in the file.")),
    ("duplicate_option", words("Hai lựa chọn giống nhau.", "Two variants have the same options.")),
    ("options_repeat", words("Hai lựa chọn giống nhau.", "Two variants have the same options.")),
    (
        "options_differ",
        words("Các dòng không cùng số lựa chọn.", "The lines differ in their options."),
    ),
    ("too_many_options", words("Quá nhiều lựa chọn.", "There are too many options.")),
    ("too_many_variants", words("Quá nhiều phiên bản.", "There are too many variants.")),
    ("variant_count", words("Không có phiên bản, hoặc quá nhiều.", "No variant, or too many.")),
    (
        "wrong_number_of_fields",
        words("Dòng thiếu hoặc thừa cột.", "The line has too few or too many fields."),
    ),
    ("not_utf8", words("Tệp không phải UTF-8.", "This is not UTF-8.")),
    ("unreadable", words("Không đọc được dòng này.", "This line cannot be read.")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_problem_has_words_in_both_languages_once() {
        for (index, (code, words)) in TABLE.iter().enumerate() {
            assert!(
                words.vi.ends_with('.') && words.en.ends_with('.') && words.vi != words.en,
                "{code}"
            );
            assert!(TABLE[..index].iter().all(|(other, _)| other != code), "{code} stands twice");
        }
        assert_eq!(import_problem("unknown_category", Locale::En), "There is no such category.");
        assert_eq!(import_problem("of tomorrow", Locale::Vi), "Giá trị không hợp lệ.");
    }
}
