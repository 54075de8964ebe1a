//! What may be written of a tour.

use std::collections::HashSet;

use kernel::{Currency, LocalizedText, Money};

use super::{
    AgeKind, MAX_CAPACITY, MAX_CUTOFF, MAX_MINUTES, MAX_PARTS, OptionKind, PriceChange, PriceRule,
    TicketKind, Tour, TourOption,
};
use crate::domain::calendar::day_of;
use crate::domain::departure_price::DeparturePrice;
use crate::domain::product::{MAX_DESCRIPTION, MAX_PRICE, MAX_TITLE};

/// The most that a rule changes a price by, in hundredths of a percent: ten times as much.
const MAX_CHANGE: i32 = 90_000;
/// The oldest guest.
const MAX_AGE: u32 = 130;
/// The earliest tier of a cancellation policy, in hours: a year.
const MAX_HOURS: u32 = 366 * 24;

/// Something that is wrong with a tour, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TourProblem {
    /// The field, in the API's names: `options`, `0`, `tickets`, `1`, `price`.
    pub path: Vec<String>,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is missing.
    Missing,
    /// It has too many letters: the most.
    TooLong(usize),
    /// It is out of range: the least and the most.
    OutOfRange(i64, i64),
    /// It makes no sense.
    Invalid,
    /// Another one has the same name.
    Repeats,
    /// It is not in đồng.
    Currency,
}

impl Tour {
    /// All that is wrong with it.
    pub fn problems(&self) -> Vec<TourProblem> {
        let mut check = Check::default();
        check.range(&["durationMinutes"], self.duration_minutes.into(), 1, MAX_MINUTES.into());
        check.range(&["cutoffMinutes"], self.cutoff_minutes.into(), 0, MAX_CUTOFF.into());
        check.range(&["capacity"], self.capacity.into(), 1, MAX_CAPACITY.into());
        check.count("options", self.options.len(), 1);
        check.count("addOns", self.add_ons.len(), 0);
        check.count("itinerary", self.itinerary.len(), 0);
        check.count("priceRules", self.price_rules.len(), 0);
        check.count("cancellation", self.cancellation.len(), 0);
        for (name, list) in [("included", &self.included), ("excluded", &self.excluded)] {
            check.count(name, list.len(), 0);
            for (place, text) in list.iter().enumerate() {
                check.text(&[name, &place.to_string()], text, true, MAX_TITLE);
            }
        }
        self.check_options(&mut check);
        self.check_add_ons(&mut check);
        self.check_way(&mut check);
        self.check_cancellation(&mut check);
        for (place, rule) in self.price_rules.iter().enumerate() {
            self.check_rule(&mut check, place, rule);
        }
        check.problems
    }

    /// All that is wrong with prices of one departure of it.
    pub fn price_problems(&self, prices: &[DeparturePrice]) -> Vec<TourProblem> {
        let mut check = Check::default();
        check.count("prices", prices.len(), 0);
        for (place, price) in prices.iter().enumerate().take(MAX_PARTS) {
            let earlier = &prices[..place];
            let place = place.to_string();
            let at = |field| ["prices", place.as_str(), field];
            check.note(!self.ways().any(|way| price.is_of(way)), &at("ticketKind"), Wrong::Invalid);
            let repeats = earlier
                .iter()
                .any(|one| one.option_code == price.option_code && one.code == price.code);
            check.note(repeats, &at("ticketKind"), Wrong::Repeats);
            check.price(&at("price"), price.price);
        }
        check.problems
    }

    fn check_options(&self, check: &mut Check) {
        let mut codes = HashSet::new();
        for (place, option) in self.options.iter().enumerate() {
            let place = place.to_string();
            let at = |field| ["options", place.as_str(), field];
            check.code(&at("code"), &option.code, &mut codes);
            check.text(&at("title"), &option.title, true, MAX_TITLE);
            for (field, party) in
                [("minimumParty", option.minimum_party), ("maximumParty", option.maximum_party)]
            {
                check.range(&at(field), party.into(), 0, MAX_CAPACITY.into());
            }
            let crossed = option.maximum_party > 0 && option.maximum_party < option.minimum_party;
            check.note(crossed, &at("maximumParty"), Wrong::Invalid);
            let few = option.tickets.is_empty() || option.tickets.len() > MAX_PARTS;
            check.note(few, &at("tickets"), Wrong::OutOfRange(1, MAX_PARTS as i64));
            let mut tickets = HashSet::new();
            for (ticket_place, ticket) in option.tickets.iter().enumerate() {
                let ticket_place = ticket_place.to_string();
                let path = ["options", place.as_str(), "tickets", ticket_place.as_str()];
                check_ticket(check, &path, option, ticket, &mut tickets);
            }
        }
    }

