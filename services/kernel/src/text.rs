//! Folding Vietnamese text: for search, for slugs and for what banks can carry.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case without diacritics: `Bánh Pía Sóc Trăng` becomes `banh pia soc trang`.
pub fn fold(text: &str) -> String {
    without_marks(text).flat_map(char::to_lowercase).collect()
}

/// ASCII without diacritics, case kept: what a bank's memo or a QR can carry. Characters that
/// have no ASCII form become a space.
pub fn fold_ascii(text: &str) -> String {
    let folded: String = without_marks(text)
        .map(|c| match c {
            '–' | '—' => '-',
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            c if c.is_ascii_graphic() => c,
            _ => ' ',
        })
        .collect();
    normalize_spaces(&folded)
}

/// One space between words, none at the ends.
pub fn normalize_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name for addresses of pages: `Bánh Pía (đặc biệt)` becomes `banh-pia-dac-biet`.
pub fn slug(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

fn without_marks(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfd().filter(|c| !is_combining_mark(*c)).map(|c| match c {
        'đ' | 'ð' => 'd',
        'Đ' | 'Ð' => 'D',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_folds_to_what_people_type_without_diacritics() {
        assert_eq!(fold("Bánh Pía SÓC TRĂNG – Đặc biệt"), "banh pia soc trang – dac biet");
        // The same letters written with combining marks fold alike.
        assert_eq!(fold("Bu\u{31b}\u{309}i"), fold("Bửi"));
        assert_eq!(fold_ascii("Đơn hàng số 7 – cảm ơn 🌸"), "Don hang so 7 - cam on");
        assert_eq!(slug("  Bánh Pía (đặc biệt) 500g "), "banh-pia-dac-biet-500g");
        assert_eq!(slug("🌸"), "");
    }
}
