//! A tour as the fields of a form, and back: every list has a row more than it has items, so that the
//! form works without scripts. A row whose first field is empty is left out.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::tour_views::{TextView, TourView, Translations, percent};

/// The fields of a form by name.
pub type Fields = HashMap<String, String>;

/// Rows of one list.
const MAX_ROWS: usize = 40;

/// The fields of a tour.
pub fn fields_of(tour: &TourView) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: String, value: String| {
        fields.insert(name, value);
    };
    put("duration".to_owned(), tour.duration_minutes.to_string());
    put("cutoff".to_owned(), tour.cutoff_minutes.to_string());
    put("capacity".to_owned(), tour.capacity.to_string());
    put("languages".to_owned(), tour.languages.join(", "));
    put("included".to_owned(), lines_of(&tour.included));
    put("excluded".to_owned(), lines_of(&tour.excluded));
    if let Some(point) = &tour.meeting_point {
        put("point".to_owned(), point.translations.vi.clone());
        put("point_en".to_owned(), point.translations.en.clone());
        let degrees = |degrees: Option<f64>| degrees.map(|one| one.to_string()).unwrap_or_default();
        put("latitude".to_owned(), degrees(point.latitude));
        put("longitude".to_owned(), degrees(point.longitude));
    }
    for (i, option) in tour.options.iter().enumerate() {
        let bound = |bound: Option<u32>| bound.map(|one| one.to_string()).unwrap_or_default();
        put(format!("o{i}.code"), option.code.clone());
        put(format!("o{i}.kind"), option.kind.clone());
        put(format!("o{i}.title"), option.translations.vi.clone());
        put(format!("o{i}.title_en"), option.translations.en.clone());
        put(format!("o{i}.min"), bound(option.minimum_party));
        put(format!("o{i}.max"), bound(option.maximum_party));
        for (j, ticket) in option.tickets.iter().enumerate() {
            put(format!("o{i}.t{j}.code"), ticket.code.clone());
            put(format!("o{i}.t{j}.age"), ticket.age.clone());
            put(format!("o{i}.t{j}.residence"), ticket.residence.clone());
            put(format!("o{i}.t{j}.min_age"), ticket.minimum_age.to_string());
            put(format!("o{i}.t{j}.max_age"), bound(ticket.maximum_age));
            put(format!("o{i}.t{j}.price"), ticket.price.amount.clone());
            put(format!("o{i}.t{j}.seats"), ticket.seats.to_string());
            put(
                format!("o{i}.t{j}.accompanied"),
                if ticket.accompanied { "yes" } else { "no" }.to_owned(),
            );
        }
    }
    for (i, stop) in tour.itinerary.iter().enumerate() {
        put(format!("s{i}.title"), stop.title_translations.vi.clone());
        put(format!("s{i}.title_en"), stop.title_translations.en.clone());
        put(format!("s{i}.at"), stop.at_minute.to_string());
        put(format!("s{i}.text"), stop.text_translations.vi.clone());
        put(format!("s{i}.text_en"), stop.text_translations.en.clone());
    }
    for (i, add_on) in tour.add_ons.iter().enumerate() {
        put(format!("a{i}.title"), add_on.translations.vi.clone());
        put(format!("a{i}.title_en"), add_on.translations.en.clone());
        put(format!("a{i}.code"), add_on.code.clone());
        put(format!("a{i}.price"), add_on.price.amount.clone());
    }
    for (i, tier) in tour.cancellation_policy.iter().enumerate() {
        put(format!("c{i}.hours"), tier.hours_before.to_string());
        put(format!("c{i}.percent"), tier.percent());
    }
    for (i, rule) in tour.price_rules.iter().enumerate() {
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let days: Vec<_> = rule.weekdays.iter().map(ToString::to_string).collect();
        put(format!("r{i}.from"), given(&rule.from_day));
        put(format!("r{i}.to"), given(&rule.to_day));
        put(format!("r{i}.weekdays"), days.join(","));
        put(format!("r{i}.option"), given(&rule.option));
        put(format!("r{i}.ticket"), given(&rule.ticket_kind));
        let price = rule.price.as_ref().map(|price| price.amount.clone());
        put(format!("r{i}.price"), price.unwrap_or_default());
        let sign = if rule.change_basis_points < 0 { "-" } else { "" };
        let change = format!("{sign}{}", percent(rule.change_basis_points.unsigned_abs()));
        put(format!("r{i}.change"), if rule.price.is_some() { String::new() } else { change });
    }
    fields
}

