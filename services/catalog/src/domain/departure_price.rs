//! Prices of one departure alone: what its tickets cost instead of what the tour and its rules for the day
//! say.

use kernel::Money;
use serde::{Deserialize, Serialize};

use super::calendar::day_at;
use super::departure::Departure;
use super::tour::{Tour, Way};

/// The price of something on one departure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeparturePrice {
    /// Of this option; empty: of every option that has such tickets, and of add-ons.
    pub option_code: String,
    /// Of this kind of tickets, or this add-on.
    pub code: String,
    /// What one costs; may be nothing.
    pub price: Money,
}

impl DeparturePrice {
    /// Whether it is the price of something.
    pub fn is_of(&self, way: Way<'_>) -> bool {
        let in_option = self.option_code.is_empty() || self.option_code == way.option_code();
        in_option && self.code == way.code()
    }
}

impl Departure {
    /// What one costs on this departure: its own price, else the tour's for the day.
    pub fn price_of(&self, tour: &Tour, way: Way<'_>) -> Money {
        let own = self.prices.iter().find(|price| price.is_of(way));
        own.map_or_else(|| tour.price_on(day_at(self.starts_at), way), |own| own.price)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;
    use crate::domain::tour::sample::tour;
    use crate::domain::tour::{PriceChange, PriceRule};

    #[test]
    fn a_price_of_its_own_goes_before_the_tour_and_its_rules() {
        let mut tour = tour();
        tour.price_rules = vec![PriceRule {
            from_day: None,
            to_day: None,
            weekdays: Vec::new(),
            option_code: String::new(),
            ticket_code: String::new(),
            change: PriceChange::By(1_000),
        }];
        let start = Timestamp::from_micros(1_800_000_000_000_000);
        let own = |option: &str, code: &str, price| DeparturePrice {
            option_code: option.to_owned(),
            code: code.to_owned(),
            price: Money::vnd(price),
        };
        let mut departure = Departure::of(&tour, start, 12, 60);
        departure.prices =
            vec![own("join-in", "adult", 600_000), own("", "lunch", 0), own("private", "child", 1)];
        let price = |code: &str| {
            let way = tour.ways().find(|way| way.code() == code).unwrap();
            departure.price_of(&tour, way).minor
        };
        assert_eq!(price("adult"), 600_000);
        assert_eq!(price("lunch"), 0);
        // Of another option, and so by the rule.
        assert_eq!(price("child"), 275_000);
        assert_eq!(price("boat"), 3_300_000);
    }
}