    fn check_add_ons(&self, check: &mut Check) {
        let mut codes: HashSet<String> = self
            .options
            .iter()
            .flat_map(|option| option.tickets.iter().map(|ticket| ticket.code.clone()))
            .collect();
        for (place, add_on) in self.add_ons.iter().enumerate() {
            let place = place.to_string();
            check.code(&["addOns", &place, "code"], &add_on.code, &mut codes);
            check.text(&["addOns", &place, "title"], &add_on.title, true, MAX_TITLE);
            check.price(&["addOns", &place, "price"], add_on.price);
        }
    }

    fn check_way(&self, check: &mut Check) {
        check.text(&["meetingPoint", "text"], &self.meeting_point.text, true, MAX_TITLE);
        let (north, east) = (self.meeting_point.latitude, self.meeting_point.longitude);
        let on_earth = (-90.0..=90.0).contains(&north) && (-180.0..=180.0).contains(&east);
        check.note(!on_earth, &["meetingPoint", "latitude"], Wrong::OutOfRange(-90, 90));
        for (place, stop) in self.itinerary.iter().enumerate() {
            let place = place.to_string();
            let at = |field| ["itinerary", place.as_str(), field];
            check.range(&at("atMinute"), stop.at_minute.into(), 0, MAX_MINUTES.into());
            check.text(&at("title"), &stop.title, true, MAX_TITLE);
            check.text(&at("text"), &stop.text, false, MAX_DESCRIPTION);
        }
        check.count("languages", self.languages.len(), 0);
        for (place, tag) in self.languages.iter().enumerate() {
            let shaped = (2..=35).contains(&tag.len())
                && tag.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
            check.note(!shaped, &["languages", &place.to_string()], Wrong::Invalid);
        }
    }

    fn check_cancellation(&self, check: &mut Check) {
        for (place, tier) in self.cancellation.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|place| self.cancellation.get(place));
            let place = place.to_string();
            let at = |field| ["cancellation", place.as_str(), field];
            check.range(&at("hoursBefore"), tier.hours_before.into(), 0, MAX_HOURS.into());
            check.range(&at("refundBasisPoints"), tier.refund_basis_points.into(), 0, 10_000);
            let sorted = before.is_none_or(|before| before.hours_before > tier.hours_before);
            check.note(!sorted, &at("hoursBefore"), Wrong::Invalid);
        }
    }

    fn check_rule(&self, check: &mut Check, place: usize, rule: &PriceRule) {
        let place = place.to_string();
        let at = |field| ["priceRules", place.as_str(), field];
        for (field, day) in [("fromDay", &rule.from_day), ("toDay", &rule.to_day)] {
            let readable = day.as_ref().is_none_or(|day| day_of(day).is_some());
            check.note(!readable, &at(field), Wrong::Invalid);
        }
        let crossed =
            rule.from_day.is_some() && rule.to_day.is_some() && rule.to_day < rule.from_day;
        check.note(crossed, &at("toDay"), Wrong::Invalid);
        let days =
            rule.weekdays.len() <= 7 && rule.weekdays.iter().all(|day| (1..=7).contains(day));
        check.note(!days, &at("weekdays"), Wrong::OutOfRange(1, 7));
        let meant = self.ways().any(|way| {
            (rule.option_code.is_empty() || way.option_code() == rule.option_code)
                && (rule.ticket_code.is_empty() || way.code() == rule.ticket_code)
        });
        check.note(!meant, &at("ticketCode"), Wrong::Invalid);
        match rule.change {
            PriceChange::Instead(price) => check.price(&at("price"), price),
            PriceChange::By(points) => {
                let least = -10_000;
                check.range(&at("changeBasisPoints"), points.into(), least, MAX_CHANGE.into());
            }
        }
    }
}

