//! What comes of pictures that cameras make, and of files that somebody made to do harm.

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{GrayImage, ImageEncoder, Luma, Rgba, RgbaImage};

use super::*;

/// A picture whose left half is dark and whose right half is light.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        image::Rgb(if x < width / 2 { [20, 20, 20] } else { [230, 230, 230] })
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90)
        .encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .unwrap();
    file
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = picture.dimensions();
    let encoder = PngEncoder::new(&mut file);
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgba8).unwrap();
    file
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut file);
    let (width, height) = picture.dimensions();
    encoder.encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    file
}

/// What a phone writes beside a photo: how it was held, and where.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
    // Tag 0x0112, one SHORT (TIFF 6.0 and Exif 2.3, 4.6.4).
    tiff.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend_from_slice(b"GPS 10.0325 105.7881");
    tiff
}

/// A JPEG with a segment right behind its beginning.
fn with_segment(file: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    let segment = [&[0xFF, marker][..], &length.to_be_bytes(), content].concat();
    [&file[..2], &segment, &file[2..]].concat()
}

fn with_exif(file: &[u8], orientation: u8) -> Vec<u8> {
    with_segment(file, 0xE1, &[b"Exif\0\0", exif(orientation).as_slice()].concat())
}

fn holds(file: &[u8], text: &[u8]) -> bool {
    file.windows(text.len()).any(|part| part == text)
}

fn widest(made: &Made) -> RgbImage {
    image::load_from_memory(&made.files.last().unwrap().content).unwrap().into_rgb8()
}

#[test]
fn a_photo_is_kept_in_three_widths_and_no_larger_than_it_is() {
    let made = make(&jpeg(&halves(2_000, 1_000))).unwrap();
    assert_eq!((made.width, made.height), (1_600, 800));
    let sizes: Vec<_> = made
        .files
        .iter()
        .map(|file| {
            let read = image::load_from_memory(&file.content).unwrap();
            assert_eq!(image::guess_format(&file.content).unwrap(), ImageFormat::Jpeg);
            assert_eq!(file.width, read.width());
            (read.width(), read.height())
        })
        .collect();
    assert_eq!(sizes, [(320, 160), (640, 320), (1_600, 800)]);
    let small = make(&webp(&halves(100, 60))).unwrap();
    assert_eq!((small.width, small.height, small.files.len()), (100, 60, 1));
    // The longest of thin pictures still has a pixel of height.
    let thin = make(&jpeg(&halves(4_000, 1))).unwrap();
    assert_eq!((thin.width, thin.height), (1_600, 1));
}

#[test]
fn the_same_photo_is_the_same_picture() {
    let photo = jpeg(&halves(400, 300));
    assert_eq!(make(&photo).unwrap().digest, make(&with_exif(&photo, 1)).unwrap().digest);
    assert_ne!(make(&photo).unwrap().digest, make(&jpeg(&halves(400, 301))).unwrap().digest);
}

#[test]
fn where_a_photo_was_taken_is_gone_and_it_stands_upright() {
    let photo = with_exif(&jpeg(&halves(400, 200)), 6);
    assert!(holds(&photo, b"GPS 10.0325") && holds(&photo, b"Exif"));
    let made = make(&photo).unwrap();
    for file in &made.files {
        assert!(!holds(&file.content, b"GPS") && !holds(&file.content, b"Exif"));
    }
    // Held at a quarter turn: what was left is above.
    assert_eq!((made.width, made.height), (200, 400));
    let picture = widest(&made);
    assert!(picture.get_pixel(100, 20).0[0] < 100 && picture.get_pixel(100, 380).0[0] > 150);
}

