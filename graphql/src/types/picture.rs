//! Pictures of products.

use async_graphql::SimpleObject;

/// A picture.
#[derive(Clone, Debug, SimpleObject)]
pub struct Picture {
    /// Its address; below the market's own when it begins with a slash.
    url: String,
    /// What it shows, for who cannot see it.
    alt: String,
}

/// The stall of a product that stands in none.
const NO_CATEGORY: &str = "khac";

impl Picture {
    /// The pictures of a product: its own, else one that the market draws.
    pub fn of_product(own: &str, category: &str, product_id: &str, alt: &str) -> Vec<Self> {
        let url = if own.is_empty() {
            let category = if category.is_empty() { NO_CATEGORY } else { category };
            format!("/media/drawn/{category}/{product_id}.svg")
        } else {
            format!("/media/{}", own.trim_start_matches('/'))
        };
        vec![Self { url, alt: alt.to_owned() }]
    }
}
