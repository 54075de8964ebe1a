//! Words of why a payment is suggested for a bank credit.

use kernel::Locale;

use super::{Words, words};

/// What people read of a reason, by the name that payments gives it. A name that this table does not
/// know yet still has words.
pub fn match_reason(name: &str, locale: Locale) -> &'static str {
    let known = TABLE.iter().find(|(known, _)| *known == name);
    known.map_or(UNKNOWN, |(_, words)| *words).in_locale(locale)
}

const UNKNOWN: Words = words("Có thể là khoản này.", "It may be this one.");

/// The reasons of payments (`domain/reconciliation/suggesting.rs`).
const TABLE: &[(&str, Words)] = &[
    (
        "near_code_and_amount",
        words(
            "Nội dung gần giống mã thanh toán, đúng số tiền.",
            "The message is nearly its code, and the amount is right.",
        ),
    ),
    (
        "known_payer_and_amount",
        words(
            "Người chuyển từng trả cho cửa hàng này, đúng số tiền.",
            "The sender has paid this shop before, and the amount is right.",
        ),
    ),
    ("near_code", words("Nội dung gần giống mã thanh toán.", "The message is nearly its code.")),
    (
        "only_one_of_this_amount",
        words(
            "Chỉ có khoản này đang chờ đúng số tiền ấy.",
            "It is the only one that waits for this amount.",
        ),
    ),
    (
        "known_payer",
        words("Người chuyển từng trả cho cửa hàng này.", "The sender has paid this shop before."),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_in_both_languages_once() {
        for (index, (name, words)) in TABLE.iter().enumerate() {
            assert!(
                words.vi.ends_with('.') && words.en.ends_with('.') && words.vi != words.en,
                "{name}"
            );
            assert!(TABLE[..index].iter().all(|(other, _)| other != name), "{name} stands twice");
        }
        assert_eq!(match_reason("near_code", Locale::En), "The message is nearly its code.");
        assert_eq!(match_reason("of tomorrow", Locale::Vi), "Có thể là khoản này.");
    }
}
