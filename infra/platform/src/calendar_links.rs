//! Addresses of calendars: whoever knows one may read, so it ends in a token that nobody can guess.

use std::fmt;

use crate::secrets;

/// Makes and checks addresses of calendars.
#[derive(Clone)]
pub struct CalendarLinks(Vec<u8>);

impl CalendarLinks {
    /// Addresses that only who knows the secret can make.
    pub const fn new(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    /// The path of the calendar of a shop's departures.
    pub fn departures_path(&self, shop_id: &str, shop_slug: &str) -> String {
        format!("/calendar/{shop_slug}/{}.ics", self.departures_token(shop_id))
    }

    /// Whether a token opens the calendar of a shop's departures.
    pub fn open_departures(&self, shop_id: &str, token: &str) -> bool {
        secrets::same(self.departures_token(shop_id).as_bytes(), token.as_bytes())
    }

    fn departures_token(&self, shop_id: &str) -> String {
        secrets::keyed_token(&self.0, "departure calendar", shop_id)
    }
}

impl fmt::Debug for CalendarLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CalendarLinks(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_opens_with_its_own_token_only_and_the_secret_is_never_shown() {
        let links = CalendarLinks::new(b"secret".to_vec());
        let path = links.departures_path("shop_1", "ben-ninh-kieu");
        let token = path.strip_prefix("/calendar/ben-ninh-kieu/").unwrap();
        let token = token.strip_suffix(".ics").unwrap();
        assert_eq!(token.len(), 64);
        assert!(links.open_departures("shop_1", token));
        assert!(!links.open_departures("shop_2", token));
        assert!(!links.open_departures("shop_1", ""));
        assert!(!CalendarLinks::new(b"other".to_vec()).open_departures("shop_1", token));
        assert!(!format!("{links:?}").contains("115"));
    }
}