fn check_ticket(
    check: &mut Check,
    path: &[&str; 4],
    option: &TourOption,
    ticket: &TicketKind,
    codes: &mut HashSet<String>,
) {
    let [options, option_place, tickets, ticket_place] = *path;
    let at = |field| [options, option_place, tickets, ticket_place, field];
    check.code(&at("code"), &ticket.code, codes);
    check.price(&at("price"), ticket.price);
    let boat = option.kind == OptionKind::Private;
    check.note(boat != (ticket.age == AgeKind::Boat), &at("age"), Wrong::Invalid);
    // Lists show a price of an adult or of a boat: those cost something.
    let free = ticket.price.minor == 0 && matches!(ticket.age, AgeKind::Adult | AgeKind::Boat);
    check.note(free, &at("price"), Wrong::OutOfRange(1, MAX_PRICE));
    check.range(&at("seats"), ticket.seats.into(), 0, 100);
    let seatless =
        !boat && ticket.seats == 0 && matches!(ticket.age, AgeKind::Adult | AgeKind::Senior);
    check.note(seatless, &at("seats"), Wrong::OutOfRange(1, 100));
    check.range(&at("minimumAge"), ticket.minimum_age.into(), 0, MAX_AGE.into());
    check.range(&at("maximumAge"), ticket.maximum_age.into(), 0, MAX_AGE.into());
    let crossed = ticket.maximum_age > 0 && ticket.maximum_age < ticket.minimum_age;
    check.note(crossed, &at("maximumAge"), Wrong::Invalid);
}

#[derive(Default)]
struct Check {
    problems: Vec<TourProblem>,
}

impl Check {
    fn note(&mut self, wrong: bool, path: &[&str], what: Wrong) {
        if wrong {
            let path = path.iter().map(|name| (*name).to_owned()).collect();
            self.problems.push(TourProblem { path, wrong: what });
        }
    }

    fn range(&mut self, path: &[&str], value: i64, least: i64, most: i64) {
        self.note(!(least..=most).contains(&value), path, Wrong::OutOfRange(least, most));
    }

    fn count(&mut self, field: &str, count: usize, least: usize) {
        self.range(&[field], count as i64, least as i64, MAX_PARTS as i64);
    }

    fn text(&mut self, path: &[&str], text: &LocalizedText, required: bool, most: usize) {
        self.note(required && text.vi.trim().is_empty(), path, Wrong::Missing);
        let long = text.vi.chars().count() > most || text.en.chars().count() > most;
        self.note(long, path, Wrong::TooLong(most));
    }

    fn price(&mut self, path: &[&str], price: Money) {
        self.note(price.currency != Currency::Vnd, path, Wrong::Currency);
        self.range(path, price.minor, 0, MAX_PRICE);
    }

