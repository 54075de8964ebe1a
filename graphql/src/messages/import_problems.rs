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

/// The codes of catalog (`domain/import/problems.rs`).
const TABLE: &[(&str, Words)] = &[
    ("required", words("Thiếu giá trị này.", "This is missing.")),
    ("too_long", words("Quá dài.", "This is too long.")),
    (
        "control_character",
        words("Có ký tự không nhìn thấy được.", "This holds characters that nobody sees."),
    ),
    ("not_a_number", words("Đây không phải là số nguyên.", "This is not a whole number.")),
    ("not_a_price", words("Đây không phải là giá tiền.", "This is not a price.")),
    (
        "out_of_range",
        words("Giá trị thiếu hoặc ngoài giới hạn.", "This is missing or out of range."),
    ),
    (
        "currency_not_supported",
        words("Chỉ nhận tiền đồng (VND).", "Only đồng (VND) are supported."),
    ),
    ("unknown_category", words("Không có quầy này.", "There is no such category.")),
    ("ocop_stars", words("Sao OCOP là 0, 3, 4 hoặc 5.", "OCOP stars are 0, 3, 4 or 5.")),
    ("unknown_kind", words("Loại hàng là GOODS hoặc TOUR.", "The kind is GOODS or TOUR.")),
    (
        "options_differ",
        words(
            "Lựa chọn không khớp với các dòng khác của mặt hàng.",
            "The options do not fit the other lines of the product.",
        ),
    ),
    ("options_repeat", words("Hai dòng có cùng lựa chọn.", "Two lines have the same options.")),
    ("sku_repeats", words("Mã hàng lặp lại trong tệp.", "This SKU stands twice in the file.")),
    (
        "sku_taken",
        words("Một mặt hàng khác đã dùng mã này.", "Another product of the shop has this SKU."),
    ),
    (
        "handle_repeats",
        words("Tên này nằm ở hai chỗ trong tệp.", "This handle stands in two places of the file."),
    ),
    (
        "too_many",
        words("Quá nhiều phiên bản hoặc lựa chọn.", "There are too many variants or options."),
    ),
    (
        "picture_not_imported",
        words(
            "Ảnh không được nhập từ đường dẫn. Hãy thêm ảnh ở trang sửa món hàng.",
            "Pictures are not imported from addresses. Please add them where the product is edited.",
        ),
    ),
    (
        "service",
        words(
            "Dịch vụ không bán như hàng hoá ở đây được.",
            "A service cannot be sold as goods here.",
        ),
    ),
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
