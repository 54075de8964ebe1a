//! Letters about how somebody is reached: one to the address that they want, with the link that confirms it, and
//! one to the address until now, which tells of it, or that the account is deleted. For how long they count, how
//! long they are tried, and what they say.

use std::time::Duration;

use kernel::{Locale, Timestamp, UserId};
use uuid::Uuid;

use super::email::Email;
use super::letter_words::LetterWords;

/// For how long a link counts, from when it does.
pub const LINK_LIFETIME: Duration = Duration::from_secs(86_400);
/// How often a letter is tried before it is given up: the pauses come to some hours.
pub const MOST_TRIES: u32 = 9;
/// The pause after the first try, which is over by then; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Its reader is to confirm that the address is theirs.
    Confirm,
    /// Somebody who knows the password wants another address; this one counts until then.
    EmailAsked,
    /// This address counts no more.
    EmailChanged,
    /// There is another telephone number to sign in with, or none any more.
    PhoneChanged,
    /// The account that this address belonged to is deleted.
    AccountDeleted,
}

impl News {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Confirm,
        Self::EmailAsked,
        Self::EmailChanged,
        Self::PhoneChanged,
        Self::AccountDeleted,
    ];

    /// The word in storage.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::EmailAsked => "email_asked",
            Self::EmailChanged => "email_changed",
            Self::PhoneChanged => "phone_changed",
            Self::AccountDeleted => "account_deleted",
        }
    }
}

/// A letter that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactLetter {
    /// Its id.
    pub id: Uuid,
    /// Of whom it is.
    pub person: UserId,
    /// What it is about.
    pub news: News,
    /// Where it goes.
    pub address: Email,
    /// When it was written.
    pub created_at: Timestamp,
    /// From when on its link counts.
    pub counts_from: Timestamp,
    /// From then on it does not any more.
    pub expires_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

/// Why a link confirms nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmationRefused {
    /// It was used or taken back, is too old, or never was one; which of them is not told.
    #[error("the link that confirms an address does not count")]
    Invalid,
    /// It counts after a pause, in which an owner who was robbed reads of it.
    #[error("the link counts from {from:?} on")]
    NotYet {
        /// From when on it counts.
        from: Timestamp,
    },
}

impl ContactLetter {
    /// A letter that is written now; its link, if it has one, counts after a pause.
    pub fn written(
        id: Uuid,
        (person, news): (UserId, News),
        address: Email,
        now: Timestamp,
        pause: Duration,
    ) -> Self {
        let counts_from = now.after(pause);
        let expires_at = counts_from.after(LINK_LIFETIME);
        Self { id, person, news, address, created_at: now, counts_from, expires_at, tries: 0 }
    }

    /// Whether its link counts now.
    pub fn counts(&self, now: Timestamp) -> Result<(), ConfirmationRefused> {
        if self.news != News::Confirm || now >= self.expires_at {
            return Err(ConfirmationRefused::Invalid);
        }
        if now < self.counts_from {
            return Err(ConfirmationRefused::NotYet { from: self.counts_from });
        }
        Ok(())
    }

    /// When it is tried again, if nothing is heard of the try that begins now.
    pub fn next_try_at(&self, now: Timestamp) -> Timestamp {
        now.after(FIRST_PAUSE.saturating_mul(1 << self.tries.min(16)))
    }
}