    fn code(&mut self, path: &[&str], code: &str, taken: &mut HashSet<String>) {
        let shaped = (1..=40).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        self.note(!shaped, path, Wrong::Invalid);
        self.note(!taken.insert(code.to_owned()), path, Wrong::Repeats);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tour::sample::tour;
    use crate::domain::tour::{AddOn, CancellationTier};

    type Change = fn(&mut Tour);

    #[test]
    fn prices_of_a_departure_are_of_what_the_tour_sells_each_once() {
        let price = |option: &str, code: &str, price| DeparturePrice {
            option_code: option.to_owned(),
            code: code.to_owned(),
            price,
        };
        let sound = [price("", "adult", Money::vnd(0)), price("private", "boat", Money::vnd(5))];
        assert_eq!(tour().price_problems(&sound), []);
        let wrong = [
            price("private", "adult", Money::vnd(1)),
            price("", "lunch", Money::vnd(MAX_PRICE + 1)),
            price("", "lunch", Money::new(5, Currency::Usd)),
        ];
        let said: Vec<(String, Wrong)> = tour()
            .price_problems(&wrong)
            .into_iter()
            .map(|problem| (problem.path.join("."), problem.wrong))
            .collect();
        let at = |path: &str, wrong| (path.to_owned(), wrong);
        assert_eq!(
            said,
            [
                at("prices.0.ticketKind", Wrong::Invalid),
                at("prices.1.price", Wrong::OutOfRange(0, MAX_PRICE)),
                at("prices.2.ticketKind", Wrong::Repeats),
                at("prices.2.price", Wrong::Currency),
            ]
        );
        let many = vec![price("", "adult", Money::vnd(1)); MAX_PARTS + 1];
        assert_eq!(tour().price_problems(&many)[0].path, ["prices"]);
    }

    #[test]
    fn each_thing_that_is_wrong_is_said_where_it_is() {
        assert_eq!(tour().problems(), []);
        let cases: [(Change, &str, Wrong); 16] = [
            (|tour| tour.capacity = 0, "capacity", Wrong::OutOfRange(1, 10_000)),
            (|tour| tour.duration_minutes = 0, "durationMinutes", Wrong::OutOfRange(1, 20_160)),
            (|tour| tour.options.clear(), "options", Wrong::OutOfRange(1, 50)),
            (|tour| tour.options[1].code = "join-in".to_owned(), "options.1.code", Wrong::Repeats),
            (|tour| tour.options[0].code = "Ghép".to_owned(), "options.0.code", Wrong::Invalid),
            (|tour| tour.options[0].title.vi.clear(), "options.0.title", Wrong::Missing),
            (|tour| tour.options[0].maximum_party = 1, "options.0.maximumParty", Wrong::Invalid),
            (
                |tour| tour.options[0].tickets[0].price = Money::vnd(0),
                "options.0.tickets.0.price",
                Wrong::OutOfRange(1, MAX_PRICE),
            ),
            (
                |tour| tour.options[0].tickets[0].price = Money::new(5, Currency::Usd),
                "options.0.tickets.0.price",
                Wrong::Currency,
            ),
            (
                |tour| tour.options[0].tickets[0].age = AgeKind::Boat,
                "options.0.tickets.0.age",
                Wrong::Invalid,
            ),
            (
                |tour| tour.options[1].tickets[0].age = AgeKind::Adult,
                "options.1.tickets.0.age",
                Wrong::Invalid,
            ),
            (|tour| tour.add_ons[0].code = "adult".to_owned(), "addOns.0.code", Wrong::Repeats),
            (
                |tour| tour.cancellation[1].hours_before = 48,
                "cancellation.1.hoursBefore",
                Wrong::Invalid,
            ),
            (
                |tour| tour.cancellation[0].refund_basis_points = 10_001,
                "cancellation.0.refundBasisPoints",
                Wrong::OutOfRange(0, 10_000),
            ),
            (
                |tour| tour.meeting_point.latitude = f64::NAN,
                "meetingPoint.latitude",
                Wrong::OutOfRange(-90, 90),
            ),
            (|tour| tour.languages = vec!["tiếng Việt".to_owned()], "languages.0", Wrong::Invalid),
        ];
        for (change, path, wrong) in cases {
            let mut changed = tour();
            change(&mut changed);
            let path = path.split('.').map(ToOwned::to_owned).collect();
            assert_eq!(changed.problems(), [TourProblem { path, wrong }]);
        }
    }

    #[test]
    fn a_rule_that_never_fits_is_wrong() {
        let rule = |change: fn(&mut PriceRule)| {
            let mut tour = tour();
            tour.price_rules = vec![PriceRule {
                from_day: Some("2026-12-20".to_owned()),
                to_day: Some("2027-01-03".to_owned()),
                weekdays: vec![6, 7],
                option_code: "join-in".to_owned(),
                ticket_code: "adult".to_owned(),
                change: PriceChange::By(1_000),
            }];
            change(&mut tour.price_rules[0]);
            tour.problems().into_iter().map(|problem| problem.path.join(".")).collect::<Vec<_>>()
        };
        assert!(rule(|_| {}).is_empty());
        assert_eq!(
            rule(|rule| rule.to_day = Some("2026-12-19".to_owned())),
            ["priceRules.0.toDay"]
        );
        assert_eq!(rule(|rule| rule.from_day = Some("Tết".to_owned())).len(), 2);
        assert_eq!(rule(|rule| rule.weekdays = vec![0]), ["priceRules.0.weekdays"]);
        let private = |rule: &mut PriceRule| rule.option_code = "private".to_owned();
        assert_eq!(rule(private), ["priceRules.0.ticketCode"]);
        let gift = |rule: &mut PriceRule| rule.change = PriceChange::By(-10_001);
        assert_eq!(rule(gift), ["priceRules.0.changeBasisPoints"]);
    }

    #[test]
    fn lists_are_bounded() {
        let mut long = tour();
        let lunch = |number| AddOn { code: format!("lunch-{number}"), ..tour().add_ons[0].clone() };
        long.add_ons = (0..51).map(lunch).collect();
        long.cancellation = (0..51_u32)
            .map(|number| CancellationTier { hours_before: 100 - number, refund_basis_points: 1 })
            .collect();
        assert_eq!(long.problems().len(), 2);
    }
}
