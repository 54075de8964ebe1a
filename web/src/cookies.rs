//! The cookies of the pages: session, cart, language. All HttpOnly, SameSite=Lax, on the whole
//! site; with `__Host-` and Secure wherever the market is reached over TLS.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

/// What a cookie keeps.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    /// The token of the session.
    Session,
    /// Id and token of the cart.
    Cart,
    /// The language that was chosen.
    Language,
    /// Checkouts of this browser with their tokens: a guest comes back to tickets.
    Checkouts,
    /// What the next page says once.
    Notice,
}

impl Kept {
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Cart, true) => "__Host-cart",
            (Self::Cart, false) => "cart",
            (Self::Language, true) => "__Host-lang",
            (Self::Language, false) => "lang",
            (Self::Checkouts, true) => "__Host-checkouts",
            (Self::Checkouts, false) => "checkouts",
            (Self::Notice, true) => "__Host-notice",
            (Self::Notice, false) => "notice",
        }
    }

    const fn days(self) -> i64 {
        match self {
            Self::Session | Self::Cart => 30,
            Self::Language => 365,
            Self::Checkouts => 180,
            Self::Notice => 1,
        }
    }
}

/// What a cookie holds, if it came.
pub fn read(jar: &CookieJar, kept: Kept, secure: bool) -> Option<String> {
    jar.get(kept.name(secure))
        .map(|cookie| cookie.value().to_owned())
        .filter(|value| !value.is_empty())
}

/// A cookie to send.
pub fn write(kept: Kept, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((kept.name(secure), value))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::days(kept.days()))
        .build()
}

/// A cookie that takes the other one away.
pub fn remove(kept: Kept, secure: bool) -> Cookie<'static> {
    let mut cookie = write(kept, String::new(), secure);
    cookie.set_max_age(time::Duration::ZERO);
    cookie
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kept; 5] =
        [Kept::Session, Kept::Cart, Kept::Language, Kept::Checkouts, Kept::Notice];

    #[test]
    fn no_script_reads_a_cookie_and_over_tls_no_other_site_sets_one() {
        for kept in ALL {
            for cookie in [write(kept, "value".to_owned(), true), remove(kept, true)] {
                let told = cookie.to_string();
                assert!(told.starts_with("__Host-"), "{told}");
                for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
                    assert!(told.contains(part), "{told}");
                }
                // `__Host-` is believed of a cookie without a domain alone (RFC 6265bis).
                assert!(!told.contains("Domain"), "{told}");
            }
            let plain = write(kept, "value".to_owned(), false).to_string();
            assert!(
                plain.contains("; HttpOnly; SameSite=Lax") && !plain.contains("Secure"),
                "{plain}"
            );
        }
    }
}
