//! Text that people type: tidied, bounded, and free of characters that deceive the eye.

use kernel::normalize_spaces;
use unicode_normalization::UnicodeNormalization;

use super::input::Problem;

/// Reads one line of at most `maximum` characters, in Unicode's composed form (NFC) with single
/// spaces. Nothing is left of it when it is empty: that is [`Problem::Required`].
pub fn line(text: &str, maximum: usize) -> Result<String, Problem> {
    let tidy = normalize_spaces(&text.nfc().collect::<String>());
    if tidy.is_empty() {
        return Err(Problem::Required);
    }
    bounded(tidy, maximum)
}

/// Reads text of several lines that may be empty.
pub fn paragraphs(text: &str, maximum: usize) -> Result<String, Problem> {
    let lines: Vec<String> = text.nfc().collect::<String>().lines().map(normalize_spaces).collect();
    bounded(lines.join("\n").trim().to_owned(), maximum)
}

/// Whether a text holds the address of a page or of mail, which programs that show letters make a link of:
/// `evil.vn/x`, `www.evil`, `https://…`, `a@b`. What only looks like such signs counts as they do (NFKC, and the full
/// stops of RFC 3490, 3.1). So does a full stop between a word and another of two letters or more: nobody knows all
/// domains that there are. `T.M.D.V`, `Q.1` and `TP. Cần Thơ` hold none.
pub fn holds_address(text: &str) -> bool {
    let plain = text.nfkc().collect::<String>().to_lowercase().replace('。', ".");
    ["://", "www.", "@"].into_iter().any(|sign| plain.contains(sign))
        || plain.split_whitespace().any(holds_domain)
}

fn holds_domain(word: &str) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    labels.windows(2).any(|pair| {
        let [before, after] = pair else { return false };
        let letters = after.chars().take_while(|letter| letter.is_alphabetic()).count();
        before.ends_with(char::is_alphanumeric) && letters >= 2
    })
}

fn bounded(text: String, maximum: usize) -> Result<String, Problem> {
    if text.chars().any(deceives) {
        return Err(Problem::Invalid);
    }
    if text.chars().count() > maximum {
        return Err(Problem::TooLong { maximum });
    }
    Ok(text)
}

/// Control characters, and the marks that turn the direction of writing: with them a name can look
/// like another one (Unicode Technical Report 36, 2.9).
fn deceives(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_composed_and_has_single_spaces() {
        assert_eq!(line("  Nguye\u{302}\u{303}n \t Thị\nBông ", 80).unwrap(), "Nguyễn Thị Bông");
        assert_eq!(line(" \u{a0} ", 80), Err(Problem::Required));
    }

    #[test]
    fn a_line_is_as_long_as_it_may_be_in_characters_not_bytes() {
        assert_eq!(line(&"ễ".repeat(80), 80).unwrap().chars().count(), 80);
        assert_eq!(line(&"ễ".repeat(81), 80), Err(Problem::TooLong { maximum: 80 }));
    }

    #[test]
    fn characters_that_deceive_the_eye_are_refused() {
        for text in [
            "a\u{0}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "Vietcom\u{200b}bank",
            "\u{feff}a",
            "a\u{1b}[0m",
        ] {
            assert_eq!(line(text, 80), Err(Problem::Invalid), "{text:?}");
        }
    }

    #[test]
    fn what_becomes_a_link_is_an_address_and_what_shops_are_called_is_none() {
        for text in [
            "Trúng thưởng tại evil.vn",
            "Quà (EVIL.VN/qua)",
            "evil.com.vn",
            "evil.рф",
            "evil。vn",
            "ｅｖｉｌ．ｖｎ",
            "WWW.evil",
            "http://203.0.113.5",
            "qua@evil",
            "qua＠evil",
            "xn--p1a.xn--p1ai",
        ] {
            assert!(holds_address(text), "{text}");
        }
        for text in [
            "Vựa trái cây Bông Sen",
            "Cty TNHH T.M.D.V Ba Miền",
            "TP. Cần Thơ",
            "Hoa Q.1",
            "Ghé là ghiền...",
            "Nhà...vui",
            "Từ 25.000đ",
            "24/7 – số 1",
            "Bánh.",
        ] {
            assert!(!holds_address(text), "{text}");
        }
    }

    #[test]
    fn paragraphs_keep_their_lines_and_may_be_empty() {
        assert_eq!(paragraphs(" một \r\n\n hai  ba ", 80).unwrap(), "một\n\nhai ba");
        assert_eq!(paragraphs("", 80).unwrap(), "");
        assert_eq!(paragraphs("abc", 2), Err(Problem::TooLong { maximum: 2 }));
    }
}
