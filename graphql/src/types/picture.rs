//! Pictures of products.

use async_graphql::{ID, Object};
use kernel::Locale;
use proto::catalog::{Product, ProductImage};

use super::text::localized;

/// A picture: a photo of its shop, or one that the market draws.
#[derive(Clone, Debug)]
pub struct Picture {
    id: Option<String>,
    /// Address and width of each of its files, the narrowest first; the width of an only one may be unknown.
    files: Vec<(String, u32)>,
    size: Option<(u32, u32)>,
    alt: String,
}

/// The stall of a product that stands in none.
const NO_CATEGORY: &str = "khac";
/// Both sides of a drawn picture.
const DRAWN_SIDE: u32 = 640;

impl Picture {
    /// The photos of a product.
    pub fn photos_of(product: &Product, locale: Locale) -> Vec<Self> {
        let title = localized(product.title.as_ref(), locale);
        product.images.iter().map(|image| Self::of_image(image, title, locale)).collect()
    }

    /// The pictures of a product: its photos, else one that the market draws.
    pub fn of_product(product: &Product, locale: Locale) -> Vec<Self> {
        let photos = Self::photos_of(product, locale);
        if photos.is_empty() { vec![Self::first_of(product, locale)] } else { photos }
    }

    /// What stands for a product in lists: its first photo, else what the market draws.
    pub fn first_of(product: &Product, locale: Locale) -> Self {
        let title = localized(product.title.as_ref(), locale);
        let drawn = || Self::named(&product.picture, &product.category_slug, &product.id, title);
        let first = product.images.first();
        first.map_or_else(drawn, |image| Self::of_image(image, title, locale))
    }

    /// The picture at a path below `/media/`, else one that the market draws.
    pub fn named(path: &str, category: &str, product_id: &str, alt: &str) -> Self {
        let drawn = path.is_empty() || path.starts_with("drawn/");
        let url = if path.is_empty() {
            let category = if category.is_empty() { NO_CATEGORY } else { category };
            format!("/media/drawn/{category}/{product_id}.svg")
        } else {
            address(path)
        };
        Self {
            id: None,
            files: vec![(url, 0)],
            size: drawn.then_some((DRAWN_SIDE, DRAWN_SIDE)),
            alt: alt.to_owned(),
        }
    }

    fn of_image(image: &ProductImage, title: &str, locale: Locale) -> Self {
        let said = localized(image.alt.as_ref(), locale);
        let files = image.files.iter().map(|file| (address(&file.path), file.width));
        Self {
            id: Some(image.id.clone()),
            files: files.collect(),
            size: Some((image.width, image.height)),
            alt: if said.is_empty() { title.to_owned() } else { said.to_owned() },
        }
    }
}

fn address(path: &str) -> String {
    format!("/media/{}", path.trim_start_matches('/'))
}

/// A picture: a photo of its shop, or one that the market draws.
#[Object]
impl Picture {
    /// Its id, by which its shop moves and removes it; none of one that the market draws.
    async fn id(&self) -> Option<ID> {
        self.id.clone().map(ID)
    }

    /// Its address; below the market's own when it begins with a slash. What a photo's address shows never
    /// changes.
    async fn url(
        &self,
        #[graphql(desc = "As narrow as may be, but so wide, in pixels; else as wide as it is.")]
        width: Option<u32>,
    ) -> &str {
        let enough = |file: &&(String, u32)| width.is_some_and(|wanted| file.1 >= wanted);
        let file = self.files.iter().find(enough).or(self.files.last());
        file.map_or("", |(url, _)| url.as_str())
    }

    /// What it shows, for who cannot see it: what its shop says of it, else the product's name.
    async fn alt(&self) -> &str {
        &self.alt
    }

    /// How wide it is at most, in pixels, where that is known.
    async fn width(&self) -> Option<u32> {
        self.size.map(|(width, _)| width)
    }

    /// How high it is at most, in pixels, where that is known.
    async fn height(&self) -> Option<u32> {
        self.size.map(|(_, height)| height)
    }
}
