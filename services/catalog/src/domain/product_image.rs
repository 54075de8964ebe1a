//! The pictures of a product: how many, in which order, and how their files are called.

use kernel::{LocalizedText, ProductImageId, normalize_spaces};

use super::product::Product;

/// The most pictures of a product.
pub const MAX_IMAGES: usize = 8;
/// The most pictures of all products of a shop: some 0.8 GB of files.
pub const MAX_SHOP_IMAGES: u64 = 2_000;
/// The longest words for who cannot see a picture, in characters.
pub const MAX_ALT: usize = 200;
/// Widths of the small files, for lists and phones, in pixels.
pub const SMALL_WIDTHS: [u32; 2] = [320, 640];

/// A picture of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductImage {
    /// Its id.
    pub id: ProductImageId,
    /// SHA-256 of its widest file.
    pub digest: [u8; 32],
    /// SHA-256 of the file that it was made of; of old pictures nobody knows it.
    pub sent: Option<[u8; 32]>,
    /// Width of its widest file, in pixels.
    pub width: u32,
    /// Height of its widest file, in pixels.
    pub height: u32,
    /// What it shows, for who cannot see it; may be empty.
    pub alt: LocalizedText,
}

impl ProductImage {
    /// What one of its files is called: never for anything else, so that it may be kept for ever.
    pub fn file_name(&self, width: u32) -> String {
        format!("{}-{width}.jpg", hex::encode(self.digest))
    }
}

/// The widths of the files of a picture, the narrowest first; nothing is made wider than it is.
pub fn widths_of(width: u32) -> impl Iterator<Item = u32> {
    SMALL_WIDTHS.into_iter().filter(move |small| *small < width).chain([width])
}

/// Why the pictures of a product stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImagesRefused {
    /// There are [`MAX_IMAGES`] already.
    #[error("a product has {MAX_IMAGES} pictures at most")]
    TooMany,
    /// All products of the shop have [`MAX_SHOP_IMAGES`] already.
    #[error("a shop has {MAX_SHOP_IMAGES} pictures at most")]
    ShopFull,
    /// The product has no such picture.
    #[error("the product has no such picture")]
    Unknown,
}

impl Product {
    /// Puts a picture behind the others. The same picture again changes nothing: a form that was sent
    /// twice shows it once.
    pub fn add_image(&mut self, image: ProductImage) -> Result<bool, ImagesRefused> {
        if self.images.iter().any(|known| known.digest == image.digest) {
            return Ok(false);
        }
        if self.images.len() >= MAX_IMAGES {
            return Err(ImagesRefused::TooMany);
        }
        self.images.push(image);
        Ok(true)
    }

    /// Takes a picture away.
    pub fn remove_image(&mut self, id: ProductImageId) -> Result<ProductImage, ImagesRefused> {
        let place = self.place_of_image(id)?;
        Ok(self.images.remove(place))
    }

    /// Moves a picture to a place, 0 the first; behind the last it is the last. Says whether that
    /// changes anything.
    pub fn move_image(&mut self, id: ProductImageId, to: usize) -> Result<bool, ImagesRefused> {
        let from = self.place_of_image(id)?;
        let image = self.images.remove(from);
        let to = to.min(self.images.len());
        self.images.insert(to, image);
        Ok(from != to)
    }

    fn place_of_image(&self, id: ProductImageId) -> Result<usize, ImagesRefused> {
        self.images.iter().position(|image| image.id == id).ok_or(ImagesRefused::Unknown)
    }
}

/// What is wrong with words for a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AltRefused {
    /// They are longer than [`MAX_ALT`].
    #[error("the words for a picture are longer than {MAX_ALT} characters")]
    TooLong,
    /// They hold characters that nobody sees.
    #[error("the words for a picture hold characters that nobody sees")]
    ControlCharacter,
}

/// Words for a picture, in their normal form.
pub fn alt_of(text: &LocalizedText) -> Result<LocalizedText, AltRefused> {
    let tidy = LocalizedText::new(normalize_spaces(&text.vi), normalize_spaces(&text.en));
    for words in [&tidy.vi, &tidy.en] {
        if words.chars().count() > MAX_ALT {
            return Err(AltRefused::TooLong);
        }
        if words.chars().any(char::is_control) {
            return Err(AltRefused::ControlCharacter);
        }
    }
    Ok(tidy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_wider_than_its_picture() {
        let widths = |width| widths_of(width).collect::<Vec<_>>();
        assert_eq!(widths(1_600), [320, 640, 1_600]);
        assert_eq!(widths(640), [320, 640]);
        assert_eq!(widths(200), [200]);
    }

    #[test]
    fn words_for_a_picture_are_short_and_can_be_seen() {
        let text = |vi: &str| LocalizedText::new(vi, "");
        assert_eq!(alt_of(&text("  Xoài \n cát ")), Ok(text("Xoài cát")));
        assert_eq!(alt_of(&text(&"x".repeat(MAX_ALT + 1))), Err(AltRefused::TooLong));
        assert_eq!(alt_of(&text("Xoài\u{0}")), Err(AltRefused::ControlCharacter));
    }
}
