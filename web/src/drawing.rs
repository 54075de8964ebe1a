//! Drawn pictures of products that have no photo.
//!
//! Owns one promise: the same category and seed always give the same picture, so that a picture
//! may be cached for ever under its [`etag`]. Pure: it reads no clock, no disk and no network, and
//! what it draws holds no script, no outside reference and no text.
//!
//! It refuses to show what it does not know: an unknown category gets a plain parcel, never an error.

mod chance;
mod craft;
mod fruit;
mod garden;
mod kitchen;
mod scene;
mod sheet;
mod subject;
mod vessel;

use chance::{Chance, fnv1a};

/// Raised whenever a drawing changes its look, so that browsers ask again.
const STYLE_OF_DRAWING: &str = "1";

/// A 640 × 640 SVG, below 6 KB, to stand in for a missing photo.
///
/// `category_slug` chooses the family of things (`banh-pia` gives cakes). `seed` varies the
/// composition, and where it is the product's slug the words in it choose the very thing:
/// `sau-rieng-ri6` is a durian, not just any fruit.
///
/// To be served as a file of its own: the ids inside would clash if two were put into one page.
pub fn drawn_picture(category_slug: &str, seed: &str) -> String {
    let mut chance = Chance::new(fnv1a(&[category_slug, seed]));
    let subject = subject::of(category_slug, seed, &mut chance);
    scene::compose(&subject, &mut chance)
}

/// A strong entity tag (RFC 9110, section 8.8.3), quotes included, without drawing the picture.
pub fn etag(category_slug: &str, seed: &str) -> String {
    format!("\"{:016x}\"", fnv1a(&[STYLE_OF_DRAWING, category_slug, seed]))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const LARGEST_BYTES: usize = 6 * 1024;
    /// Hash of one picture as style 1 draws it. When it changes, raise `STYLE_OF_DRAWING` too.
    const PICTURE_OF_STYLE_1: u64 = 0xcfdb_86d2_7f5f_ec3a;

    /// Every category of the families and words that choose a thing, each with many seeds.
    fn every_kind_of_picture() -> Vec<String> {
        let mut pictures = Vec::new();
        for (category, word) in subject::categories_and_words() {
            for number in 0..12 {
                pictures.push(drawn_picture(category, &format!("{word}-{number}")));
            }
        }
        pictures
    }

    /// The names of tags still open at the end, or `None` where a closing tag fits no opening one.
    fn tags_left_open(svg: &str) -> Option<Vec<String>> {
        let mut open = Vec::new();
        for piece in svg.split('<').skip(1) {
            let (tag, rest) = piece.split_once('>')?;
            if !rest.trim().is_empty() {
                return None;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop()? != name {
                    return None;
                }
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next()?.to_owned());
            }
        }
        Some(open)
    }

    #[test]
    fn the_same_category_and_seed_give_the_same_picture_and_tag() {
        for seed in ["xoai-cat-hoa-loc", "", "01976f0e-7f3c-7e1a"] {
            assert_eq!(drawn_picture("trai-cay", seed), drawn_picture("trai-cay", seed));
            assert_eq!(etag("trai-cay", seed), etag("trai-cay", seed));
        }
    }

    #[test]
    fn a_picture_does_not_change_between_releases_unless_its_style_number_does() {
        let drawn = drawn_picture("banh-pia", "banh-pia-sau-rieng-trung-muoi");
        assert_eq!((STYLE_OF_DRAWING, fnv1a(&[&drawn])), ("1", PICTURE_OF_STYLE_1));
    }

    #[test]
    fn three_hundred_seeds_of_one_category_hardly_repeat_a_picture() {
        let pictures: HashSet<String> =
            (0..300).map(|number| drawn_picture("rau-cu", &format!("p{number}"))).collect();
        assert!(pictures.len() > 290, "{} different", pictures.len());
    }

    #[test]
    fn tags_differ_by_category_by_seed_and_by_where_one_ends() {
        let tags = [etag("gao", "a"), etag("gao", "b"), etag("tra", "a"), etag("ga", "oa")];
        assert_eq!(tags.iter().collect::<HashSet<_>>().len(), tags.len());
        assert!(tags.iter().all(|tag| tag.starts_with('"') && tag.ends_with('"')));
    }

    #[test]
    fn every_picture_is_small_and_its_tags_are_balanced() {
        for picture in every_kind_of_picture() {
            assert!(picture.len() < LARGEST_BYTES, "{} bytes: {picture}", picture.len());
            assert_eq!(tags_left_open(&picture), Some(Vec::new()), "{picture}");
            assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>"));
        }
    }

    #[test]
    fn no_picture_holds_a_script_a_reference_or_what_the_seed_says() {
        let hostile = "\"><script>alert(1)</script>";
        let mut pictures = every_kind_of_picture();
        pictures.push(drawn_picture(hostile, hostile));
        for picture in pictures {
            for banned in ["<script", "alert", "url(", "<text", "<style", "<image"] {
                assert!(!picture.contains(banned), "{banned} in {picture}");
            }
            // The only references are those to what the picture itself defines.
            assert_eq!(picture.matches("href=").count(), picture.matches("href=\"#").count());
        }
    }

    #[test]
    fn an_unknown_category_is_drawn_as_a_parcel() {
        let mut chance = Chance::new(7);
        assert_eq!(subject::of("khong-co-loai-nay", "x", &mut chance).name, "parcel");
    }

    #[test]
    fn words_of_the_seed_choose_the_thing_inside_its_category_only() {
        let mut chance = Chance::new(7);
        let mut name = |category, seed| subject::of(category, seed, &mut chance).name;
        assert_eq!(name("trai-cay-nhiet-doi", "sau-rieng-ri6"), "durian");
        assert_eq!(name("cay-giong", "cay-giong-sau-rieng-ri6"), "sapling");
        // "mit" (jackfruit) must not be found inside another word.
        assert_ne!(name("trai-cay-nhiet-doi", "limit"), "jackfruit");
    }
}
