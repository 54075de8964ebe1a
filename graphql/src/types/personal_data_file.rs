//! What the market keeps of a person, as a file.

use async_graphql::SimpleObject;

use crate::access::{Requires, auth};

/// What the market keeps of a person, as a file for themselves.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(directive = auth::apply(Requires::User))]
pub struct PersonalDataFile {
    /// A name for it.
    name: String,
    /// Its media type: `application/json`.
    media_type: String,
    /// Its text: JSON. `nextPart` in it is the address of the next part, where there is one.
    content: String,
}

impl PersonalDataFile {
    /// The file around a text.
    pub fn of(content: String) -> Self {
        let (name, media_type) = ("cho-noi-my-data.json", "application/json");
        Self { name: name.to_owned(), media_type: media_type.to_owned(), content }
    }
}
