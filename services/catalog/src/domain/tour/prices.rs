//! What a seat costs: on a day by the tour's rules, and in lists.

use kernel::Money;
use time::Date;

use super::{AgeKind, PriceChange, PriceRule, Tour, Way};
use crate::domain::calendar::day_text;
use crate::domain::product::MAX_PRICE;

impl Tour {
    /// What one costs on a day. The first rule that fits counts; the others do nothing.
    pub fn price_on(&self, day: Date, way: Way<'_>) -> Money {
        let price = match way {
            Way::Ticket(_, ticket) => ticket.price,
            Way::AddOn(add_on) => add_on.price,
        };
        let rule = self.price_rules.iter().find(|rule| rule.fits(day, way));
        match rule.map(|rule| rule.change) {
            None => price,
            Some(PriceChange::Instead(other)) => other,
            Some(PriceChange::By(points)) => changed_half_up(price, points),
        }
    }

    /// Cheapest and dearest price of an adult, without rules, for lists; of a tour that has no adult
    /// tickets that of its boats. Never below 1.
    pub fn price_range(&self) -> (Money, Money) {
        let of = |wanted: AgeKind| {
            self.options.iter().flat_map(|option| &option.tickets).filter_map(move |ticket| {
                (ticket.age == wanted && ticket.price.is_positive()).then_some(ticket.price)
            })
        };
        let mut prices: Vec<Money> = of(AgeKind::Adult).collect();
        for other in [AgeKind::Boat, AgeKind::Senior, AgeKind::Child] {
            if prices.is_empty() {
                prices = of(other).collect();
            }
        }
        prices.sort_by_key(|price| price.minor);
        let least = Money::vnd(1);
        (prices.first().copied().unwrap_or(least), prices.last().copied().unwrap_or(least))
    }
}

impl PriceRule {
    fn fits(&self, day: Date, way: Way<'_>) -> bool {
        let written = day_text(day);
        let within = self.from_day.as_ref().is_none_or(|from| *from <= written)
            && self.to_day.as_ref().is_none_or(|to| written <= *to);
        let weekday = u32::from(day.weekday().number_from_monday());
        let named = |wanted: &str, code: &str| wanted.is_empty() || wanted == code;
        let meant = match way {
            Way::Ticket(option, ticket) => {
                named(&self.option_code, &option.code) && named(&self.ticket_code, &ticket.code)
            }
            Way::AddOn(add_on) => self.option_code.is_empty() && self.ticket_code == add_on.code,
        };
        within && meant && (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
    }
}

/// A price and so many hundredths of a percent of it, rounded half up to whole minor units; at least
/// nothing, at most what a payment can carry.
fn changed_half_up(price: Money, points: i32) -> Money {
    let product = i128::from(price.minor) * (10_000 + i128::from(points));
    let minor = (product + 5_000).div_euclid(10_000).clamp(0, i128::from(MAX_PRICE));
    Money { minor: i64::try_from(minor).unwrap_or(MAX_PRICE), ..price }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::domain::tour::sample::tour;

    fn rule(change: PriceChange) -> PriceRule {
        PriceRule {
            from_day: None,
            to_day: None,
            weekdays: Vec::new(),
            option_code: String::new(),
            ticket_code: String::new(),
            change,
        }
    }

    fn price_of(tour: &Tour, day: Date, code: &str) -> i64 {
        let way = tour.ways().find(|way| way.code() == code).unwrap();
        tour.price_on(day, way).minor
    }

    #[test]
    fn the_first_rule_that_fits_counts_on_its_days_only() {
        let mut tour = tour();
        tour.price_rules = vec![
            PriceRule {
                from_day: Some("2027-02-05".to_owned()),
                to_day: Some("2027-02-09".to_owned()),
                ticket_code: "adult".to_owned(),
                ..rule(PriceChange::Instead(Money::vnd(600_000)))
            },
            PriceRule { weekdays: vec![6, 7], ..rule(PriceChange::By(1_000)) },
        ];
        let price = |day, code| price_of(&tour, day, code);
        // A Saturday in Tết: the first rule, though the second fits as well.
        assert_eq!(price(date!(2027 - 02 - 06), "adult"), 600_000);
        assert_eq!(price(date!(2027 - 02 - 06), "child"), 275_000);
        assert_eq!(price(date!(2027 - 02 - 09), "adult"), 600_000);
        assert_eq!(price(date!(2027 - 02 - 10), "adult"), 450_000);
        assert_eq!(price(date!(2027 - 02 - 13), "adult"), 495_000);
        // What costs nothing stays so, and lunch costs more only where it is named.
        assert_eq!(price(date!(2027 - 02 - 13), "infant"), 0);
        assert_eq!(price(date!(2027 - 02 - 13), "lunch"), 90_000);
    }

    #[test]
    fn a_rule_for_one_option_leaves_the_others() {
        let mut tour = tour();
        tour.price_rules =
            vec![PriceRule { option_code: "private".to_owned(), ..rule(PriceChange::By(-5_000)) }];
        assert_eq!(price_of(&tour, date!(2027 - 02 - 06), "boat"), 1_500_000);
        assert_eq!(price_of(&tour, date!(2027 - 02 - 06), "adult"), 450_000);
    }

    #[test]
    fn half_a_unit_is_rounded_up() {
        assert_eq!(changed_half_up(Money::vnd(5), 1_000), Money::vnd(6));
        assert_eq!(changed_half_up(Money::vnd(4), 1_000), Money::vnd(4));
        assert_eq!(changed_half_up(Money::vnd(5), -5_000), Money::vnd(3));
        assert_eq!(changed_half_up(Money::vnd(5), -10_000), Money::vnd(0));
        assert_eq!(changed_half_up(Money::vnd(MAX_PRICE), 50_000), Money::vnd(MAX_PRICE));
    }

    #[test]
    fn lists_show_the_cheapest_adult_or_else_the_boat() {
        let mut tour = tour();
        assert_eq!(tour.price_range(), (Money::vnd(450_000), Money::vnd(450_000)));
        tour.options.retain(|option| option.code == "private");
        assert_eq!(tour.price_range(), (Money::vnd(3_000_000), Money::vnd(3_000_000)));
    }
}
