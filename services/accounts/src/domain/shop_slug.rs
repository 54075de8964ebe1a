//! The names of shops in addresses of pages.

use kernel::{ShopId, slug};

/// The most characters taken from the name.
const MAXIMUM: usize = 60;
/// What a shop is called in its address whose name has no letters.
const NAMELESS: &str = "shop";
/// Names that pages of the market have, or may come to have, beside those of shops.
const RESERVED: [&str; 12] = [
    "open",
    "new",
    "edit",
    "admin",
    "api",
    "me",
    "my-shops",
    "search",
    "operations",
    "chonoi",
    "cho-noi",
    "shop",
];

/// Slugs for a shop, the nicest first; the last is nobody else's, for it holds the whole id.
///
/// The suffix comes from the random end of the id, so that nothing else has to be random here.
pub fn candidates(name: &str, id: ShopId) -> Vec<String> {
    let base = base(name);
    let id = id.to_string();
    let random = id.trim_start_matches("shop_");
    let mut candidates = Vec::with_capacity(4);
    if !RESERVED.contains(&base.as_str()) {
        candidates.push(base.clone());
    }
    for length in [4, 8, random.len()] {
        candidates.push(format!("{base}-{}", &random[random.len() - length..]));
    }
    candidates
}

fn base(name: &str) -> String {
    let mut base = slug(name);
    if base.len() > MAXIMUM {
        // Slugs are ASCII. Cut at a word if there is one.
        base.truncate(MAXIMUM);
        if let Some(end) = base.rfind('-') {
            base.truncate(end);
        }
    }
    if base.is_empty() { NAMELESS.to_owned() } else { base }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Vec<String> {
        candidates(name, "shop_01h455vb4pex5vsknk084sn02q".parse().unwrap())
    }

    #[test]
    fn the_nicest_slug_is_the_name_and_the_others_end_with_the_id() {
        assert_eq!(
            of("Vựa trái cây Bông Sen"),
            [
                "vua-trai-cay-bong-sen",
                "vua-trai-cay-bong-sen-n02q",
                "vua-trai-cay-bong-sen-084sn02q",
                "vua-trai-cay-bong-sen-01h455vb4pex5vsknk084sn02q",
            ]
        );
    }

    #[test]
    fn names_of_pages_and_nameless_shops_never_get_a_bare_slug() {
        assert_eq!(of("Open")[0], "open-n02q");
        assert_eq!(of("🌸🌸")[0], "shop-n02q");
    }

    #[test]
    fn a_long_name_is_cut_at_a_word() {
        let slug = of(&"banh pia ".repeat(20))[0].clone();
        assert!(slug.len() <= MAXIMUM && slug.ends_with("-banh"), "{slug}");
        assert_eq!(of(&"a".repeat(200))[0].len(), MAXIMUM);
    }
}
