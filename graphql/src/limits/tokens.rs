//! Counting words and signs before a text is parsed: the parser calls itself for every bracket, and
//! takes time for every word.

use super::{MAX_NESTING, MAX_TOKENS, within};
use crate::failure::{Failure, Limit};

/// Refuses a text with too many tokens or too deep brackets.
pub fn check_text(query: &str) -> Result<(), Failure> {
    // A token is a byte at least: most texts are over no limit at first sight.
    let (tokens, nesting) = count(query.as_bytes());
    within(Limit::Tokens, tokens, MAX_TOKENS)?;
    within(Limit::Nesting, nesting, MAX_NESTING)
}

/// Lexical tokens (GraphQL specification of October 2021, 2.1) and the deepest bracket.
fn count(text: &[u8]) -> (usize, usize) {
    let (mut tokens, mut deepest, mut depth, mut at) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some(&byte) = text.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += length_while(&text[at..], |byte| byte != b'\n' && byte != b'\r');
                continue;
            }
            b'"' => at += string_length(&text[at..]),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                at +=
                    length_while(&text[at..], |byte| byte == b'_' || byte.is_ascii_alphanumeric());
            }
            _ => {
                match byte {
                    b'{' | b'(' | b'[' => depth += 1,
                    b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                deepest = deepest.max(depth);
                at += 1;
            }
        }
        tokens += 1;
    }
    (tokens, deepest)
}

fn length_while(text: &[u8], fits: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| fits(**byte)).count()
}

/// Length of the string that begins here, quotes included; to the end where it is not closed.
fn string_length(text: &[u8]) -> usize {
    let block = text.starts_with(b"\"\"\"");
    let (mut at, close): (usize, &[u8]) = if block { (3, b"\"\"\"") } else { (1, b"\"") };
    while at < text.len() {
        if text[at] == b'\\' {
            at += if block && text[at + 1..].starts_with(close) {
                4
            } else if block {
                1
            } else {
                2
            };
        } else if text[at..].starts_with(close) {
            return at + close.len();
        } else {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_signs_and_strings_are_counted_and_comments_are_not() {
        for (text, tokens, nesting) in [
            ("{ a }", 3, 1),
            ("# { { {\n{a,b,,c}", 5, 1),
            (r#"{a(x:"{ \" ( ", y: [1, -2])}"#, 15, 3),
            ("{a(x:\"\"\"{ \\\"\"\" {\"\"\")}", 8, 2),
            ("\"", 1, 0),
            ("\"\\", 1, 0),
            ("", 0, 0),
        ] {
            assert_eq!(count(text.as_bytes()), (tokens, nesting), "{text}");
        }
    }

    #[test]
    fn a_text_of_too_many_words_or_too_deep_brackets_is_refused() {
        let many = format!("{{{}}}", "a ".repeat(MAX_TOKENS));
        assert_eq!(
            check_text(&many),
            Err(Failure::LimitExceeded {
                limit: Limit::Tokens,
                allowed: MAX_TOKENS,
                found: MAX_TOKENS + 2
            })
        );
        let deep = "[".repeat(MAX_NESTING + 1);
        assert_eq!(
            check_text(&deep),
            Err(Failure::LimitExceeded {
                limit: Limit::Nesting,
                allowed: MAX_NESTING,
                found: MAX_NESTING + 1
            })
        );
    }
}
