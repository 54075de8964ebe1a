//! What people agree to, and that they did.

use async_graphql::SimpleObject;
use proto::accounts as message;

use super::enums::Locale;
use super::moment::Moment;
use super::text::localized;
use crate::access::{Requires, auth};

/// Terms of use and what becomes of personal data: one text, which people agree to as a whole.
#[derive(Clone, Debug, SimpleObject)]
pub struct Terms {
    /// Its version: the day from which it counts.
    version: String,
    /// Its parts.
    sections: Vec<TermsSection>,
}

/// A part of the terms.
#[derive(Clone, Debug, SimpleObject)]
pub struct TermsSection {
    /// What it is about.
    heading: String,
    /// What it says: paragraphs, a line each.
    text: String,
}

impl Terms {
    /// The text of accounts, in a language.
    pub fn of(terms: message::Terms, locale: kernel::Locale) -> Self {
        let sections = terms.sections.iter().map(|section| TermsSection {
            heading: localized(section.heading.as_ref(), locale).to_owned(),
            text: localized(section.text.as_ref(), locale).to_owned(),
        });
        Self { sections: sections.collect(), version: terms.version }
    }
}

/// That somebody agreed to the terms.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(directive = auth::apply(Requires::User))]
pub struct Consent {
    /// The version of the terms.
    version: String,
    /// The language in which they read them.
    locale: Locale,
    /// When they agreed.
    given_at: Moment,
}

impl Consent {
    /// All that accounts knows of somebody.
    pub fn all(consents: message::Consents) -> Vec<Self> {
        let consent = |consent: message::Consent| Self {
            locale: consent.locale.parse().unwrap_or(kernel::Locale::Vi).into(),
            given_at: Moment::of(consent.given_at),
            version: consent.version,
        };
        consents.consents.into_iter().map(consent).collect()
    }
}
