//! Makes a picture's files of what somebody sent.
//!
//! Nothing of the sent file is kept: it is decoded, turned upright, scaled and written anew as JPEG, which
//! every browser, phone and reseller reads. So no place where the photo was taken (EXIF), no comment and no
//! second format that hides behind the first comes through. Pure.
//!
//! A file of a few kilobytes can claim billions of pixels: how large it is, its header tells, and that is
//! looked at before anything is decoded.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    RgbImage,
};
use sha2::{Digest, Sha256};

use super::product_image::widths_of;

/// The largest file that is sent.
pub const MAX_SENT_BYTES: usize = 8 * 1024 * 1024;
/// The most pixels of a sent picture, in millions.
pub const MAX_MEGAPIXELS: u64 = 40;
/// The longest side of a kept picture, in pixels.
pub const MAX_SIDE: u32 = 1_600;

/// The longest side that is looked at; no camera of a shop makes more.
const MAX_SENT_SIDE: u32 = 20_000;
/// Bytes of the decoded picture: four for each pixel.
const MAX_DECODED_BYTES: u64 = MAX_MEGAPIXELS * 1_000_000 * 4;
/// How well it is kept, the best first: the next is tried where the file is larger than it should be.
const QUALITIES: [u8; 3] = [82, 65, 45];
/// How large a file should be at most.
const LARGE: usize = 1024 * 1024;

/// Why nothing was made of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefused {
    /// It is longer than [`MAX_SENT_BYTES`].
    #[error("the file is larger than {MAX_SENT_BYTES} bytes")]
    TooLarge,
    /// It has more than [`MAX_MEGAPIXELS`] million pixels.
    #[error("the picture has more than {MAX_MEGAPIXELS} million pixels")]
    TooManyPixels,
    /// It is no JPEG, PNG or WebP that can be read.
    #[error("the file is no JPEG, PNG or WebP")]
    Unreadable,
}

impl From<ImageError> for PictureRefused {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooManyPixels,
            _ => Self::Unreadable,
        }
    }
}

/// What was made of a file.
#[derive(Clone, Debug)]
pub struct Made {
    /// SHA-256 of the widest file.
    pub digest: [u8; 32],
    /// Width of the widest file, in pixels.
    pub width: u32,
    /// Height of the widest file, in pixels.
    pub height: u32,
    /// The files, the narrowest first.
    pub files: Vec<MadeFile>,
}

/// One of its files: JPEG.
#[derive(Clone, Debug)]
pub struct MadeFile {
    /// Its width, in pixels.
    pub width: u32,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Makes a picture of a JPEG, PNG or WebP; of a moving one, of what it shows first.
pub fn make(sent: &[u8]) -> Result<Made, PictureRefused> {
    let whole = decoded(sent)?;
    let (width, height) = (whole.width(), whole.height());
    let mut files = Vec::new();
    for narrower in widths_of(width) {
        let lower = scaled_side(height, narrower, width);
        files.push(MadeFile {
            width: narrower,
            content: written(&scaled(&whole, narrower, lower))?,
        });
    }
    let digest = files.last().map_or([0; 32], |widest| Sha256::digest(&widest.content).into());
    Ok(Made { digest, width, height, files })
}

/// The picture upright, opaque and no larger than it is kept.
fn decoded(sent: &[u8]) -> Result<DynamicImage, PictureRefused> {
    if sent.len() > MAX_SENT_BYTES {
        return Err(PictureRefused::TooLarge);
    }
    let format = image::guess_format(sent)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(PictureRefused::Unreadable);
    }
    let mut reader = ImageReader::with_format(Cursor::new(sent), format);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SENT_SIDE);
    limits.max_image_height = Some(MAX_SENT_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    // This reads the header only.
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_MEGAPIXELS * 1_000_000 || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PictureRefused::TooManyPixels);
    }
    // A picture that does not say how it was held is upright.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let opaque = on_white(DynamicImage::from_decoder(decoder)?);
    let longest = width.max(height);
    let mut kept = if longest > MAX_SIDE {
        let [width, height] = [width, height].map(|side| scaled_side(side, MAX_SIDE, longest));
        scaled(&opaque, width, height)
    } else {
        opaque
    };
    kept.apply_orientation(orientation);
    Ok(kept)
}

/// A side as long as another becomes `to` of `from`, one pixel at least.
fn scaled_side(side: u32, to: u32, from: u32) -> u32 {
    let exact = u64::from(side) * u64::from(to);
    let from = u64::from(from.max(1));
    u32::try_from((exact + from / 2) / from).unwrap_or(to).max(1)
}

/// JPEG knows no transparency: what can be seen through stands on white, as on the pages.
fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8().into();
    }
    let picture = picture.into_rgba8();
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (seen, kept) in picture.pixels().zip(opaque.pixels_mut()) {
        let [red, green, blue, alpha] = seen.0.map(u16::from);
        let shown = |channel: u16| (channel * alpha + 255 * (255 - alpha) + 127) / 255;
        kept.0 = [red, green, blue].map(|channel| u8::try_from(shown(channel)).unwrap_or(255));
    }
    opaque.into()
}

/// The picture in another size, which is not larger.
fn scaled(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    if (picture.width(), picture.height()) == (width, height) {
        return picture.clone();
    }
    // Far down in two steps: the quick one, which needs hardly any memory, leaves twice what is wanted.
    let (twice_wide, twice_high) = (width.saturating_mul(2), height.saturating_mul(2));
    if picture.width() > twice_wide && picture.height() > twice_high {
        let between = picture.thumbnail_exact(twice_wide, twice_high);
        return between.resize_exact(width, height, FilterType::CatmullRom);
    }
    picture.resize_exact(width, height, FilterType::CatmullRom)
}

/// The picture as JPEG.
fn written(picture: &DynamicImage) -> Result<Vec<u8>, PictureRefused> {
    let pixels = picture.to_rgb8();
    let mut content = Vec::new();
    for quality in QUALITIES {
        content.clear();
        JpegEncoder::new_with_quality(&mut content, quality).encode(
            pixels.as_raw(),
            pixels.width(),
            pixels.height(),
            ExtendedColorType::Rgb8,
        )?;
        if content.len() <= LARGE {
            break;
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests;