#[test]
fn what_hides_in_a_picture_does_not_come_through() {
    let script = b"<script>alert(1)</script>";
    let commented = with_segment(&jpeg(&halves(400, 200)), 0xFE, script);
    let archive = b"PK\x03\x04 and a program";
    let both = [commented.as_slice(), script, archive].concat();
    let made = make(&both).unwrap();
    for file in &made.files {
        assert!(!holds(&file.content, b"script") && !holds(&file.content, b"PK\x03\x04"));
        assert!(file.content.ends_with(&[0xFF, 0xD9]), "nothing stands behind the end");
    }
    let drawn = png(&RgbaImage::from_pixel(40, 40, Rgba([9, 9, 9, 255])));
    let made = make(&[drawn.as_slice(), archive].concat()).unwrap();
    assert!(!holds(&made.files[0].content, b"PK\x03\x04"));
}

#[test]
fn what_can_be_seen_through_stands_on_white() {
    let mut drawn = RgbaImage::from_pixel(60, 60, Rgba([0, 0, 0, 0]));
    for y in 0..30 {
        for x in 0..60 {
            drawn.put_pixel(x, y, Rgba([200, 0, 0, 255]));
        }
    }
    let picture = widest(&make(&png(&drawn)).unwrap());
    let below = picture.get_pixel(30, 50).0;
    assert!(below.iter().all(|channel| *channel > 240), "{below:?}");
    assert!(picture.get_pixel(30, 8).0[0] > 150);
}

#[test]
fn a_picture_of_one_colour_is_a_picture_too() {
    let mut file = Vec::new();
    let gray = GrayImage::from_pixel(50, 40, Luma([77]));
    PngEncoder::new(&mut file).write_image(gray.as_raw(), 50, 40, ExtendedColorType::L8).unwrap();
    assert_eq!(make(&file).unwrap().width, 50);
}

/// CRC-32 of a PNG's chunk (PNG, annex D).
fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    (!crc).to_be_bytes()
}

/// Files of a few bytes that claim so many pixels.
fn bombs(width: u16, height: u16) -> [Vec<u8>; 3] {
    let mut drawn = png(&RgbaImage::new(8, 8));
    drawn[16..20].copy_from_slice(&u32::from(width).to_be_bytes());
    drawn[20..24].copy_from_slice(&u32::from(height).to_be_bytes());
    let sum = crc(&drawn[12..29]);
    drawn[29..33].copy_from_slice(&sum);
    let mut photo = jpeg(&halves(8, 8));
    let frame = photo.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    photo[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    photo[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    // VP8L: a byte 0x2F, then both sides less one in 14 bits each (RFC 9649, 3.4).
    let mut lossless = webp(&halves(8, 8));
    let begin = lossless.windows(4).position(|four| four == b"VP8L").unwrap() + 9;
    let fourteen_bits = |side: u16| (u32::from(side) - 1) & 0x3FFF;
    let sides = fourteen_bits(width) | (fourteen_bits(height) << 14);
    lossless[begin..begin + 4].copy_from_slice(&sides.to_le_bytes());
    [drawn, photo, lossless]
}

#[test]
fn a_small_file_that_claims_too_many_pixels_is_refused_by_its_header() {
    for (width, height) in [(8_000, 6_000), (16_000, 2_600)] {
        for bomb in bombs(width, height) {
            assert!(bomb.len() < 2_000, "{}", bomb.len());
            assert_eq!(make(&bomb).unwrap_err(), PictureRefused::TooManyPixels);
        }
    }
    // Longer than any side may be, and few pixels all the same.
    let [drawn, photo, _] = bombs(30_000, 10);
    for bomb in [drawn, photo] {
        assert_eq!(make(&bomb).unwrap_err(), PictureRefused::TooManyPixels);
    }
}

#[test]
fn what_is_no_whole_picture_is_refused() {
    let photo = jpeg(&halves(400, 200));
    let drawn = png(&RgbaImage::from_pixel(400, 200, Rgba([1, 2, 3, 255])));
    for file in [
        &b""[..],
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"\xFF\xD8\xFF",
        &photo[..20],
        &drawn[..drawn.len() / 2],
    ] {
        assert_eq!(
            make(file).unwrap_err(),
            PictureRefused::Unreadable,
            "{:?}",
            &file[..file.len().min(8)]
        );
    }
    assert_eq!(make(&vec![0xFF; MAX_SENT_BYTES + 1]).unwrap_err(), PictureRefused::TooLarge);
}
