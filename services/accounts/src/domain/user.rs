//! People with an account.

use kernel::{Locale, Timestamp, UserId};

use super::email::Email;
use super::phone::Phone;

/// The most characters of a person's name.
pub const NAME_MAXIMUM: usize = 80;

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Their phone number; they have this or an email address, or both.
    pub phone: Option<Phone>,
    /// Their email address.
    pub email: Option<Email>,
    /// The language they read.
    pub locale: Locale,
    /// Whether they run the market.
    pub operator: bool,
    /// When they signed up.
    pub created_at: Timestamp,
}
