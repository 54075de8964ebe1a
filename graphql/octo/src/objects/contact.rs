//! Contacts of bookings and guests.

use proto::bookings::BookingContact;
use serde::{Deserialize, Serialize};

use crate::body;
use crate::failure::Failure;
use crate::messages::Reason;

/// Letters of a field of a contact.
const MAX_LENGTH: usize = 200;
/// Languages of a contact.
const MAX_LOCALES: usize = 10;

/// What a reseller tells of a person. Nothing of it has to be there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContactInput {
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email_address: Option<String>,
    phone_number: Option<String>,
    locales: Option<Vec<String>>,
    postal_code: Option<String>,
    country: Option<String>,
    notes: Option<String>,
}

impl ContactInput {
    /// The contact in the words of orders, if every field is of a sensible length and form.
    pub fn into_message(self) -> Result<BookingContact, Failure> {
        let text = |name, given: Option<String>| {
            body::text(name, given, MAX_LENGTH).map(|given| given.trim().to_owned())
        };
        let email = text("emailAddress", self.email_address)?;
        if !email.is_empty() && !is_email(&email) {
            return Err(Failure::Unprocessable(Reason::NotAnEmail(email)));
        }
        let locales = self.locales.unwrap_or_default();
        if locales.len() > MAX_LOCALES || locales.iter().any(|tag| tag.len() > 35) {
            return Err(Failure::Unprocessable(Reason::OutOfRange("locales")));
        }
        if locales.iter().any(|tag| tag.contains('\0')) {
            return Err(Failure::Unprocessable(Reason::Nul("locales")));
        }
        Ok(BookingContact {
            full_name: text("fullName", self.full_name)?,
            first_name: text("firstName", self.first_name)?,
            last_name: text("lastName", self.last_name)?,
            email,
            phone: text("phoneNumber", self.phone_number)?,
            country: text("country", self.country)?,
            postal_code: text("postalCode", self.postal_code)?,
            notes: text("notes", self.notes)?,
            locales,
        })
    }
}

/// Whether a text may be an address of electronic mail. What a mail server takes, only it knows.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"@,;:<>()[]\\\"".contains(&byte))
    };
    let labels = domain.split('.');
    let named = labels.clone().count() > 1
        && labels.clone().all(|label| {
            !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    fits(local) && fits(domain) && named && text.len() <= 254
}

/// A contact as OCTO writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email_address: Option<String>,
    phone_number: Option<String>,
    locales: Vec<String>,
    postal_code: Option<String>,
    country: Option<String>,
    notes: Option<String>,
}

impl Contact {
    /// A contact of a booking; without one, all is `null`.
    pub fn of(contact: Option<&BookingContact>) -> Self {
        let contact = contact.cloned().unwrap_or_default();
        let given = |text: String| (!text.is_empty()).then_some(text);
        let together = format!("{} {}", contact.first_name, contact.last_name);
        Self {
            full_name: given(contact.full_name).or_else(|| given(together.trim().to_owned())),
            first_name: given(contact.first_name),
            last_name: given(contact.last_name),
            email_address: given(contact.email),
            phone_number: given(contact.phone),
            locales: contact.locales,
            postal_code: given(contact.postal_code),
            country: given(contact.country),
            notes: given(contact.notes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_taken_as_it_is_or_refused_by_the_field_that_is_wrong() {
        let input = ContactInput {
            first_name: Some(" An ".to_owned()),
            last_name: Some("Nguyễn".to_owned()),
            email_address: Some("an@chonoi.example".to_owned()),
            ..ContactInput::default()
        };
        let message = input.clone().into_message().unwrap();
        assert_eq!(
            (message.first_name.as_str(), message.email.as_str()),
            ("An", "an@chonoi.example")
        );
        assert_eq!(Contact::of(Some(&message)).full_name.as_deref(), Some("An Nguyễn"));
        for email in ["an", "an@", "@b.c", "a b@c.d", "a@b", "a@b..c", "a@-b.c"] {
            let wrong = ContactInput { email_address: Some(email.to_owned()), ..input.clone() };
            let refused = wrong.into_message().unwrap_err();
            assert_eq!(refused, Failure::Unprocessable(Reason::NotAnEmail(email.to_owned())));
        }
        let nul = ContactInput { full_name: Some("An\0".to_owned()), ..input.clone() };
        assert_eq!(
            nul.into_message().unwrap_err(),
            Failure::Unprocessable(Reason::Nul("fullName"))
        );
        let long = ContactInput { notes: Some("a".repeat(201)), ..input };
        assert_eq!(
            long.into_message().unwrap_err(),
            Failure::Unprocessable(Reason::OutOfRange("notes"))
        );
    }
}