/// What a new tour's form begins with.
pub fn beginning() -> Fields {
    let fields = [
        ("duration", "240"),
        ("cutoff", "120"),
        ("capacity", "20"),
        ("languages", "vi"),
        ("o0.code", "join-in"),
        ("o0.kind", "JOIN_IN"),
        ("o0.title", "Đi ghép"),
        ("o0.title_en", "Join in"),
        ("o0.t0.age", "ADULT"),
        ("o0.t0.seats", "1"),
        ("o0.t1.age", "CHILD"),
        ("o0.t1.min_age", "4"),
        ("o0.t1.max_age", "11"),
        ("o0.t1.seats", "1"),
        ("o0.t1.accompanied", "yes"),
        ("c0.hours", "24"),
        ("c0.percent", "100"),
    ];
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// How many rows a list has: `prefix` and a number, then a point.
pub fn rows(fields: &Fields, prefix: &str) -> usize {
    let numbers = fields.keys().filter_map(|name| {
        let (number, _) = name.strip_prefix(prefix)?.split_once('.')?;
        number.parse::<usize>().ok()
    });
    numbers.map(|number| number + 1).max().unwrap_or(0).min(MAX_ROWS)
}

/// The tour for the API.
pub fn input_of(fields: &Fields) -> Value {
    let read = Reader(fields);
    let point = read.text("point");
    let point = (!point.is_empty()).then(|| {
        json!({ "text": { "vi": point, "en": read.text("point_en") },
            "latitude": read.degrees("latitude"), "longitude": read.degrees("longitude") })
    });
    let languages = read.text("languages");
    let languages: Vec<_> =
        languages.split([',', ' ', ';']).filter(|one| !one.is_empty()).collect();
    json!({
        "durationMinutes": read.number("duration"), "cutoffMinutes": read.number("cutoff"),
        "capacity": read.number("capacity"), "languages": languages, "meetingPoint": point,
        "included": read.lines("included"), "excluded": read.lines("excluded"),
        "options": (0..rows(fields, "o")).filter_map(|i| read.option(i)).collect::<Vec<_>>(),
        "itinerary": (0..rows(fields, "s")).filter_map(|i| read.stop(i)).collect::<Vec<_>>(),
        "addOns": (0..rows(fields, "a")).filter_map(|i| read.add_on(i)).collect::<Vec<_>>(),
        "cancellationPolicy": (0..rows(fields, "c")).filter_map(|i| read.tier(i)).collect::<Vec<_>>(),
        "priceRules": (0..rows(fields, "r")).filter_map(|i| read.rule(i)).collect::<Vec<_>>(),
    })
}

struct Reader<'a>(&'a Fields);

