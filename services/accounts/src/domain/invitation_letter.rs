//! What the letter says that invites somebody to work for a shop, or to take it over. Plain text: nothing in it runs
//! anywhere.

use kernel::Locale;

use super::letter_words::LetterWords;
use super::membership::ShopRole;

/// What the letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationLetter {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl InvitationLetter {
    /// The letter around a link. Nobody is greeted by name: who reads it may have no account.
    pub fn new(locale: Locale, shop: &str, role: ShopRole, link: &str) -> Self {
        let words = LetterWords::of(locale);
        let text = match role {
            ShopRole::Staff => "invitation.text_staff",
            ShopRole::Owner => "invitation.text_owner",
        };
        let put_in = |key| words.say(key).replace("{shop}", shop);
        let parts = [
            words.hello(""),
            put_in(text),
            link.to_owned(),
            put_in("invitation.else"),
            words.say("sign").to_owned(),
        ];
        Self { subject: put_in("invitation.subject"), text: parts.join("\n\n") + "\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_says_shop_and_link_in_both_languages() {
        const LINK: &str = "https://cho.vn/join/0123";
        for locale in [Locale::Vi, Locale::En] {
            let [staff, owner] = [ShopRole::Staff, ShopRole::Owner]
                .map(|role| InvitationLetter::new(locale, "Vựa {shop} 2", role, LINK));
            assert_ne!(staff.text, owner.text);
            for letter in [staff, owner] {
                assert!(letter.subject.contains("Vựa {shop} 2"), "{}", letter.subject);
                assert!(letter.text.contains(&format!("\n\n{LINK}\n\n")), "{}", letter.text);
                let said = [letter.subject, letter.text].concat().replace("Vựa {shop} 2", "");
                for left in ["{", "}", "invitation."] {
                    assert!(!said.contains(left), "{left} in {said}");
                }
            }
        }
    }
}
