//! What a person gives to get an account.

use kernel::{Locale, Timestamp, UserId};

use super::email::Email;
use super::input::{Checks, InputRefused, Problem};
use super::password::{KnownBy, Password};
use super::phone::Phone;
use super::user::{NAME_MAXIMUM, User};
use super::{terms, text};

/// The form as it was filled in.
#[derive(Clone, Default)]
pub struct SignUpForm {
    /// What they are called.
    pub name: String,
    /// Phone number, or empty.
    pub phone: String,
    /// Email address, or empty.
    pub email: String,
    /// The password they choose.
    pub password: String,
    /// `vi` or `en`; empty means Vietnamese.
    pub locale: String,
    /// The version of the text that they read and agree to; none where whoever asked them knew of no text yet.
    pub accepted_terms: Option<String>,
}

/// A sign-up that keeps all rules that can be known without asking the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUp {
    /// What they are called.
    pub name: String,
    /// Phone number.
    pub phone: Option<Phone>,
    /// Email address.
    pub email: Option<Email>,
    /// The password they choose.
    pub password: Password,
    /// The language they read.
    pub locale: Locale,
    /// Whether they agree to the text of now. Who was not asked is asked when they sign in.
    pub agrees: bool,
}

impl SignUp {
    /// Reads the form; tells everything that is wrong with it at once.
    pub fn read(form: &SignUpForm) -> Result<Self, Vec<InputRefused>> {
        let mut checks = Checks::default();
        let name = checks.keep(&["name"], text::line(&form.name, NAME_MAXIMUM));
        let phone = checks.keep_if_given(&["phone"], &form.phone, Phone::read);
        let email = checks.keep_if_given(&["email"], &form.email, Email::read);
        if form.phone.trim().is_empty() && form.email.trim().is_empty() {
            checks.refuse(&["phone"], Problem::PhoneOrEmailRequired);
        }
        let known_by = KnownBy { name: &form.name, phone: phone.as_ref(), email: email.as_ref() };
        let password = checks.keep(&["password"], Password::choose(&form.password, known_by));
        let locale = checks.keep(&["locale"], locale(&form.locale));
        let agrees = form.accepted_terms.as_deref().is_some_and(|version| {
            checks.keep(&["acceptedTerms"], terms::check(version)).is_some()
        });
        match (name, password, locale) {
            (Some(name), Some(password), Some(locale)) if checks.passed() => {
                Ok(Self { name, phone, email, password, locale, agrees })
            }
            _ => Err(checks.into_refused()),
        }
    }

    /// The person that this makes.
    pub fn into_user(self, id: UserId, now: Timestamp) -> User {
        let Self { name, phone, email, locale, .. } = self;
        User { id, name, phone, email, locale, operator: false, created_at: now }
    }
}

fn locale(text: &str) -> Result<Locale, Problem> {
    if text.is_empty() {
        Ok(Locale::default())
    } else {
        text.parse().map_err(|()| Problem::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SignUpForm {
        SignUpForm {
            name: "  Nguyễn Thị  Bông ".to_owned(),
            phone: "0912 345 678".to_owned(),
            email: String::new(),
            password: "ghe bầu neo bến".to_owned(),
            locale: "en".to_owned(),
            accepted_terms: Some(terms::current().version.clone()),
        }
    }

    #[test]
    fn a_phone_number_or_an_email_address_is_enough() {
        let by_phone = SignUp::read(&form()).unwrap();
        assert_eq!(by_phone.name, "Nguyễn Thị Bông");
        assert_eq!((by_phone.phone.unwrap().as_str(), by_phone.email), ("+84912345678", None));
        assert_eq!(by_phone.locale, Locale::En);

        let form = SignUpForm {
            phone: String::new(),
            email: "A@b.vn".to_owned(),
            locale: String::new(),
            ..form()
        };
        let by_email = SignUp::read(&form).unwrap();
        assert_eq!((by_email.phone, by_email.email.unwrap().as_str()), (None, "a@b.vn"));
        assert_eq!(by_email.locale, Locale::Vi);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let form = SignUpForm {
            password: "ngắn".to_owned(),
            locale: "fr".to_owned(),
            accepted_terms: Some(String::new()),
            ..SignUpForm::default()
        };
        assert_eq!(
            SignUp::read(&form).unwrap_err(),
            [
                InputRefused::new(&["name"], Problem::Required),
                InputRefused::new(&["phone"], Problem::PhoneOrEmailRequired),
                InputRefused::new(&["password"], Problem::TooShort { minimum: 8 }),
                InputRefused::new(&["locale"], Problem::Invalid),
                InputRefused::new(&["acceptedTerms"], Problem::Required),
            ]
        );
    }

    #[test]
    fn whoever_is_asked_agrees_to_the_text_of_now_or_does_not_sign_up() {
        for (accepted, problem) in [("", Problem::Required), ("2020-01-01", Problem::TermsOutdated)]
        {
            let form = SignUpForm { accepted_terms: Some(accepted.to_owned()), ..form() };
            assert_eq!(
                SignUp::read(&form).unwrap_err(),
                [InputRefused::new(&["acceptedTerms"], problem)]
            );
        }
        assert!(SignUp::read(&form()).unwrap().agrees);
    }

    #[test]
    fn who_signs_up_where_nobody_asks_yet_agrees_to_nothing() {
        let form = SignUpForm { accepted_terms: None, ..form() };
        assert!(!SignUp::read(&form).unwrap().agrees);
    }

    #[test]
    fn a_wrong_phone_number_is_refused_even_beside_a_good_email_address() {
        let form = SignUpForm { phone: "123".to_owned(), email: "a@b.vn".to_owned(), ..form() };
        assert_eq!(
            SignUp::read(&form).unwrap_err(),
            [InputRefused::new(&["phone"], Problem::Invalid)]
        );
    }
}
