//! What people read of refusals, failures and import problems: Vietnamese first, English second.
//!
//! A table is a `match` over all there is, so that nothing can be without words in both languages.
//! Words may hold facts: `{maximum}`; a part in `[…]` is left out where one of its facts is missing.

mod facets;
mod failures;
mod import_problems;
mod match_reasons;
mod refusals;
mod scans;

pub use facets::facet_value;
pub use failures::failure;
pub use import_problems::import_problem;
pub use match_reasons::match_reason;
pub use refusals::refusal;
pub use scans::scan;

use kernel::Locale;

/// The same words in both languages.
#[derive(Clone, Copy, Debug)]
struct Words {
    vi: &'static str,
    en: &'static str,
}

impl Words {
    const fn in_locale(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Vi => self.vi,
            Locale::En => self.en,
        }
    }
}

const fn words(vi: &'static str, en: &'static str) -> Words {
    Words { vi, en }
}

/// Puts facts into a text.
fn fill<'a>(text: &str, fact: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(begin) = rest.find('[') {
        let Some(length) = rest[begin..].find(']') else { break };
        out.push_str(&filled(&rest[..begin], &fact).0);
        let (part, complete) = filled(&rest[begin + 1..begin + length], &fact);
        if complete {
            out.push_str(&part);
        }
        rest = &rest[begin + length + 1..];
    }
    out.push_str(&filled(rest, &fact).0);
    out
}

/// The text with its facts, and whether all of them were there.
fn filled<'a>(text: &str, fact: impl Fn(&str) -> Option<&'a str>) -> (String, bool) {
    let (mut out, mut complete, mut rest) = (String::with_capacity(text.len()), true, text);
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else { break };
        out.push_str(before);
        match fact(name) {
            Some(value) => out.push_str(value),
            None => complete = false,
        }
        rest = after;
    }
    out.push_str(rest);
    (out, complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_filled_in_and_parts_without_theirs_are_left_out() {
        let fact = |name: &str| (name == "maximum").then_some("20");
        assert_eq!(fill("Too long[, at most {maximum}].", fact), "Too long, at most 20.");
        assert_eq!(fill("Too short[, at least {minimum}].", fact), "Too short.");
        assert_eq!(fill("[{minimum}][{maximum}]!", fact), "20!");
        assert_eq!(fill("no facts", fact), "no facts");
    }
}