impl Reader<'_> {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    fn number(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap_or(0)
    }

    fn degrees(&self, name: &str) -> Option<f64> {
        self.text(name).replace(',', ".").parse().ok()
    }

    /// A price as people type it: `450.000`, `450,000 đ`.
    fn price(&self, name: &str) -> Value {
        let digits: String = self.text(name).chars().filter(char::is_ascii_digit).collect();
        json!({ "amount": digits })
    }

    fn words(&self, name: &str, english: &str) -> Value {
        json!({ "vi": self.text(name), "en": self.text(english) })
    }

    /// Lines `Vietnamese | English`.
    fn lines(&self, name: &str) -> Vec<Value> {
        let lines = self.text(name).lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let (vi, en) = line.split_once('|').unwrap_or((line, ""));
                json!({ "vi": vi.trim(), "en": en.trim() })
            })
            .collect()
    }

    fn option(&self, i: usize) -> Option<Value> {
        let at = |name: &str| format!("o{i}.{name}");
        if self.text(&at("title")).is_empty() {
            return None;
        }
        let private = self.text(&at("kind")) == "PRIVATE";
        let code = match self.text(&at("code")) {
            "" => format!("{}-{}", if private { "private" } else { "join-in" }, i + 1),
            code => code.to_owned(),
        };
        let tickets = (0..rows(self.0, &at("t"))).filter_map(|j| self.ticket(i, j));
        Some(json!({
            "code": code, "kind": if private { "PRIVATE" } else { "JOIN_IN" },
            "title": self.words(&at("title"), &at("title_en")),
            "minimumParty": self.number(&at("min")), "maximumParty": self.number(&at("max")),
            "tickets": tickets.collect::<Vec<_>>(),
        }))
    }

    fn ticket(&self, i: usize, j: usize) -> Option<Value> {
        let at = |name: &str| format!("o{i}.t{j}.{name}");
        if self.text(&at("price")).is_empty() {
            return None;
        }
        let age = match self.text(&at("age")) {
            "" => "ADULT",
            age => age,
        };
        let residence = match self.text(&at("residence")) {
            "" => "ANYBODY",
            residence => residence,
        };
        let code = match self.text(&at("code")) {
            "" if residence == "ANYBODY" => age.to_ascii_lowercase(),
            "" => format!("{age}-{residence}").to_ascii_lowercase(),
            code => code.to_owned(),
        };
        Some(json!({
            "code": code, "age": age, "residence": residence, "price": self.price(&at("price")),
            "minimumAge": self.number(&at("min_age")), "maximumAge": self.number(&at("max_age")),
            "seats": self.number(&at("seats")), "accompanied": self.text(&at("accompanied")) == "yes",
        }))
    }

    fn stop(&self, i: usize) -> Option<Value> {
        let at = |name: &str| format!("s{i}.{name}");
        let named = !self.text(&at("title")).is_empty();
        named.then(|| {
            json!({ "atMinute": self.number(&at("at")), "title": self.words(&at("title"), &at("title_en")),
                "text": self.words(&at("text"), &at("text_en")) })
        })
    }

    fn add_on(&self, i: usize) -> Option<Value> {
        let at = |name: &str| format!("a{i}.{name}");
        let code = match self.text(&at("code")) {
            "" => format!("extra-{}", i + 1),
            code => code.to_owned(),
        };
        let named = !self.text(&at("title")).is_empty();
        named.then(|| {
            json!({ "code": code, "title": self.words(&at("title"), &at("title_en")),
                "price": self.price(&at("price")) })
        })
    }

    fn tier(&self, i: usize) -> Option<Value> {
        let hours = self.text(&format!("c{i}.hours")).parse::<u32>().ok()?;
        let part = basis_points(self.text(&format!("c{i}.percent")))?;
        Some(json!({ "hoursBefore": hours, "refundBasisPoints": part }))
    }

    fn rule(&self, i: usize) -> Option<Value> {
        let at = |name: &str| format!("r{i}.{name}");
        let given =
            |name: &str| Some(self.text(&at(name)).to_owned()).filter(|text| !text.is_empty());
        let change = basis_points(self.text(&at("change")));
        let price = given("price").map(|_| self.price(&at("price")));
        if change.is_none_or(|change| change == 0) && price.is_none() {
            return None;
        }
        let days = self.text(&at("weekdays")).split([',', ' ']).filter_map(|day| day.parse().ok());
        Some(json!({
            "fromDay": given("from"), "toDay": given("to"), "weekdays": days.collect::<Vec<u32>>(),
            "option": given("option"), "ticketKind": given("ticket"),
            "changeBasisPoints": if price.is_some() { 0 } else { change.unwrap_or(0) },
            "price": price,
        }))
    }
}

/// Hundredths of a per cent, from per cent as people type it: `50`, `12,5`, `-10`, `20 %`.
fn basis_points(text: &str) -> Option<i32> {
    let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, text.trim_start_matches('+').to_owned()),
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    if part.len() > 2 {
        return None;
    }
    let part = format!("{part:0<2}").parse::<u32>().ok()?;
    let points = whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)?;
    let points = i32::try_from(points).ok()?;
    Some(if negative { -points } else { points })
}