/// What a letter says. Plain text: nothing in it runs anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl Said {
    /// What a letter says to somebody, around a link. Whose the account is, an address that nobody confirmed is not
    /// told. Of somebody whose account is deleted neither name nor language is known any more: they read both.
    pub fn new(locale: Locale, name: &str, news: News, link: &str) -> Self {
        if news != News::AccountDeleted {
            return Self::in_language(locale, name, news, link);
        }
        let [vi, en] =
            [Locale::Vi, Locale::En].map(|locale| Self::in_language(locale, "", news, link));
        Self { subject: [vi.subject, en.subject].join(" / "), text: [vi.text, en.text].join("\n") }
    }

    fn in_language(locale: Locale, name: &str, news: News, link: &str) -> Self {
        let words = LetterWords::of(locale);
        let say = |what: &str| {
            let key = format!("contact.{}.{what}", news.word());
            words.say(&key).to_owned()
        };
        let greeted = if news == News::Confirm { "" } else { name };
        let mut parts = vec![words.hello(greeted), say("text")];
        if !matches!(news, News::EmailChanged | News::AccountDeleted) {
            parts.push(link.to_owned());
        }
        parts.push(say("else"));
        parts.push(words.say("sign").to_owned());
        Self { subject: say("subject"), text: parts.join("\n\n") + "\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://cho.vn/my-data/email/0123";

    fn letter(news: News, pause: Duration) -> ContactLetter {
        let person = "user_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let address = Email::read("sen@example.com").unwrap();
        let now = Timestamp::from_micros(0);
        ContactLetter::written(Uuid::nil(), (person, news), address, now, pause)
    }

    #[test]
    fn a_link_counts_after_its_pause_for_a_day_and_only_one_that_confirms() {
        let (start, hour) = (Timestamp::from_micros(0), Duration::from_secs(3_600));
        let asked = letter(News::Confirm, hour);
        let from = start.after(hour);
        assert_eq!(asked.counts(start), Err(ConfirmationRefused::NotYet { from }));
        assert_eq!(asked.counts(from), Ok(()));
        let end = from.after(LINK_LIFETIME);
        assert_eq!(asked.counts(end), Err(ConfirmationRefused::Invalid));
        let told = letter(News::EmailChanged, Duration::ZERO);
        assert_eq!(told.counts(start), Err(ConfirmationRefused::Invalid));
    }

    #[test]
    fn a_letter_is_tried_for_hours_and_never_as_long_as_its_link_counts() {
        let start = Timestamp::from_micros(0);
        let mut one = letter(News::Confirm, Duration::ZERO);
        let mut at = start;
        for tries in 0..MOST_TRIES {
            one.tries = tries;
            at = one.next_try_at(at);
        }
        assert!(at > start.after(Duration::from_secs(4 * 3_600)), "{at:?}");
        assert!(at < start.after(LINK_LIFETIME), "{at:?}");
    }

    #[test]
    fn whose_account_is_deleted_reads_of_it_in_both_languages() {
        let said = Said::new(Locale::En, "Bông", News::AccountDeleted, LINK);
        let (vi, en) = said.text.split_once("\n\nHello,\n").unwrap();
        assert!(vi.starts_with("Xin chào bạn,\n") && vi.contains("đã bị xóa"), "{vi}");
        assert!(en.contains("was deleted"), "{en}");
        assert!(said.subject.contains("đã bị xóa / "), "{}", said.subject);
    }

    #[test]
    fn a_name_that_holds_an_address_is_in_no_letter() {
        for name in ["Nhận quà tại evil.vn", "qua@evil", "evil。vn", "http://evil"] {
            for news in News::ALL {
                let said = Said::new(Locale::Vi, name, news, LINK);
                assert!(said.text.starts_with("Xin chào bạn,\n"), "{}", said.text);
            }
        }
    }

    #[test]
    fn letters_say_what_happened_in_both_languages_and_strangers_are_not_told_whose_account_it_is()
    {
        for locale in [Locale::Vi, Locale::En] {
            for news in News::ALL {
                let said = Said::new(locale, "Bông", news, LINK);
                let is_named = !matches!(news, News::Confirm | News::AccountDeleted);
                assert_eq!(said.text.contains("Bông"), is_named, "{}", said.text);
                let has_link = !matches!(news, News::EmailChanged | News::AccountDeleted);
                assert_eq!(said.text.contains(LINK), has_link, "{}", said.text);
                let all = [said.subject, said.text].concat().replace(LINK, "");
                for left in ["{", "}", "contact.", "sign\n"] {
                    assert!(!all.contains(left), "{left} in {all}");
                }
            }
        }
    }
}
