//! Texts and places, of the capability `octo/content`.

use proto::tours::{MeetingPoint, OptionKind, TourOption};
use serde::Serialize;

use crate::asking::Language;
use crate::messages;
use crate::reading::Listing;

/// What a reseller shows of a product or an option.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    title: String,
    short_description: Option<String>,
    description: Option<String>,
    features: Vec<Feature>,
    faqs: [(); 0],
    media: Vec<Media>,
    locations: Vec<Location>,
    category_labels: Vec<&'static str>,
    duration_minutes_from: u32,
    duration_minutes_to: Option<u32>,
    commentary: Vec<Commentary>,
}

/// A point of the offer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Feature {
    short_description: String,
    r#type: &'static str,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Media {
    src: String,
    r#type: &'static str,
    rel: &'static str,
    title: Option<String>,
    caption: Option<String>,
    copyright: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    title: Option<String>,
    short_description: Option<String>,
    types: [&'static str; 2],
    minutes_to: Option<u32>,
    minutes_at: Option<u32>,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    latitude: f64,
    longitude: f64,
    postal_address: PostalAddress,
    identifiers: Identifiers,
    same_as: [(); 0],
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostalAddress {
    street_address: Option<String>,
    address_locality: Option<String>,
    address_region: Option<String>,
    postal_code: Option<String>,
    address_country: Option<&'static str>,
    post_office_box_number: Option<String>,
}

/// Ids of a place with others; we keep none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identifiers {
    google_place_id: Option<()>,
    apple_place_id: Option<()>,
    tripadvisor_location_id: Option<()>,
    yelp_place_id: Option<()>,
    facebook_place_id: Option<()>,
    foursquare_place_id: Option<()>,
    baidu_place_id: Option<()>,
    amap_place_id: Option<()>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Commentary {
    format: &'static str,
    language: String,
}

/// What a product says of itself.
pub fn of_product(listing: &Listing, language: Language, public_url: &str) -> Content {
    let Listing { product, tour } = listing;
    let locale = language.locale;
    let text = |text: &proto::common::LocalizedText| {
        kernel::LocalizedText::from(text.clone()).in_locale(locale).to_owned()
    };
    let given = |words: Option<&proto::common::LocalizedText>| {
        words.map(text).filter(|words| !words.is_empty())
    };
    let mut features = Vec::new();
    let mut add =
        |kind, words: String| features.push(Feature { short_description: words, r#type: kind });
    for stop in &tour.itinerary {
        let parts = [given(stop.title.as_ref()), given(stop.text.as_ref())];
        let words: Vec<_> = parts.into_iter().flatten().collect();
        add("HIGHLIGHT", words.join(": "));
    }
    for included in &tour.included {
        add("INCLUSION", text(included));
    }
    for excluded in &tour.excluded {
        add("EXCLUSION", text(excluded));
    }
    let meeting = tour.meeting_point.as_ref();
    if let Some(place) = given(meeting.and_then(|point| point.text.as_ref())) {
        add("PREARRIVAL_INFORMATION", messages::meeting_point(&place, locale));
    }
    add("CANCELLATION_TERM", messages::cancellation(&tour.cancellation, locale));
    let description = given(product.description.as_ref());
    let title = given(product.title.as_ref()).unwrap_or_default();
    Content {
        media: picture(&product.picture, &title, public_url).into_iter().collect(),
        title,
        short_description: description.as_deref().map(first_sentence),
        description,
        features,
        faqs: [],
        locations: meeting.and_then(|point| location(point, &text)).into_iter().collect(),
        category_labels: labels(listing, tour.options.iter()),
        duration_minutes_from: tour.duration_minutes,
        duration_minutes_to: None,
        commentary: commentary(listing),
    }
}

/// What an option says of itself; what it shares with the others stands at the product.
pub fn of_option(listing: &Listing, option: &TourOption, language: Language) -> Content {
    let title = option.title.clone().map(kernel::LocalizedText::from).unwrap_or_default();
    Content {
        title: title.in_locale(language.locale).to_owned(),
        short_description: None,
        description: None,
        features: Vec::new(),
        faqs: [],
        media: Vec::new(),
        locations: Vec::new(),
        category_labels: labels(listing, [option].into_iter()),
        duration_minutes_from: listing.tour.duration_minutes,
        duration_minutes_to: None,
        commentary: commentary(listing),
    }
}

fn commentary(listing: &Listing) -> Vec<Commentary> {
    let languages = listing.tour.languages.iter().cloned();
    languages.map(|language| Commentary { format: "IN_PERSON", language }).collect()
}

/// Of OCTO's labels, those that we know to be true.
fn labels<'a>(
    listing: &Listing,
    options: impl Iterator<Item = &'a TourOption>,
) -> Vec<&'static str> {
    let private = options.into_iter().any(|option| option.kind() == OptionKind::Private);
    let guided = !listing.tour.languages.is_empty();
    let labels = [(guided, "guided-tours"), (private, "private-tours")];
    labels.into_iter().filter(|(fits, _)| *fits).map(|(_, label)| label).collect()
}

/// A photo. Drawn pictures are left out: OCTO knows JPEG and PNG only.
pub fn picture(path: &str, title: &str, public_url: &str) -> Option<Media> {
    let kind = match path.rsplit('.').next()? {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        _ => return None,
    };
    Some(Media {
        src: format!("{public_url}/media/{path}"),
        r#type: kind,
        rel: "COVER",
        title: Some(title.to_owned()),
        caption: None,
        copyright: None,
    })
}

/// Where guests meet, if it is known on the map. Stops are not: they have no coordinates.
fn location(
    point: &MeetingPoint,
    text: &impl Fn(&proto::common::LocalizedText) -> String,
) -> Option<Location> {
    if point.latitude == 0.0 && point.longitude == 0.0 {
        return None;
    }
    let words = point.text.as_ref().map(text);
    Some(Location {
        title: words.clone(),
        short_description: None,
        types: ["START", "REDEMPTION"],
        minutes_to: None,
        minutes_at: None,
        place: Place {
            latitude: point.latitude,
            longitude: point.longitude,
            postal_address: PostalAddress {
                street_address: words,
                address_country: Some("VN"),
                ..PostalAddress::default()
            },
            identifiers: Identifiers::default(),
            same_as: [],
        },
    })
}

/// The beginning of a description, up to its first full stop or line.
fn first_sentence(description: &str) -> String {
    let line = description.lines().next().unwrap_or_default();
    match line.find(". ") {
        Some(end) => line[..=end].to_owned(),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_photos_are_offered_as_pictures() {
        let at = |path| picture(path, "Chợ nổi", "https://chonoi.example");
        assert_eq!(at("a/b.jpg").unwrap().src, "https://chonoi.example/media/a/b.jpg");
        assert_eq!(at("a/b.svg"), None);
        assert_eq!(at(""), None);
    }

    #[test]
    fn a_short_description_is_the_first_sentence() {
        assert_eq!(first_sentence("Dawn on the river. Then fruit."), "Dawn on the river.");
        assert_eq!(first_sentence("Dawn\non the river"), "Dawn");
        assert_eq!(first_sentence(""), "");
    }
}
