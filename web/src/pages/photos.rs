//! The pictures of a product on its own page: a browser takes the one that fits its screen.

use serde::Deserialize;

/// The fields of [`Photo`] in a query.
pub const PHOTO_FIELDS: &str =
    "pictures { url small: url(width: 320) medium: url(width: 640) alt width height }";

/// A picture of a product, as its own page shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Photo {
    /// Its address, as wide as it is.
    pub url: String,
    /// The address of 320 pixels, or of as many as there are.
    pub small: String,
    /// The address of 640 pixels, or of as many as there are.
    pub medium: String,
    /// What it shows.
    pub alt: String,
    /// How wide it is, in pixels.
    pub width: Option<u32>,
    /// How high it is, in pixels.
    pub height: Option<u32>,
}

impl Photo {
    /// Its addresses with their widths, for a browser to choose by its screen. Nothing where there is one
    /// only.
    pub fn sources(&self) -> String {
        let whole = self.width.unwrap_or_default();
        let all = [(&self.small, 320), (&self.medium, 640), (&self.url, whole)];
        let mut kept: Vec<(&str, u32)> = Vec::new();
        for (url, width) in all {
            if kept.iter().all(|(known, _)| known != url) {
                kept.push((url.as_str(), width.min(whole)));
            }
        }
        if kept.len() < 2 {
            return String::new();
        }
        let described = kept.iter().map(|(url, width)| format!("{url} {width}w"));
        described.collect::<Vec<_>>().join(", ")
    }

    /// How wide it is for the room that a page keeps for it.
    pub fn width(&self) -> u32 {
        self.width.unwrap_or(640)
    }

    /// How high it is for the room that a page keeps for it.
    pub fn height(&self) -> u32 {
        self.height.unwrap_or(640)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(small: &str, medium: &str, width: u32) -> Photo {
        let text = str::to_owned;
        Photo {
            url: text("/whole"),
            small: text(small),
            medium: text(medium),
            alt: String::new(),
            width: Some(width),
            height: None,
        }
    }

    #[test]
    fn a_browser_is_told_of_each_width_once() {
        let all = photo("/small", "/medium", 1_600).sources();
        assert_eq!(all, "/small 320w, /medium 640w, /whole 1600w");
        assert_eq!(photo("/small", "/whole", 500).sources(), "/small 320w, /whole 500w");
        assert_eq!(photo("/whole", "/whole", 200).sources(), "", "there is nothing to choose");
    }
}
