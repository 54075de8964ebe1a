//! Who receives, and how.

use kernel::normalize_spaces;

/// Who receives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// 1 to 80 characters.
    pub name: String,
    /// E.164, or empty.
    pub phone: String,
    /// Or empty; phone or email is there.
    pub email: String,
}

/// How the goods reach who bought them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeliveryMethod {
    /// To an address.
    Ship,
    /// Picked up at the shop.
    #[default]
    Pickup,
    /// A ticket.
    Ticket,
}

impl DeliveryMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Ship, Self::Pickup, Self::Ticket];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Pickup => "pickup",
            Self::Ticket => "ticket",
        }
    }
}

/// Where to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// How.
    pub method: DeliveryMethod,
    /// Code of the ward; for shipping it must be there.
    pub ward_code: String,
    /// House, street, hamlet; for shipping it must be there.
    pub address: String,
    /// A note for the seller, at most 500 characters.
    pub note: String,
}

/// What is wrong with a contact or a delivery; several things at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactProblem {
    /// The name is missing.
    NameMissing,
    /// The name is too long.
    NameTooLong,
    /// Neither phone nor email.
    PhoneOrEmailMissing,
    /// The phone is no Vietnamese or international number.
    PhoneInvalid,
    /// The email is none.
    EmailInvalid,
    /// Shipping needs a ward.
    WardMissing,
    /// Shipping needs an address.
    AddressMissing,
    /// The address is too long.
    AddressTooLong,
    /// The note is too long.
    NoteTooLong,
}

/// The longest name.
pub const MAX_NAME: usize = 80;
/// The longest address.
pub const MAX_ADDRESS: usize = 200;
/// The longest note.
pub const MAX_NOTE: usize = 500;

/// Puts contact and delivery into their normal form, and says all that is wrong.
pub fn checked(
    contact: Contact,
    delivery: Delivery,
) -> Result<(Contact, Delivery), Vec<ContactProblem>> {
    let mut problems = Vec::new();
    let mut note = |wrong: bool, problem| {
        if wrong {
            problems.push(problem);
        }
    };
    let name = normalize_spaces(&contact.name);
    note(name.is_empty(), ContactProblem::NameMissing);
    note(name.chars().count() > MAX_NAME, ContactProblem::NameTooLong);
    let (phone, email) = (contact.phone.trim(), contact.email.trim().to_lowercase());
    note(phone.is_empty() && email.is_empty(), ContactProblem::PhoneOrEmailMissing);
    let normal = e164(phone);
    note(!phone.is_empty() && normal.is_none(), ContactProblem::PhoneInvalid);
    note(!email.is_empty() && !looks_like_email(&email), ContactProblem::EmailInvalid);
    let shipped = delivery.method == DeliveryMethod::Ship;
    let (ward_code, address) =
        (delivery.ward_code.trim().to_owned(), normalize_spaces(&delivery.address));
    note(shipped && ward_code.is_empty(), ContactProblem::WardMissing);
    note(shipped && address.is_empty(), ContactProblem::AddressMissing);
    note(address.chars().count() > MAX_ADDRESS, ContactProblem::AddressTooLong);
    let text = delivery.note.trim().to_owned();
    note(text.chars().count() > MAX_NOTE, ContactProblem::NoteTooLong);
    if !problems.is_empty() {
        return Err(problems);
    }
    let contact = Contact { name, phone: normal.unwrap_or_default(), email };
    Ok((contact, Delivery { method: delivery.method, ward_code, address, note: text }))
}

/// A telephone number in E.164; Vietnamese ones may begin with 0.
fn e164(text: &str) -> Option<String> {
    let digits: String =
        text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
    let number = match digits.strip_prefix('+') {
        Some(rest) => rest.to_owned(),
        None => match digits.strip_prefix('0') {
            Some(rest) => format!("84{rest}"),
            None => digits,
        },
    };
    let fine = (8..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    (fine && !number.starts_with('0')).then(|| format!("+{number}"))
}

/// Whether a text may be an e-mail address.
pub fn looks_like_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let sound =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    text.len() <= 254
        && sound(local)
        && sound(host)
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(phone: &str, email: &str) -> Contact {
        Contact { name: " Lê  Minh ".to_owned(), phone: phone.to_owned(), email: email.to_owned() }
    }

    #[test]
    fn a_contact_is_put_into_its_normal_form() {
        let (contact, _) =
            checked(contact("0912.345 678", "Minh@Example.com"), Delivery::default()).unwrap();
        assert_eq!((contact.name.as_str(), contact.phone.as_str()), ("Lê Minh", "+84912345678"));
        assert_eq!(contact.email, "minh@example.com");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let empty = Contact::default();
        let shipped = Delivery { method: DeliveryMethod::Ship, ..Delivery::default() };
        assert_eq!(
            checked(empty, shipped),
            Err(vec![
                ContactProblem::NameMissing,
                ContactProblem::PhoneOrEmailMissing,
                ContactProblem::WardMissing,
                ContactProblem::AddressMissing,
            ])
        );
        let problems = checked(
            contact("12", "a@b"),
            Delivery { note: "x".repeat(501), ..Delivery::default() },
        );
        assert_eq!(
            problems,
            Err(vec![
                ContactProblem::PhoneInvalid,
                ContactProblem::EmailInvalid,
                ContactProblem::NoteTooLong
            ])
        );
    }
}
