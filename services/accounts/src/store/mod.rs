//! The tables of accounts: the only place that knows the ORM. Functions take a connection or a
//! transaction, and give back what the domain speaks of.

pub mod audit;
pub mod consents;
pub mod contact_letters;
pub mod invitations;
pub mod letters;
pub mod members;
pub mod password_resets;
pub mod sessions;
pub mod shops;
pub mod users;

use sea_orm::DbErr;

/// A row holds what no version of the program writes: somebody else wrote it.
fn corrupt(what: impl Into<String>) -> DbErr {
    DbErr::Type(what.into())
}

/// The value of an enum by its word in storage.
fn from_word<T: Copy>(
    column: &str,
    all: impl IntoIterator<Item = T>,
    word_of: impl Fn(T) -> &'static str,
    word: &str,
) -> Result<T, DbErr> {
    all.into_iter()
        .find(|value| word_of(*value) == word)
        .ok_or_else(|| corrupt(format!("{column} holds {word:?}")))
}

/// A SHA-256 hash from a row.
fn hash_of(bytes: &[u8]) -> Result<[u8; 32], DbErr> {
    bytes.try_into().map_err(|_| corrupt("a hash has not 32 bytes"))
}
