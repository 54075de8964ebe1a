//! Words of a facet's values that have no name of their own: kinds, stars, prices.

use kernel::{Locale, Money};

use super::{Words, words};

const GOODS: Words = words("Hàng hóa", "Goods");
const TOUR: Words = words("Tour", "Tours");

/// The label of a value of the facets `kind`, `ocop` and `price`; nothing for what is not known.
pub fn facet_value(facet: &str, value: &str, locale: Locale) -> Option<String> {
    match facet {
        "kind" => match value {
            "GOODS" => Some(GOODS.in_locale(locale).to_owned()),
            "TOUR" => Some(TOUR.in_locale(locale).to_owned()),
            _ => None,
        },
        "ocop" => Some(stars(value, locale)),
        "price" => price_range(value, locale),
        _ => None,
    }
}

/// Products with so many stars or more are counted; there are no more than five.
fn stars(stars: &str, locale: Locale) -> String {
    match (locale, stars) {
        (Locale::Vi, "5") => "5 sao".to_owned(),
        (Locale::Vi, stars) => format!("Từ {stars} sao"),
        (Locale::En, "5") => "5 stars".to_owned(),
        (Locale::En, stars) => format!("{stars} stars or more"),
    }
}

/// A range of prices in đồng, as catalog names it: `50000-99999`, `1000000-`.
fn price_range(range: &str, locale: Locale) -> Option<String> {
    let (from, to) = range.split_once('-')?;
    let price = |text: &str| text.parse().ok().map(|dong| Money::vnd(dong).formatted(locale));
    let from = price(from)?;
    match (to, locale) {
        ("", Locale::Vi) => Some(format!("Từ {from}")),
        ("", Locale::En) => Some(format!("From {from}")),
        (to, _) => Some(format!("{from} – {}", price(to)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stars_and_prices_have_words() {
        let label = |facet, value| {
            [Locale::Vi, Locale::En].map(|locale| facet_value(facet, value, locale).unwrap())
        };
        assert_eq!(label("kind", "GOODS"), ["Hàng hóa", "Goods"]);
        assert_eq!(label("ocop", "4"), ["Từ 4 sao", "4 stars or more"]);
        assert_eq!(label("ocop", "5"), ["5 sao", "5 stars"]);
        assert_eq!(
            label("price", "50000-99999"),
            ["50.000\u{a0}₫ – 99.999\u{a0}₫", "₫50,000 – ₫99,999"]
        );
        assert_eq!(label("price", "1000000-"), ["Từ 1.000.000\u{a0}₫", "From ₫1,000,000"]);
        assert_eq!(facet_value("price", "cheap", Locale::Vi), None);
        assert_eq!(facet_value("ward", "31120", Locale::Vi), None);
    }
}
