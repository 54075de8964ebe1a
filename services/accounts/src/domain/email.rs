//! Email addresses, in lower case.

use std::fmt;

use super::input::Problem;

/// An email address: `bong@example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3: a path of 256 with brackets).
const MAXIMUM: usize = 254;
/// The longest part before the at-sign (RFC 5321, 4.5.3.1.1).
const LOCAL_MAXIMUM: usize = 64;

/// The domain of addresses that stand for those of deleted accounts: nobody has one there (RFC 2606, 2).
pub const OF_NOBODY: &str = "deleted.invalid";

impl Email {
    /// Reads an address of the form that people have: no quotes, no comments, ASCII only. Whether
    /// anybody reads mail there, only mail can tell.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Required);
        }
        if text.len() > MAXIMUM {
            return Err(Problem::TooLong { maximum: MAXIMUM });
        }
        let (local, domain) = text.split_once('@').ok_or(Problem::Invalid)?;
        let nobodys = domain.eq_ignore_ascii_case(OF_NOBODY);
        if is_local_part(local) && is_domain(domain) && !nobodys {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Problem::Invalid)
        }
    }

    /// An address that was read before it was stored.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the at-sign.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Atoms with dots between them (RFC 5322, 3.2.3).
fn is_local_part(text: &str) -> bool {
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    text.len() <= LOCAL_MAXIMUM
        && text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

/// Two or more labels of letters, digits and inner hyphens (RFC 1035, 2.3.1); the last is no number.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('.')
        && text.split('.').all(is_label)
        && last.len() >= 2
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(
            Email::read(" Bong.Sen+Shop@Example.COM ").unwrap().as_str(),
            "bong.sen+shop@example.com"
        );
        assert!(Email::read("a@xn--cn-th-1na.vn").is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "bong",
            "@example.com",
            "bong@",
            "bong@localhost",
            "bong@@example.com",
            "a@b@example.com",
            "bong..sen@example.com",
            ".bong@example.com",
            "bong@-example.com",
            "bong@example..com",
            "bong@1.2.3.4",
            "bông@example.com",
            "bong sen@example.com",
            "bong@example.com\r\nBcc: x@y.vn",
            "\"bong\"@example.com",
            "<bong@example.com>",
            "bong@example.c",
            "0190163d@Deleted.invalid",
        ] {
            assert_eq!(Email::read(text), Err(Problem::Invalid), "{text}");
        }
        assert_eq!(Email::read(""), Err(Problem::Required));
        assert_eq!(Email::read(&format!("{}@example.com", "a".repeat(65))), Err(Problem::Invalid));
        assert!(matches!(
            Email::read(&format!("a@{}.com", "b".repeat(300))),
            Err(Problem::TooLong { .. })
        ));
    }
}