fn lines_of(texts: &[TextView]) -> String {
    let lines: Vec<_> = texts
        .iter()
        .map(|text| match &text.translations {
            Translations { vi, en } if en.is_empty() => vi.clone(),
            Translations { vi, en } => format!("{vi} | {en}"),
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tour as the API tells it, with everything that a tour may have.
    fn told() -> Value {
        let words = |vi: &str, en: &str| json!({ "vi": vi, "en": en });
        let money = |amount: &str| json!({ "amount": amount, "formatted": "" });
        json!({
            "durationMinutes": 240, "cutoffMinutes": 60, "capacity": 12, "languages": ["vi", "en"],
            "included": [{ "text": "Thuyền", "translations": words("Thuyền", "Boat") }],
            "excluded": [{ "text": "Ăn sáng", "translations": words("Ăn sáng", "") }],
            "meetingPoint": { "text": "Bến", "translations": words("Bến", "Pier"), "latitude": 10.0325, "longitude": 105.7881, "mapUrl": null, "geoUri": null },
            "cancellationPolicy": [{ "hoursBefore": 24, "refundBasisPoints": 1250 }],
            "itinerary": [{ "atMinute": 30, "title": "Chợ", "text": "", "titleTranslations": words("Chợ", "Market"), "textTranslations": words("Ghé ghe", "") }],
            "addOns": [{ "code": "lunch", "title": "Cơm", "translations": words("Cơm", "Lunch"), "price": money("80000") }],
            "options": [{ "code": "boat", "kind": "PRIVATE", "title": "Bao", "translations": words("Bao", "Private"), "minimumParty": null, "maximumParty": 6,
              "tickets": [{ "code": "boat", "age": "BOAT", "residence": "ANYBODY", "minimumAge": 0, "maximumAge": null, "price": money("1500000"), "seats": 6, "accompanied": false }] }],
            "priceRules": [{ "fromDay": "2026-12-20", "toDay": null, "weekdays": [6, 7], "option": null, "ticketKind": "boat", "price": null, "changeBasisPoints": -1050 }],
        })
    }

    #[test]
    fn a_tour_is_the_same_after_it_went_through_the_form() {
        let tour: TourView = serde_json::from_value(told()).unwrap();
        let input = input_of(&fields_of(&tour));
        let words = |vi: &str, en: &str| json!({ "vi": vi, "en": en });
        assert_eq!(input["included"], json!([words("Thuyền", "Boat")]));
        assert_eq!(input["excluded"], json!([words("Ăn sáng", "")]));
        assert_eq!(
            input["meetingPoint"],
            json!({ "text": words("Bến", "Pier"), "latitude": 10.0325, "longitude": 105.7881 })
        );
        assert_eq!(input["cancellationPolicy"], told()["cancellationPolicy"]);
        assert_eq!(
            input["itinerary"],
            json!([{ "atMinute": 30, "title": words("Chợ", "Market"), "text": words("Ghé ghe", "") }])
        );
        assert_eq!(
            input["addOns"],
            json!([{ "code": "lunch", "title": words("Cơm", "Lunch"), "price": { "amount": "80000" } }])
        );
        assert_eq!(
            input["options"],
            json!([{ "code": "boat", "kind": "PRIVATE", "title": words("Bao", "Private"), "minimumParty": 0, "maximumParty": 6,
          "tickets": [{ "code": "boat", "age": "BOAT", "residence": "ANYBODY", "minimumAge": 0, "maximumAge": 0, "price": { "amount": "1500000" }, "seats": 6, "accompanied": false }] }])
        );
        assert_eq!(
            input["priceRules"],
            json!([{ "fromDay": "2026-12-20", "toDay": null, "weekdays": [6, 7], "option": null, "ticketKind": "boat", "price": null, "changeBasisPoints": -1050 }])
        );
        let numbers =
            ["durationMinutes", "cutoffMinutes", "capacity"].map(|name| input[name].clone());
        assert_eq!(numbers, [json!(240), json!(60), json!(12)]);
        assert_eq!(input["languages"], json!(["vi", "en"]));
    }

    #[test]
    fn codes_are_made_up_and_empty_rows_left_out() {
        let mut fields = beginning();
        fields.insert("o0.t0.price".to_owned(), "450.000 đ".to_owned());
        fields.insert("o1.title".to_owned(), String::new());
        let input = input_of(&fields);
        let options = input["options"].as_array().unwrap();
        assert_eq!(options.len(), 1);
        // The child's row has no price: it is not sold.
        assert_eq!(options[0]["tickets"].as_array().unwrap().len(), 1);
        assert_eq!(options[0]["tickets"][0]["code"], "adult");
        assert_eq!(options[0]["tickets"][0]["price"], json!({ "amount": "450000" }));
        assert_eq!(input["meetingPoint"], Value::Null);
    }

    #[test]
    fn parts_of_a_hundred_are_exact() {
        for (text, points) in [
            ("50", Some(5_000)),
            ("12,5", Some(1_250)),
            ("-10 %", Some(-1_000)),
            ("+20", Some(2_000)),
            ("0.05", Some(5)),
            ("1.234", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(basis_points(text), points, "{text}");
        }
    }
}
