//! A font that goes into the file (ISO 32000-1, 9.7: composite fonts). The letters of Vietnamese are in
//! it as precomposed glyphs, so a letter is a glyph and nothing must be shaped.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Name, Pdf, Rect, Ref, Str};
use ttf_parser::{Face, FaceParsingError, GlyphId};
use unicode_normalization::UnicodeNormalization;

const REGULAR: &[u8] = include_bytes!("../../../../fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../../../../fonts/DejaVuSansCondensed-Bold.ttf");

/// Adobe's identity ordering: a code is the number of a glyph.
const IDENTITY: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// What stands for a letter that the font has not.
const MISSING: char = '\u{fffd}';

/// A font of the program.
pub struct Font {
    name: &'static str,
    bytes: &'static [u8],
    face: Face<'static>,
}

impl Font {
    /// The font of text.
    pub fn regular() -> Result<Self, FaceParsingError> {
        let (name, bytes) = ("CHONOI+DejaVuSansCondensed", REGULAR);
        Ok(Self { name, bytes, face: Face::parse(bytes, 0)? })
    }

    /// The font of headings and sums.
    pub fn bold() -> Result<Self, FaceParsingError> {
        let (name, bytes) = ("CHONOI+DejaVuSansCondensed-Bold", BOLD);
        Ok(Self { name, bytes, face: Face::parse(bytes, 0)? })
    }

    /// How wide words are, in points.
    pub fn width(&self, words: &str, size: f32) -> f32 {
        let units: u32 =
            words.nfc().map(|letter| u32::from(self.advance(self.glyph(letter)))).sum();
        self.points(units) * size
    }

    /// Words as the numbers of their glyphs.
    pub fn encoded(&self, words: &str) -> Vec<u8> {
        words.nfc().flat_map(|letter| self.glyph(letter).0.to_be_bytes()).collect()
    }

    /// Puts the font into a file: the number of the object that pages name.
    pub fn embed(&self, pdf: &mut Pdf, mut next: impl FnMut() -> Ref) -> Ref {
        let [font, descendant, descriptor, map, file] = [(); 5].map(|()| next());
        let name = Name(self.name.as_bytes());
        pdf.type0_font(font)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(map);
        let mut cid = pdf.cid_font(descendant);
        cid.subtype(CidFontType::Type2)
            .base_font(name)
            .system_info(IDENTITY)
            .font_descriptor(descriptor)
            .default_width(0.0)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let glyphs = 0..self.face.number_of_glyphs();
        let widths = glyphs.map(|glyph| self.thousandths(self.advance(GlyphId(glyph)).into()));
        cid.widths().consecutive(0, widths);
        drop(cid);
        let bounds = self.face.global_bounding_box();
        let scaled = |units: i16| self.thousandths(units.into());
        let (left, bottom) = (scaled(bounds.x_min), scaled(bounds.y_min));
        let (right, top) = (scaled(bounds.x_max), scaled(bounds.y_max));
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(left, bottom, right, top))
            .italic_angle(0.0)
            .ascent(scaled(self.face.ascender()))
            .descent(scaled(self.face.descender()))
            .cap_height(scaled(self.face.capital_height().unwrap_or(self.face.ascender())))
            .stem_v(80.0)
            .font_file2(file);
        let mut unicode = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for (glyph, letter) in self.letters() {
            unicode.pair(glyph, letter);
        }
        pdf.cmap(map, unicode.finish().as_slice());
        pdf.stream(file, self.bytes).pair(Name(b"Length1"), length(self.bytes));
        font
    }

    fn glyph(&self, letter: char) -> GlyphId {
        let found = self.face.glyph_index(letter).or_else(|| self.face.glyph_index(MISSING));
        found.unwrap_or(GlyphId(0))
    }

    fn advance(&self, glyph: GlyphId) -> u16 {
        self.face.glyph_hor_advance(glyph).unwrap_or(0)
    }

    /// Which letter each glyph is, so that text can be found and copied.
    fn letters(&self) -> BTreeMap<u16, char> {
        let mut letters = BTreeMap::new();
        let tables = self.face.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables);
        for table in tables.filter(ttf_parser::cmap::Subtable::is_unicode) {
            table.codepoints(|code| {
                if let (Some(glyph), Some(letter)) = (table.glyph_index(code), char::from_u32(code))
                {
                    letters.entry(glyph.0).or_insert(letter);
                }
            });
        }
        letters
    }

    #[expect(clippy::cast_precision_loss, reason = "widths of lines are far below 2^24")]
    fn points(&self, units: u32) -> f32 {
        units as f32 / f32::from(self.face.units_per_em())
    }

    #[expect(clippy::cast_precision_loss, reason = "units of a font are below 2^16")]
    fn thousandths(&self, units: i32) -> f32 {
        units as f32 * 1_000.0 / f32::from(self.face.units_per_em())
    }
}

fn length(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).unwrap_or(i32::MAX)
}
