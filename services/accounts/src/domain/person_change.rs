//! What people correct of themselves: their name and language at once, and with their password how they are reached.

use kernel::Locale;

use super::email::Email;
use super::input::{Checks, InputRefused, Path, Problem};
use super::phone::Phone;
use super::text;
use super::user::{NAME_MAXIMUM, User};

/// The form as it was filled in; what is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PersonForm {
    /// What they are called.
    pub name: Option<String>,
    /// Telephone number; empty where there shall be none.
    pub phone: Option<String>,
    /// Email address; empty where there shall be none.
    pub email: Option<String>,
    /// `vi` or `en`.
    pub locale: Option<String>,
}

/// What becomes of a way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way<T> {
    /// It stays.
    Kept,
    /// There shall be none.
    Gone,
    /// Another one.
    Other(T),
}

/// What somebody wants to be different, as far as it can be known without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChange {
    name: Option<String>,
    locale: Option<Locale>,
    phone: Way<Phone>,
    email: Way<Email>,
}

/// What a change makes of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The person, as they are at once.
    pub user: User,
    /// The email address that they want, which counts once it is confirmed.
    pub awaited_email: Option<Email>,
    /// Whether they have another telephone number, or none any more.
    pub phone_changed: bool,
    /// Whether they have no email address any more.
    pub email_gone: bool,
}

impl PersonChange {
    /// Reads the form; tells everything that is wrong with it at once.
    pub fn read(form: &PersonForm) -> Result<Self, Vec<InputRefused>> {
        let mut checks = Checks::default();
        let name = form.name.as_deref();
        let name = name.and_then(|name| checks.keep(&["name"], text::line(name, NAME_MAXIMUM)));
        let locale = form.locale.as_deref().and_then(|locale| {
            checks.keep(&["locale"], locale.parse().map_err(|()| Problem::Invalid))
        });
        let phone = way(&mut checks, &["phone"], form.phone.as_deref(), Phone::read);
        let email = way(&mut checks, &["email"], form.email.as_deref(), Email::read);
        if checks.passed() {
            Ok(Self { name, locale, phone, email })
        } else {
            Err(checks.into_refused())
        }
    }

    /// What it makes of a person. Refused where nothing would be left to sign in with.
    pub fn of(&self, person: &User) -> Result<Changed, Vec<InputRefused>> {
        let mut user = person.clone();
        if let Some(name) = &self.name {
            user.name.clone_from(name);
        }
        user.locale = self.locale.unwrap_or(user.locale);
        match &self.phone {
            Way::Kept => {}
            Way::Gone => user.phone = None,
            Way::Other(phone) => user.phone = Some(phone.clone()),
        }
        let awaited_email = match &self.email {
            Way::Kept => None,
            Way::Gone => {
                user.email = None;
                None
            }
            Way::Other(email) => {
                Some(email.clone()).filter(|email| Some(email) != user.email.as_ref())
            }
        };
        // An address that nobody confirmed yet is no way to sign in.
        if user.phone.is_none() && user.email.is_none() {
            let field: Path = if person.phone.is_some() { &["phone"] } else { &["email"] };
            return Err(vec![InputRefused::new(field, Problem::PhoneOrEmailRequired)]);
        }
        let phone_changed = user.phone != person.phone;
        let email_gone = user.email != person.email;
        Ok(Changed { user, awaited_email, phone_changed, email_gone })
    }
}

impl Changed {
    /// Whether it changes how the person is reached: then they type their password again.
    pub const fn asks_for_password(&self) -> bool {
        self.phone_changed || self.email_gone || self.awaited_email.is_some()
    }
}

fn way<T>(
    checks: &mut Checks,
    path: Path,
    text: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, Problem>,
) -> Way<T> {
    match text {
        None => Way::Kept,
        Some(text) if text.trim().is_empty() => Way::Gone,
        Some(text) => checks.keep(path, read(text)).map_or(Way::Kept, Way::Other),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    fn person(phone: &str, email: &str) -> User {
        User {
            id: "user_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            name: "Bông".to_owned(),
            phone: Phone::read(phone).ok(),
            email: Email::read(email).ok(),
            locale: Locale::Vi,
            operator: false,
            created_at: Timestamp::from_micros(0),
        }
    }

    fn change(form: PersonForm) -> PersonChange {
        PersonChange::read(&form).unwrap()
    }

    fn typed(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn what_is_left_out_or_typed_as_it_is_stays_and_asks_for_no_password() {
        let person = person("0912345678", "bong@example.com");
        let same = PersonForm {
            phone: Some(typed("+84 912 345 678")),
            email: Some(typed(" Bong@Example.com")),
            ..PersonForm::default()
        };
        for form in [PersonForm::default(), same] {
            let changed = change(form).of(&person).unwrap();
            assert_eq!(changed.user, person);
            assert!(!changed.asks_for_password(), "{changed:?}");
        }
    }

    #[test]
    fn name_and_language_are_corrected_at_once_and_without_the_password() {
        let form = PersonForm {
            name: Some(typed(" Nguyễn  Thị Sen ")),
            locale: Some(typed("en")),
            ..PersonForm::default()
        };
        let changed = change(form).of(&person("0912345678", "")).unwrap();
        assert_eq!(
            (changed.user.name.as_str(), changed.user.locale),
            ("Nguyễn Thị Sen", Locale::En)
        );
        assert!(!changed.asks_for_password());
    }

    #[test]
    fn another_email_address_waits_and_the_one_before_stays_until_then() {
        let form = PersonForm { email: Some(typed("sen@example.com")), ..PersonForm::default() };
        let person = person("", "bong@example.com");
        let changed = change(form).of(&person).unwrap();
        assert_eq!(changed.user, person);
        assert_eq!(changed.awaited_email.as_ref().map(Email::as_str), Some("sen@example.com"));
        assert!(changed.asks_for_password());
    }

    #[test]
    fn nobody_is_left_without_a_way_to_sign_in() {
        let gone = |phone: Option<&str>, email: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            change(PersonForm { phone: owned(phone), email: owned(email), ..PersonForm::default() })
        };
        let only_phone = person("0912345678", "");
        let only_email = person("", "bong@example.com");
        let needed =
            |field: Path| Err(vec![InputRefused::new(field, Problem::PhoneOrEmailRequired)]);
        assert_eq!(gone(Some(""), None).of(&only_phone), needed(&["phone"]));
        assert_eq!(gone(None, Some(" ")).of(&only_email), needed(&["email"]));
        // What waits to be confirmed is none yet.
        assert_eq!(gone(Some(""), Some("sen@example.com")).of(&only_phone), needed(&["phone"]));
        let both = person("0912345678", "bong@example.com");
        assert!(gone(None, Some("")).of(&both).unwrap().email_gone);
        assert!(gone(Some(""), None).of(&both).unwrap().phone_changed);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let form = PersonForm {
            name: Some(typed(" ")),
            phone: Some(typed("12")),
            email: Some(typed("bong@")),
            locale: Some(typed("fr")),
        };
        assert_eq!(
            PersonChange::read(&form).unwrap_err(),
            [
                InputRefused::new(&["name"], Problem::Required),
                InputRefused::new(&["locale"], Problem::Invalid),
                InputRefused::new(&["phone"], Problem::Invalid),
                InputRefused::new(&["email"], Problem::Invalid),
            ]
        );
    }
}
