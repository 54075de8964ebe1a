//! What people sign in with.

use super::email::Email;
use super::phone::Phone;

/// A phone number or an email address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// By phone number.
    Phone(Phone),
    /// By email address.
    Email(Email),
}

impl Login {
    /// Reads a login. `None` where it can belong to nobody; signing in treats that as an unknown
    /// login, and says no more.
    pub fn read(text: &str) -> Option<Self> {
        if text.contains('@') {
            Email::read(text).ok().map(Self::Email)
        } else {
            Phone::read(text).ok().map(Self::Phone)
        }
    }

    /// The login as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_a_phone_number_or_an_email_address() {
        assert_eq!(Login::read("0912 345 678").unwrap().as_str(), "+84912345678");
        assert_eq!(Login::read("A@Example.com").unwrap().as_str(), "a@example.com");
        assert_eq!(Login::read("bong"), None);
        assert_eq!(Login::read(""), None);
    }
}
